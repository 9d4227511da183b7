// @ts-check
/** npm run check: types, lint rules and formatting. Needs the packages, not the engine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext } from './setup/context.mjs';
import { launch, wasInterrupted } from './setup/launch.mjs';
import { environmentFor } from './setup/node-runtime.mjs';
import { seconds } from './setup/print.mjs';
import { writeResults } from './setup/results.mjs';
import { runMain, runSetup } from './setup/run.mjs';

/** @param {string} root @param {string} name @param {string} program */
function binOf(root, name, program) {
  const home = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return join(home, typeof bin === 'string' ? bin : bin[program]);
}

await runMain(async () => {
  const context = createContext();
  const { root, state } = context;
  const { node } = await runSetup(context, { engine: 'leave', variant: null, app: false });
  /** @type {[string, string[]][]} */
  const checks = [
    ['types (vue-tsc)', [binOf(root, 'vue-tsc', 'vue-tsc'), '--noEmit', '-p', 'tsconfig.json']],
    ['lint rules (eslint)', [binOf(root, 'eslint', 'eslint'), '.']],
    ['formatting (prettier)', [binOf(root, 'prettier', 'prettier'), '--check', '.']],
  ];
  const options = { cwd: root, env: environmentFor(context, node) };
  let failed = 0;
  // Side by side: each of them works on one core alone, and speaks at its end.
  const outcome = await Promise.all(
    checks.map(async ([name, args]) => {
      const started = Date.now();
      const code = await launch(node.path, args, options);
      if (code !== 0) failed += 1;
      return `  ${code === 0 ? 'good' : 'BAD '}  ${name}, ${seconds(Date.now() - started)}`;
    }),
  );
  if (wasInterrupted()) return 130;
  writeResults(state, 'check', { passed: checks.length - failed, failed, skipped: 0 });
  console.log(`\n${outcome.join('\n')}`);
  return failed === 0 ? 0 : 1;
});
