// @ts-check
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  if (env.SALIENCY_STUDIO_CACHE) return resolve(env.SALIENCY_STUDIO_CACHE);
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'saliency-studio');
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'saliency-studio', 'cache');
  }
  // The base directory specification says that a relative value is to be ignored.
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(home, '.cache');
  return join(base, 'saliency-studio');
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
