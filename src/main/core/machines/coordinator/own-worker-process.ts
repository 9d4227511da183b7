import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type InstalledFiles } from '../../storage/installed-files';
import { type StartOwnWorker } from './own-worker';

/**
 * The built command line as this machine's own worker, which ends with the process that started it, however
 * that ends.
 */
export function ownWorkerProcess({ node, root }: InstalledFiles): StartOwnWorker {
  return ({ joinFile, threads, store }) =>
    spawn(
      node,
      [
        join(root, 'out', 'main', 'cli.js'),
        'worker',
        ...['--join', joinFile],
        ...['--threads', String(threads)],
        ...['--store', store],
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
}
