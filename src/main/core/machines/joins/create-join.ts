import { conflict, refuse } from '../../../../shared/errors';
import { type JoinFile } from '../join-file';
import { machinesFolder } from '../machines-folder';
import { type QueueAddress } from '../queue/address';
import { certificateFor } from './certificate';
import { Joins } from './joins';
import {
  fixListener,
  isLoopback,
  type Listener,
  listenerUrl,
  parseListen,
  readListener,
} from './listener';

export interface JoinRequest {
  /** Default the next that is free: worker-1, worker-2, … */
  readonly name: string | null;
  /** ADDRESS or ADDRESS:PORT at which workers reach this machine; default what was fixed before, else loopback. */
  readonly listen: string | null;
  /** A folder that worker and coordinator both see. */
  readonly sharedFolder: string | null;
}

interface Parts {
  readonly dataDir: string;
  readonly now: () => Date;
  /** Null: there is no queue. */
  readonly queue: QueueAddress | null;
  /** Of what belongs to the data directory in the queue. */
  readonly prefix: string;
}

/** What a worker needs to join, and what a person should know of it. */
export interface MadeJoin {
  readonly file: JoinFile;
  readonly notes: readonly string[];
}

/**
 * Let somebody else's machine, or another process of this one, join. Works beside a running application,
 * which lets the token in at once.
 *
 * @throws StudioError `conflict` where there is no queue, or it is not to be reached from elsewhere
 */
export async function createJoin(
  { dataDir, now, queue, prefix }: Parts,
  { name, listen, sharedFolder }: JoinRequest,
): Promise<MadeJoin> {
  if (!queue) {
    throw conflict(
      'There is no queue yet: give its address (Settings, Machines), or start one to try (`queue try`).',
    );
  }
  const folder = machinesFolder(dataDir);
  const fixed = readListener(folder);
  const asked = askedListener(listen, fixed);
  requireReachable(queue, asked.host);
  const joins = new Joins(folder, now);
  const listener = await listenerFor(folder, fixed, asked, sharedFolder);
  const certificate = isLoopback(listener.host)
    ? null
    : await certificateFor(folder, listener.host, now());
  const { name: called, token } =
    name === null ? joins.createNext() : { name, token: joins.create(name) };
  const notes =
    fixed && listenerUrl(fixed) !== listenerUrl(listener)
      ? [
          `Workers reach the application at another address from its next start on: join files that name ${listenerUrl(fixed)} must be made anew.`,
        ]
      : [];
  return {
    file: {
      version: 1,
      name: called,
      prefix,
      queue,
      coordinator: {
        url: listenerUrl(listener),
        ca: certificate?.ca ?? null,
        sharedFolder: listener.sharedFolder,
        token,
      },
    },
    notes,
  };
}

function askedListener(
  listen: string | null,
  fixed: Listener | null,
): { host: string; port: number | null } {
  if (listen === null) return fixed ?? { host: '127.0.0.1', port: null };
  const asked = parseListen(listen, '--listen');
  // The same address keeps its port, which other join files name.
  return asked.port === null && asked.host === fixed?.host ? fixed : asked;
}

/** Whoever is let in from elsewhere must reach the queue, too, and nobody between may read its password. */
function requireReachable(queue: QueueAddress, host: string): void {
  if (isLoopback(host)) return;
  if (isLoopback(queue.host)) {
    throw refuse(
      '--listen',
      host,
      `127.0.0.1 while the queue is at ${queue.host}, which no other machine reaches: give the queue an address of its own first (Settings, Machines)`,
    );
  }
  if (queue.tls === null) {
    throw refuse(
      '--listen',
      host,
      '127.0.0.1 while the queue is reached without TLS: its password would cross the network in plain text (Settings, Machines, TLS)',
    );
  }
}

async function listenerFor(
  folder: ReturnType<typeof machinesFolder>,
  fixed: Listener | null,
  asked: { host: string; port: number | null },
  sharedFolder: string | null,
): Promise<Listener> {
  const shared = sharedFolder ?? fixed?.sharedFolder ?? null;
  const same = fixed && fixed.host === asked.host && fixed.port === asked.port;
  if (same && shared === fixed.sharedFolder) return fixed;
  return fixListener(folder, { host: asked.host, port: asked.port, sharedFolder: shared });
}
