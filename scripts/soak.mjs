// @ts-check
/**
 * npm run soak: the tests that make files at random (*fuzz.test.ts), with many more of them than a run
 * of all tests makes.
 *   npm run soak -- [FILTER…] [--files N]   N for each property, 50,000 by itself
 */
import { join } from 'node:path';
import { createContext } from './setup/context.mjs';
import { launch } from './setup/launch.mjs';
import { environmentFor } from './setup/node-runtime.mjs';
import { runMain, runSetup } from './setup/run.mjs';

const usage = 'npm run soak -- [FILTER…] [--files N], N a whole number above 0';

/** @param {string[]} args */
function parsed(args) {
  const at = args.indexOf('--files');
  const files = at < 0 ? '50000' : (args[at + 1] ?? '');
  const filters = at < 0 ? args : args.toSpliced(at, 2);
  const isRight = /^[1-9]\d*$/.test(files) && !filters.some((filter) => filter.startsWith('-'));
  return isRight ? { files, filters } : null;
}

await runMain(async () => {
  const asked = parsed(process.argv.slice(2));
  if (!asked) {
    console.error(usage);
    return 2;
  }
  const context = createContext();
  const { node } = await runSetup(context, { engine: 'leave', variant: null, app: true });
  const vitest = join(context.root, 'node_modules', 'vitest', 'vitest.mjs');
  const filters = asked.filters.length > 0 ? asked.filters : ['fuzz'];
  return launch(node.path, [vitest, 'run', ...filters], {
    cwd: context.root,
    env: { ...environmentFor(context, node), SOAK_FILES: asked.files },
  });
});
