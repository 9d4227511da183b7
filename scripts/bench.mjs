// @ts-check
/** npm run bench: set-up with the engine, then the measurements. */
import { join } from 'node:path';
import { createContext } from './setup/context.mjs';
import { launch, orphanGuard } from './setup/launch.mjs';
import { environmentFor } from './setup/node-runtime.mjs';
import { UsageError, takeSetupOptions } from './setup/options.mjs';
import { describeProblem } from './setup/print.mjs';
import { runMain, runSetup } from './setup/run.mjs';
import { bringValkey, VALKEY_VARIABLE } from './setup/valkey.mjs';

/** What is measured besides the engine beside PyTorch.
 * @type {Record<string, string>} */
const entries = {
  // A grid on many workers, by the times of a run.
  machines: 'machines-simulated.mjs',
  // What PyTorch wrote, brought in, beside what PyTorch makes of it.
  'torch-import': 'torch-import.mjs',
  // A coordinator, a queue and workers as processes of this machine.
  lab: join('machines', 'run.mjs'),
  // The import of many images of one's own, or of large ones.
  'own-images': 'own-images.mjs',
  // The import of gigabytes of maps.
  'foreign-maps': 'foreign-maps.mjs',
  // A thousand thumbnails that scroll in a browser.
  scrolling: 'scrolling.mjs',
};

await runMain(async () => {
  try {
    const { variant, rest } = takeSetupOptions(process.argv.slice(2));
    const context = createContext();
    const { node, engine } = await runSetup(context, { engine: 'bring', variant, app: true });
    if (!engine?.ok) {
      const message = `There is nothing to measure without the engine: ${engine?.reason ?? ''}`;
      console.error(describeProblem({ message, remedy: engine?.remedy }));
      return 1;
    }
    const [first = '', ...others] = rest;
    const named = entries[first];
    const [file, given] = named ? [named, others] : ['run.mjs', rest];
    const entry = join(context.root, 'bench', file);
    return await launch(node.path, ['--import', orphanGuard, entry, ...given], {
      cwd: context.root,
      env:
        first === 'lab'
          ? { ...environmentFor(context, node), [VALKEY_VARIABLE]: await bringValkey(context) }
          : environmentFor(context, node),
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
});
