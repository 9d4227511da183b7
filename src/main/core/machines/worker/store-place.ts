import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where a worker's store lies by default: with what may be fetched again, a user's own on each machine. */
export function defaultStorePlace(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  return join(cacheFolder(platform, env, home), 'saliency-studio', 'worker');
}

function cacheFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): string {
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
  const own = env['XDG_CACHE_HOME'];
  return own !== undefined && isAbsolute(own) ? own : join(home, '.cache');
}
