// @ts-check
/** npm run setup: everything that the other commands need, without starting anything. */
import { createContext } from './setup/context.mjs';
import { SETUP_OPTIONS_HELP, UsageError, takeSetupOptions } from './setup/options.mjs';
import { describeProblem } from './setup/print.mjs';
import { runMain, runSetup } from './setup/run.mjs';

const HELP = `npm run setup -- [options]

Installs the packages, brings TensorFlow's library and builds the application.
Run again, it does what is missing and nothing else.

${SETUP_OPTIONS_HELP}`;

await runMain(async () => {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(HELP);
    return 0;
  }
  try {
    const { engine, variant, rest } = takeSetupOptions(args);
    if (rest.length > 0) throw new UsageError(`Unknown option ${rest[0]}.`);
    const context = createContext();
    const started = Date.now();
    const ready = await runSetup(context, { engine, variant, app: true });
    if (!context.print.spoke) console.log(`Set-up is complete (${Date.now() - started} ms).`);
    console.log(`  Node ${ready.node.version}, cache in ${context.cache}`);
    if (ready.engine?.ok) {
      console.log(`  Engine: TensorFlow ${ready.engine.tensorflow} (${ready.engine.variant})`);
      return 0;
    }
    const message = ready.engine?.reason ?? '';
    console.log(`  Engine: ${describeProblem({ message, remedy: ready.engine?.remedy })}`);
    return engine === 'without' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${HELP}`);
    return 2;
  }
});
