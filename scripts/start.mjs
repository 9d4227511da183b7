// @ts-check
/** npm start: set-up, then the application in Electron or, where that cannot be, in the browser. */
import { join } from 'node:path';
import { createContext } from './setup/context.mjs';
import { binaryObstacle, electronObstacle, ensureElectron } from './setup/electron.mjs';
import { launch, orphanGuard } from './setup/launch.mjs';
import { environmentFor } from './setup/node-runtime.mjs';
import { SETUP_OPTIONS_HELP, UsageError } from './setup/options.mjs';
import { describeProblem } from './setup/print.mjs';
import { runMain, runSetup } from './setup/run.mjs';
import { readStartOptions } from './setup/start-options.mjs';

const HELP = `npm start -- [options]

Sets everything up where needed, then opens Saliency Studio.

  --data DIR    data directory (default: your own, in the system's usual place)
  --browser     open it in the browser instead of Electron
  --electron    try again to download Electron, though that failed in the last day
  --port N      port of the browser shell (default: a free one); takes the browser shell
  --no-open     browser shell: print the address and open no browser
${SETUP_OPTIONS_HELP}`;

/**
 * @param {import('./setup/context.mjs').Context} context
 * @param {import('./setup/node-runtime.mjs').NodeRuntime} node
 * @param {import('./setup/start-options.mjs').StartOptions} options
 * @returns {Promise<{binary: string} | {why: string | null}>} why: not Electron; null where asked for
 */
async function chooseShell(context, node, options) {
  if (options.browser) return { why: null };
  const { platform, env } = context;
  const desktop = { platform, env, user: process.getuid?.() };
  const obstacle = electronObstacle(desktop);
  if (obstacle !== null) return { why: obstacle };
  const electron = await ensureElectron(context, node, { retry: options.electron });
  if ('why' in electron) return electron;
  const lack = binaryObstacle(electron.binary, desktop);
  return lack === null ? electron : { why: lack };
}

/** @param {readonly string[]} args @returns {Promise<number>} */
async function main(args) {
  const options = readStartOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const context = createContext();
  const ready = await runSetup(context, {
    engine: options.engine,
    variant: options.variant,
    app: true,
  });
  if (options.engine === 'bring' && ready.engine?.ok === false) {
    const { reason, remedy } = ready.engine;
    console.log(
      `The engine is not available: ${describeProblem({ message: reason ?? '', remedy })}`,
    );
    console.log('Saliency Studio opens without it; what needs no engine works.');
  }
  const { root } = context;
  const env = environmentFor(context, ready.node);
  const passed = [
    ...(options.data === null ? [] : ['--data', options.data]),
    ...(options.engine === 'without' ? ['--no-engine'] : []),
  ];
  const shell = await chooseShell(context, ready.node, options);
  if ('binary' in shell) return launch(shell.binary, [root, ...passed], { cwd: root, env });
  if (shell.why !== null) console.log(`Opening in the browser, not in Electron: ${shell.why}.`);
  const web = [
    ...(options.port === null ? [] : ['--port', options.port]),
    ...(options.open ? [] : ['--no-open']),
  ];
  const entry = join(root, 'out', 'main', 'web.js');
  return launch(ready.node.path, ['--import', orphanGuard, entry, ...passed, ...web], {
    cwd: process.cwd(),
    env,
  });
}

await runMain(async () => {
  try {
    return await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${HELP}`);
    return 2;
  }
});
