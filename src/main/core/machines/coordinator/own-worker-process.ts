import { spawn } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type InstalledFiles } from '../../storage/installed-files';
import { type StartOwnWorker } from './own-worker';

const gib = 2 ** 30;
/** GiB that its store may take in any case: a dataset, and what an item begins with and makes. */
const least = 4;

/**
 * GiB of its store, in the data directory's own file system, which the results need, too: half of what is
 * free there, since nobody sets it. What it gave up comes again from this machine.
 *
 * @param free bytes
 */
export const ownStoreSize = (free: number): number => Math.max(least, Math.floor(free / 2 / gib));

/**
 * The built command line as this machine's own worker, which ends with the process that started it, however
 * that ends.
 */
export function ownWorkerProcess({ node, root }: InstalledFiles): StartOwnWorker {
  return ({ joinFile, threads, store }) => {
    // Of one whose application was killed.
    removeOwnStore(store);
    const child = spawn(
      node,
      [
        join(root, 'out', 'main', 'cli.js'),
        'worker',
        ...['--join', joinFile],
        ...['--threads', String(threads)],
        ...['--store', store],
        ...['--store-size', String(ownStoreSize(freeBeside(store)))],
      ],
      {
        // It hears by the channel that whoever started it is gone.
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        // A Ctrl+C is for the application, which says when its worker ends.
        detached: process.platform !== 'win32',
        windowsHide: true,
        // Where the application itself is the only Node at hand.
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      },
    );
    child.once('exit', () => removeOwnStore(store));
    return child;
  };
}

/** Bytes that are free where it will lie; 0 where nobody says. */
function freeBeside(store: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(store));
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** Its own worker’s store ends with it: all that is in it is elsewhere in the data directory, too. */
export function removeOwnStore(store: string): void {
  try {
    rmSync(store, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The next one's begin or end takes it away.
  }
}
