import { statfs } from 'node:fs/promises';
import { StudioError } from '../../shared/errors';

/**
 * Look for room before something is written.
 *
 * @param folder that is there
 * @param needed bytes
 * @param what it is, as a sentence begins
 * @throws StudioError `disk-full`
 */
export async function requireFree(folder: string, needed: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free > needed) return;
  const inMegabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
  throw new StudioError({
    code: 'disk-full',
    message: `${what} takes ${inMegabytes(needed)}, and the disk has ${inMegabytes(free)} left: free some space, then import again.`,
    details: { path: folder },
  });
}
