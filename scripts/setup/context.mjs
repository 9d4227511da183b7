// @ts-check
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './errors.mjs';
import { createPrinter } from './print.mjs';

/**
 * Everything set-up takes from outside, in one value, so that a test can build its own.
 * @typedef {object} Context
 * @property {string} root the repository
 * @property {string} state stamps, lock and results of this clone
 * @property {string} cache per-user files that every clone shares
 * @property {NodeJS.ProcessEnv} env
 * @property {NodeJS.Platform} platform
 * @property {string} arch
 * @property {import('./print.mjs').Printer} print
 */

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * @param {{env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string}} where
 * @returns {string} the per-user cache: SALIENCY_STUDIO_CACHE, else the system's own place
 */
export function cacheDirectory({ env, platform, home }) {
  if (env.SALIENCY_STUDIO_CACHE !== undefined) return namedCache(env.SALIENCY_STUDIO_CACHE);
  if (!isAbsolute(home)) {
    throw badVariable('HOME', home, 'the whole path of a folder', 'Set it to your home folder');
  }
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'saliency-studio');
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'saliency-studio', 'cache');
  }
  // The base directory specification says that a relative value is to be ignored.
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(home, '.cache');
  return join(base, 'saliency-studio');
}

/**
 * A cache that is named badly is found here, before a download ends in it.
 * @param {string} named
 * @returns {string}
 * @throws {SetupError}
 */
function namedCache(named) {
  // A relative one would be another folder with each place that a command is run from.
  const found = isAbsolute(named) ? statSync(named, { throwIfNoEntry: false }) : null;
  if (found !== null && (!found || found.isDirectory())) return resolve(named);
  throw badVariable(
    'SALIENCY_STUDIO_CACHE',
    named,
    'the whole path of a folder, there or to be made',
    'Set it to the whole path of a folder of yours, or unset it',
  );
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} accepted
 * @param {string} remedy
 */
function badVariable(name, value, accepted, remedy) {
  return new SetupError(
    'bad-variable',
    `${name} is ${JSON.stringify(value)}; accepted: ${accepted}.`,
    `${remedy}, and run the command again.`,
  );
}

/**
 * @param {Partial<Context>} [overrides]
 * @returns {Context}
 */
export function createContext(overrides = {}) {
  const root = overrides.root ?? repositoryRoot;
  const env = overrides.env ?? process.env;
  const platform = overrides.platform ?? process.platform;
  return {
    root,
    state: join(root, '.setup'),
    cache: cacheDirectory({ env, platform, home: homedir() }),
    arch: process.arch,
    print: createPrinter(process.stdout),
    ...overrides,
    env,
    platform,
  };
}
