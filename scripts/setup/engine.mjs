// @ts-check
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  addonFile,
  addonPackage,
  addons,
  cachedAddon,
  cachedAddonIntact,
  compileAddon,
  explainLoad,
  findCompiler,
  installAddon,
  librariesLinked,
  linkLibraries,
  loadAddons,
} from './addon.mjs';
import { SetupError } from './errors.mjs';
import { readJson, writeAtomically } from './files.mjs';
import { withLock } from './lock.mjs';
import { checkPip, findPython } from './python.mjs';
import { readStamp, removeStamp, writeStamp } from './stamps.mjs';
import { ensureTensorflow, tensorflowComplete, tensorflowDirectory } from './tensorflow.mjs';
import {
  checkSystemLibrary,
  chooseVariant,
  glibcVersion,
  hasNvidiaDriver,
  wheelSet,
} from './wheels.mjs';

/**
 * The engine's part of set-up may fail without the rest failing: what came of it is data,
 * in .setup/engine.json, for the application and its doctor.
 * @typedef {{ok: boolean, variant: import('./wheels.mjs').Variant | null,
 *   tensorflow: string | null, reason: string | null, remedy: string | null}} EngineState
 */

const STAMP = 'engine';
const CHOICE = 'variant';

/** @param {string} state */
export function engineStateFile(state) {
  return join(state, 'engine.json');
}

/** @param {string} state @param {EngineState} engine */
function announce(state, engine) {
  const file = engineStateFile(state);
  if (JSON.stringify(readJson(file)) === JSON.stringify(engine)) return;
  writeAtomically(file, `${JSON.stringify(engine, null, 2)}\n`);
}

/**
 * --no-engine: nothing is tried. What an earlier set-up found stays on record; the shells are
 * told by the same option not to use it.
 * @param {import('./context.mjs').Context} context
 * @returns {EngineState}
 */
export function goWithoutEngine({ state }) {
  const known = readJson(engineStateFile(state));
  if (known !== null) return known;
  const engine = {
    ok: false,
    variant: null,
    tensorflow: null,
    reason: 'Set-up was told to go without the engine (--no-engine).',
    remedy: 'Start again without --no-engine.',
  };
  announce(state, engine);
  return engine;
}

/** @param {string} file */
function fileMark(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.size}-${stat.mtimeMs}` : 'absent';
}

/** Whether this clone has had the engine, be it up to date or not. @param {string} state */
export function engineWasBuilt(state) {
  return readStamp(state, STAMP) !== null;
}

/** The addons as installed, and what they should be built from. @param {string} root */
function addonMarks(root) {
  return addons(root).map((addon) => `${addon.version} ${fileMark(addonFile(root, addon))}`);
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {import('./wheels.mjs').Variant | null} requested
 */
function wantedSet(context, requested) {
  const remembered = readStamp(context.state, CHOICE)?.variant ?? null;
  const variant = chooseVariant({ requested, remembered, driver: hasNvidiaDriver(context) });
  return wheelSet(context.root, { platform: context.platform, arch: context.arch, variant });
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 * @param {import('./wheels.mjs').Variant | null} requested
 * @returns {EngineState | null} the engine as it stands; null where there is work to do
 */
export function currentEngine(context, node, requested) {
  const { root, state, cache } = context;
  const stamp = readStamp(state, STAMP);
  if (stamp === null) return null;
  try {
    const set = wantedSet(context, requested);
    const tensorflow = tensorflowDirectory(cache, set);
    const same =
      stamp.set === set.id &&
      stamp.node === node.version &&
      JSON.stringify(stamp.addons) === JSON.stringify(addonMarks(root)) &&
      stamp.directory === tensorflow &&
      librariesLinked(addonPackage(root), { tensorflow, set }) &&
      tensorflowComplete(cache, set);
    if (!same) return null;
    const engine = engineOf(set);
    announce(state, engine);
    return engine;
  } catch {
    return null;
  }
}

/** @param {import('./wheels.mjs').WheelSet} set @returns {EngineState} */
function engineOf(set) {
  return { ok: true, variant: set.variant, tensorflow: set.tensorflow, reason: null, remedy: null };
}

/**
 * Brings TensorFlow and its addon, from the cache where it can.
 * @param {import('./context.mjs').Context} context
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 * @param {import('./wheels.mjs').Variant | null} requested by an option; kept for later runs
 * @returns {Promise<EngineState>}
 */
export async function ensureEngine(context, node, requested) {
  const { state, print } = context;
  if (requested !== null) writeStamp(state, CHOICE, { variant: requested });
  const current = currentEngine(context, node, requested);
  if (current !== null) return current;
  removeStamp(state, STAMP);
  /** @type {import('./wheels.mjs').WheelSet | null} */
  let set = null;
  try {
    set = wantedSet(context, requested);
    await bringEngine(context, node, set);
    const engine = engineOf(set);
    announce(state, engine);
    return engine;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const remedy =
      set?.variant === 'cuda' && requested === null
        ? `${error.remedy}\n    Or do without the GPU: add --cpu.`
        : error.remedy;
    const engine = { ok: false, variant: null, tensorflow: null, reason: error.message, remedy };
    announce(state, engine);
    print.step('engine', `not available: ${error.message.split('\n')[0]}`);
    return engine;
  }
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 * @param {import('./wheels.mjs').WheelSet} set
 */
async function bringEngine(context, node, set) {
  const { root, cache, state, print } = context;
  const systemLibrary = glibcVersion();
  checkSystemLibrary(context.platform, systemLibrary);
  const tensorflow = tensorflowDirectory(cache, set);
  const input = { context, node, set, tensorflow };
  const built = addons(root).map((addon) => ({
    addon,
    target: cachedAddon(input, addon, systemLibrary),
  }));
  const onWait = (/** @type {number} */ pid) =>
    print.step('engine', `another set-up (process ${pid}) is filling the cache; waiting for it`);

  /** @param {boolean} compileAnew @returns {Promise<boolean>} whether it compiled */
  const fill = async (compileAnew) => {
    const missing = () => built.filter(({ target }) => compileAnew || !cachedAddonIntact(target));
    if (tensorflowComplete(cache, set) && missing().length === 0) return false;
    return withLock(join(cache, 'lock'), { onWait }, async () => {
      // What will be needed is looked for before hundreds of megabytes are fetched.
      const compiles = missing();
      const python = once(() => findPython(context));
      if (compiles.length > 0) await checkTools(context, python);
      await ensureTensorflow(context, set, {
        python: async () => {
          await checkPip(context, await python());
          return python();
        },
      });
      for (const { addon, target } of compiles) {
        await compileAddon(input, addon, await python(), target);
      }
      return compiles.length > 0;
    });
  };
  const install = () => {
    linkLibraries(addonPackage(root), input);
    for (const { addon, target } of built) installAddon(root, addon, target);
    return loadAddons(context, node);
  };

  const compiled = await fill(false);
  let loaded = await install();
  if (!loaded.ok && !compiled) {
    print.step('addon', `what is in the cache does not load (${loaded.why}); compiling it anew`);
    await fill(true);
    loaded = await install();
  }
  if (!loaded.ok) throw explainLoad(loaded.why, processorFlags(context.platform));
  print.step('addon', `works, with TensorFlow ${loaded.tensorflow} (${set.variant})`);
  writeStamp(state, STAMP, {
    set: set.id,
    node: node.version,
    addons: addonMarks(root),
    directory: tensorflow,
  });
}

/**
 * Compiler and Python: where both are missing, both are named at once.
 * @param {import('./context.mjs').Context} context
 * @param {() => Promise<string>} python
 */
async function checkTools(context, python) {
  /** @type {SetupError[]} */
  const missing = [];
  for (const look of [async () => findCompiler(context), python]) {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      missing.push(error);
    }
  }
  const [first, second] = missing;
  if (first === undefined) return;
  if (second === undefined) throw first;
  throw new SetupError(
    first.code,
    `${first.message} ${second.message}`,
    `${first.remedy}\n    And: ${second.remedy}`,
  );
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {() => Promise<T>}
 */
function once(work) {
  /** @type {Promise<T> | null} */
  let result = null;
  return () => (result ??= work());
}

/** @param {NodeJS.Platform} platform */
function processorFlags(platform) {
  if (platform !== 'linux') return '';
  try {
    return /^flags\s*:.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] ?? '';
  } catch {
    return '';
  }
}
