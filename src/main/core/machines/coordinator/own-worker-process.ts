import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type InstalledFiles } from '../../storage/installed-files';
import { type StartOwnWorker } from './own-worker';

/**
 * GiB of its store, in the data directory's own file system: a large dataset, and what an item begins with
 * and makes. What it gave up comes again from this machine.
 */
const storeSize = 4;

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
        ...['--store-size', String(storeSize)],
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

/** Its own worker’s store ends with it: all that is in it is elsewhere in the data directory, too. */
export function removeOwnStore(store: string): void {
  try {
    rmSync(store, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The next one's begin or end takes it away.
  }
}
