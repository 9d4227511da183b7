// @ts-check
import { join } from 'node:path';
import { appCurrent, ensureApp } from './app.mjs';
import { currentEngine, ensureEngine, goWithoutEngine } from './engine.mjs';
import { explainSystem, SetupError } from './errors.mjs';
import { withLock } from './lock.mjs';
import { checkNodeRuns, checkNodeVersion, findNode } from './node-runtime.mjs';
import { checkRoot } from './path-names.mjs';
import { ensurePackages, packagesCurrent } from './packages.mjs';
import { describeProblem, seconds } from './print.mjs';
import { stopToolsOnSignals } from './process.mjs';

/**
 * @typedef {{engine: 'bring' | 'without' | 'leave', variant: import('./wheels.mjs').Variant | null,
 *   app: boolean}} Wanted
 *   engine: bring it, go without it (--no-engine), or leave it as it is
 * @typedef {{node: import('./node-runtime.mjs').NodeRuntime,
 *   engine: import('./engine.mjs').EngineState | null}} Ready
 */

/**
 * @param {import('./context.mjs').Context} context
 * @param {Wanted} wanted
 * @returns {Ready | null} null where there is work to do
 */
function alreadyReady(context, wanted) {
  if (!packagesCurrent(context)) return null;
  const node = findNode(context);
  if (wanted.app && !appCurrent(context)) return null;
  if (wanted.engine !== 'bring') {
    return { node, engine: wanted.engine === 'without' ? goWithoutEngine(context) : null };
  }
  const engine = currentEngine(context, node, wanted.variant);
  return engine === null ? null : { node, engine };
}

/**
 * Set-up: packages, Node, TensorFlow, addon, application, each only where it is not there yet.
 * @param {import('./context.mjs').Context} context
 * @param {Wanted} wanted
 * @returns {Promise<Ready>}
 * @throws {SetupError} where anything but the engine fails; the engine's failure is in the result
 */
export async function runSetup(context, wanted) {
  const { state, print } = context;
  checkNodeVersion(process.versions.node);
  checkRoot(context);
  const ready = alreadyReady(context, wanted);
  if (ready !== null) return ready;
  const started = Date.now();
  print.line('Set-up');
  const stopListening = stopToolsOnSignals();
  try {
    const onWait = (/** @type {number} */ pid) =>
      print.step('set-up', `another set-up (process ${pid}) is at work here; waiting for it`);
    return await withLock(join(state, 'lock'), { onWait }, async () => {
      const installed = await ensurePackages(context);
      const node = findNode(context);
      if (installed) {
        checkNodeRuns(node);
        print.step('Node', `${node.version} from ${node.path}`);
      }
      const engine =
        wanted.engine === 'bring'
          ? await ensureEngine(context, node, wanted.variant)
          : wanted.engine === 'without'
            ? goWithoutEngine(context)
            : null;
      if (wanted.app) await ensureApp(context, node);
      print.step('done', `in ${seconds(Date.now() - started)}`);
      return { node, engine };
    });
  } finally {
    stopListening();
  }
}

/**
 * Runs an entry script: prints what a step lacks instead of a stack, and sets the exit code.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (thrown) {
    const error = explainSystem(thrown);
    if (!(error instanceof SetupError)) throw thrown;
    process.stderr.write(`\nSet-up stopped: ${describeProblem(error)}\n`);
    process.exitCode = error.code === 'bad-variable' ? 2 : 1;
  }
}
