// @ts-check
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SetupError, explainDisk } from './errors.mjs';
import { readJson, sha256, sizeOf, writeAtomically } from './files.mjs';
import { makePlainFolder } from './path-names.mjs';
import { seconds } from './print.mjs';
import { lastLines, runTool, which, withFolderFirst, withoutNpmSettings } from './process.mjs';
import { installCommand } from './remedies.mjs';

/**
 * Node-API addons compiled against the cached library: the binding of @tensorflow/tfjs-node-gpu,
 * and the operations that the engine adds to TensorFlow. The compiled files are kept in the cache
 * too, so that a second clone compiles nothing.
 * @typedef {{name: string, label: string, source: string, parts: string[], version: string}} Addon
 *   source: the folder that holds the parts; version: changes with what is compiled
 * @typedef {{context: import('./context.mjs').Context, node: import('./node-runtime.mjs').NodeRuntime,
 *   set: import('./wheels.mjs').WheelSet, tensorflow: string}} AddonInput
 *   tensorflow: the cached folder with tensorflow/ (and nvidia/)
 */

const NAPI = 8;

/** @param {string} root */
export function addonPackage(root) {
  return join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
}

/** @param {string} root @returns {Addon[]} */
export function addons(root) {
  const binding = addonPackage(root);
  const version = readJson(join(binding, 'package.json'))?.version ?? 'unknown';
  const operations = join(root, 'src', 'engine', 'runtime', 'native');
  const sources = readdirSync(operations).sort();
  const texts = sources.map((name) => [name, readFileSync(join(operations, name), 'utf8')]);
  return [
    {
      name: 'tfjs_binding',
      label: "TensorFlow's addon",
      source: binding,
      parts: ['binding', 'binding.gyp', 'package.json'],
      version: `tfjs-${version}`,
    },
    {
      name: 'studio_operations',
      label: "the engine's own operations",
      source: operations,
      parts: sources,
      version: `operations-${sha256(JSON.stringify(texts)).slice(0, 12)}`,
    },
  ];
}

/**
 * Where an addon is loaded from: they share a folder, whose run path finds the library.
 * @param {string} root
 * @param {Pick<Addon, 'name'>} addon
 */
export function addonFile(root, { name }) {
  return join(addonPackage(root), 'lib', `napi-v${NAPI}`, `${name}.node`);
}

/**
 * @param {AddonInput} input
 * @param {Addon} addon
 * @param {string | undefined} systemLibrary version of glibc, part of what the binary fits
 * @returns {string} the compiled file's place in the cache
 */
export function cachedAddon({ context, node, set }, addon, systemLibrary) {
  const key = [set.id, addon.version, `node-${node.version}`, `libc-${systemLibrary ?? 'none'}`];
  return join(context.cache, 'addon', key.join('_'), `${addon.name}.node`);
}

/**
 * deps/lib and deps/include as the addon's build file and run path expect them, and for CUDA
 * deps/nvidia: the loader takes the library's own place to be deps/lib.
 * @param {string} directory the package's, or a copy's
 * @param {{tensorflow: string, set: import('./wheels.mjs').WheelSet}} input
 */
export function linkLibraries(directory, { tensorflow, set }) {
  const fresh = join(directory, `deps.${process.pid}.new`);
  const old = join(directory, `deps.${process.pid}.old`);
  const deps = join(directory, 'deps');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, 'lib'), { recursive: true });
  for (const [name, target] of Object.entries(set.links)) {
    symlinkSync(join(tensorflow, 'tensorflow', target), join(fresh, 'lib', name));
  }
  symlinkSync(join(tensorflow, 'tensorflow', 'include'), join(fresh, 'include'));
  if (existsSync(join(tensorflow, 'nvidia'))) {
    symlinkSync(join(tensorflow, 'nvidia'), join(fresh, 'nvidia'));
  }
  if (existsSync(deps)) renameSync(deps, old);
  renameSync(fresh, deps);
  rmSync(old, { recursive: true, force: true });
}

/**
 * @param {string} directory
 * @param {{tensorflow: string, set: import('./wheels.mjs').WheelSet}} input
 */
export function librariesLinked(directory, { tensorflow, set }) {
  return Object.entries(set.links).every(([name, target]) => {
    const linked = sizeOf(join(directory, 'deps', 'lib', name));
    return linked >= 0 && linked === sizeOf(join(tensorflow, 'tensorflow', target));
  });
}

/**
 * @param {import('./context.mjs').Context} context
 * @returns {{compiler: string, make: string}}
 */
export function findCompiler({ env, platform }) {
  const names = env.CXX ? [env.CXX.split(' ')[0] ?? ''] : platform === 'darwin' ? ['c++'] : ['g++'];
  const compiler = names.map((name) => which(name, env)).find((path) => path !== null) ?? null;
  const make = which('make', env);
  if (compiler !== null && make !== null) return { compiler, make };
  const missing = [
    compiler === null ? `C++ compiler (${names[0]})` : '',
    make === null ? 'make' : '',
  ];
  throw new SetupError(
    'no-compiler',
    `There is no ${missing.filter(Boolean).join(' and no ')} in PATH: set-up compiles TensorFlow's addon for Node once.`,
    `${installCommand({ env, platform }, 'compiler')}, then run the command again.`,
  );
}

/**
 * Compiles in a copy, so that one in use is never half-built, and in a folder of plain name: make
 * cannot bear a clone, a cache or a home whose path holds a space, a quote, a # or the like. Whose
 * real place node-gyp looks up is copied there, the rest linked.
 * @param {AddonInput} input
 * @param {Addon} addon
 * @param {string} python
 * @param {string} target
 */
export async function compileAddon({ context, node, set, tensorflow }, addon, python, target) {
  const { root, cache, env, platform, print } = context;
  const { compiler } = findCompiler(context);
  if (node.home === null || !existsSync(join(node.home, 'include', 'node', 'node_api.h'))) {
    throw new SetupError(
      'no-headers',
      `Node ${node.version} at ${node.path} comes without its headers, which the addon is compiled with.`,
      'Run `npm ci --include=optional --include=dev` and the command again.',
    );
  }
  const started = Date.now();
  const plain = makePlainFolder(context, 'saliency-studio-addon');
  const copy = join(plain, 'addon');
  print.step('addon', `compiling ${addon.label} for Node ${node.version} with ${compiler}`);
  try {
    mkdirSync(copy);
    /** @param {string} name @param {string} folder */
    const linked = (name, folder) => {
      symlinkSync(folder, join(plain, name), platform === 'win32' ? 'junction' : 'dir');
      return join(plain, name);
    };
    // Beside the link, from which it takes the packages that it needs.
    const modules = linked('node_modules', join(root, 'node_modules'));
    const nodeGyp = join(plain, 'node-gyp');
    cpSync(join(modules, 'node-gyp'), nodeGyp, { recursive: true });
    const headers = join(plain, 'node');
    cpSync(join(node.home, 'include'), join(headers, 'include'), {
      recursive: true,
      // Most of it by size, and no addon of ours includes it.
      filter: (path) => basename(path) !== 'openssl',
    });
    for (const name of addon.parts) {
      cpSync(join(addon.source, name), join(copy, name), { recursive: true });
    }
    linkLibraries(copy, { tensorflow: linked('tensorflow', tensorflow), set });
    const binary = join(copy, 'lib', `napi-v${NAPI}`, `${addon.name}.node`);
    const { code, output } = await runTool(
      node.path,
      [
        ...[join(nodeGyp, 'bin', 'node-gyp.js'), 'rebuild'],
        ...[`--nodedir=${headers}`, `--python=${python}`],
        ...[`--module_name=${addon.name}`, `--module_path=${dirname(binary)}`],
        `--napi_build_version=${NAPI}`,
      ],
      {
        cwd: copy,
        env: withFolderFirst(withoutNpmSettings(env), dirname(node.path)),
        every: () => print.progress('addon', `compiling: ${seconds(Date.now() - started)}`),
      },
    );
    if (code !== 0 || !existsSync(binary)) {
      throw new SetupError(
        'compile-failed',
        `${sentence(addon.label)} does not compile with ${compiler}:\n${lastLines(output, 20)}`,
        'Use a current compiler (g++ 10 or later, or set CXX) and run the command again.',
      );
    }
    await completeForMac(context, binary);
    mkdirSync(dirname(target), { recursive: true });
    // The plain folder may lie on another file system.
    const whole = `${target}.${process.pid}.tmp`;
    cpSync(binary, whole);
    renameSync(whole, target);
    writeAtomically(`${target}.json`, JSON.stringify({ sha256: sha256(readFileSync(target)) }));
  } catch (error) {
    throw explainDisk(error, cache);
  } finally {
    rmSync(plain, { recursive: true, force: true });
  }
  print.step('addon', `compiled in ${seconds(Date.now() - started)}`);
}

/**
 * On macOS the wheel's library calls itself libtensorflow_cc, which the build file does not
 * know: the addon is told to look beside itself and signed again.
 * @param {import('./context.mjs').Context} context
 * @param {string} binary
 */
async function completeForMac({ platform, root, env }, binary) {
  if (platform !== 'darwin') return;
  const options = { cwd: root, env };
  await runTool(
    'install_name_tool',
    ['-add_rpath', '@loader_path/../../deps/lib', binary],
    options,
  );
  await runTool('codesign', ['--force', '--sign', '-', binary], options);
}

/** @param {string} target */
export function cachedAddonIntact(target) {
  const expected = readJson(`${target}.json`)?.sha256;
  return Boolean(expected) && sizeOf(target) > 0 && sha256(readFileSync(target)) === expected;
}

/** @param {string} text */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * @param {string} root
 * @param {Addon} addon
 * @param {string} target the compiled file in the cache
 */
export function installAddon(root, addon, target) {
  const place = addonFile(root, addon);
  mkdirSync(dirname(place), { recursive: true });
  const temporary = `${place}.${process.pid}.tmp`;
  cpSync(target, temporary);
  renameSync(temporary, place);
}

/** Loads the addons as the engine does and asks TensorFlow for its version. */
const LOAD = `
const [binding, operations] = process.argv.slice(1).map((file) => require(file));
operations.install(1);
process.stdout.write('loaded ' + String(binding.TF_Version));
`;

/**
 * @param {import('./context.mjs').Context} context
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 * @returns {Promise<{ok: true, tensorflow: string} | {ok: false, why: string}>}
 */
export async function loadAddons({ root, env }, node) {
  const files = addons(root).map((addon) => addonFile(root, addon));
  const { code, signal, output } = await runTool(node.path, ['-e', LOAD, ...files], {
    cwd: root,
    env: { ...withoutNpmSettings(env), TF_CPP_MIN_LOG_LEVEL: '2' },
    limitMs: 120_000,
  });
  const version = /loaded (\S+)/.exec(output)?.[1];
  if (code === 0 && version) return { ok: true, tensorflow: version };
  return {
    ok: false,
    why: signal ? `it ended with ${signal}. ${lastLines(output, 3)}` : lastLines(output, 6),
  };
}

/** @param {string} why @param {string} cpuFlags the processor's features, as Linux lists them */
export function explainLoad(why, cpuFlags) {
  if (cpuFlags !== '' && !/\bavx\b/.test(cpuFlags)) {
    return new SetupError(
      'no-avx',
      'This processor has no AVX instructions, which TensorFlow needs.',
      'Use a processor with AVX (since 2011); a virtual machine may need its host to pass them on.',
    );
  }
  return new SetupError(
    'addon-does-not-load',
    `TensorFlow's addon was built but does not load: ${why}`,
    'Remove the cache (the folder that `npm run setup` names, or SALIENCY_STUDIO_CACHE) and run `npm run setup` to build it anew.',
  );
}
