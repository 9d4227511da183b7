// @ts-check
/** npm run --silent cli -- COMMAND: set-up on stderr where needed, then the command line. */
import { join } from 'node:path';
import { createContext } from './setup/context.mjs';
import { launch, orphanGuard } from './setup/launch.mjs';
import { environmentFor } from './setup/node-runtime.mjs';
import { UsageError, takeSetupOptions } from './setup/options.mjs';
import { createPrinter } from './setup/print.mjs';
import { runMain, runSetup } from './setup/run.mjs';
import { bringValkey, VALKEY_VARIABLE, wantsValkey } from './setup/valkey.mjs';

await runMain(async () => {
  try {
    const { engine, variant, rest } = takeSetupOptions(process.argv.slice(2));
    // stdout belongs to the command alone.
    const context = createContext({ print: createPrinter(process.stderr) });
    const triesQueue = wantsValkey(rest);
    const { node } = await runSetup(context, {
      engine: triesQueue && engine === 'bring' ? 'leave' : engine,
      variant,
      app: true,
    });
    const env = environmentFor(context, node);
    const entry = join(context.root, 'out', 'main', 'cli.js');
    return await launch(node.path, ['--import', orphanGuard, entry, ...rest], {
      cwd: process.cwd(),
      env: triesQueue ? { ...env, [VALKEY_VARIABLE]: await bringValkey(context) } : env,
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
});
