import { join } from 'node:path';

/**
 * Where a data directory keeps what it knows of other machines: files, since commands write some of
 * them beside a running application. Secrets among them have mode 600.
 */
export function machinesFolder(dataDir: string) {
  const root = join(dataDir, 'machines');
  return {
    root,
    /** The data directory's id in the queue, and where it lay. */
    id: join(root, 'id'),
    /** The queue's address, with its password. */
    queue: join(root, 'queue.json'),
    /** What `queue try` keeps: its server's data and configuration, its address. */
    trial: join(root, 'trial'),
    /** Where jobs are done, and with how many threads. */
    work: join(root, 'work.json'),
    /** Cancellations that workers did not hear of. */
    untold: join(root, 'untold.json'),
    /** The address and port at which the application listens for workers. */
    listener: join(root, 'listener.json'),
    /** The application's own authority and certificate. */
    tls: join(root, 'tls'),
    /** One file a join: its name, the hash of its token, when it was made, used and revoked. */
    joins: join(root, 'joins'),
    /** Of a copy: the id, joins and listener of what it was copied from, which count here no more. */
    original: join(root, 'original'),
    /** Blobs and results that have arrived and are not stored yet. */
    arrivals: join(root, 'arrivals'),
    /** The store of this machine's own worker, while it runs. */
    ownStore: join(root, 'own-worker'),
  } as const;
}
export type MachinesFolder = ReturnType<typeof machinesFolder>;
