import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { conflict, refuse } from '../../../../shared/errors';
import { type JoinFile } from '../join-file';
import { machinesFolder } from '../machines-folder';
import { ownJoin } from '../own-join';
import { type QueueAddress } from '../queue/address';
import { certificateFor } from './certificate';
import { Joins } from './joins';
import {
  chosenPort,
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
 * @throws StudioError `conflict` where there is no queue or the name is taken; `invalid-input` of the field
 *   `name`, `listen` or `sharedFolder`
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
  if (name === ownJoin) {
    throw refuse('name', name, 'another name: this one is of this machine’s own worker');
  }
  const askedOf = (fixed: Listener | null): Place => {
    const asked = askedListener(listen, fixed);
    requireReachable(queue, asked.host);
    return asked;
  };
  askedOf(readListener(folder));
  const shared = sharedFolder === null ? null : folderOf(sharedFolder);
  const joins = new Joins(folder, now);
  const { name: called, token } =
    name === null ? joins.createNext() : { name, token: joins.create(name) };
  let fixed: { readonly before: Listener | null; readonly now: Listener };
  let ca: string | null = null;
  try {
    // The last step: what is refused moves nothing that earlier join files name.
    fixed = await fixListener(folder, async (before) => {
      const made = await listenerFor(before, askedOf(before), shared);
      ca = isLoopback(made.host) ? null : (await certificateFor(folder, made.host, now())).ca;
      return made;
    });
  } catch (error) {
    joins.remove(called);
    throw error;
  }
  const { before, now: listener } = fixed;
  return {
    file: {
      version: 1,
      name: called,
      prefix,
      queue,
      coordinator: {
        url: listenerUrl(listener),
        ca,
        sharedFolder: listener.sharedFolder,
        token,
      },
    },
    notes: before ? changes(before, listener) : [],
  };
}

/** `port` null: any that is free. */
interface Place {
  readonly host: string;
  readonly port: number | null;
}

function askedListener(listen: string | null, fixed: Listener | null): Place {
  if (listen === null) return fixed ?? { host: '127.0.0.1', port: null };
  const asked = parseListen(listen);
  // The same address keeps its port, which other join files name.
  return asked.port === null && asked.host === fixed?.host ? fixed : asked;
}

/** Whoever is let in from elsewhere must reach the queue, too, and nobody between may read its password. */
function requireReachable(queue: QueueAddress, host: string): void {
  if (isLoopback(host)) return;
  if (isLoopback(queue.host)) {
    throw refuse(
      'listen',
      host,
      `127.0.0.1 while the queue is at ${queue.host}, which no other machine reaches: give the queue an address of its own first (Settings, Machines)`,
    );
  }
  if (queue.tls === null) {
    throw refuse(
      'listen',
      host,
      '127.0.0.1 while the queue is reached without TLS: its password would cross the network in plain text (Settings, Machines, TLS)',
    );
  }
}

/** What is another for workers with earlier join files. */
function changes(before: Listener, now: Listener): string[] {
  const [earlier, url] = [listenerUrl(before), listenerUrl(now)];
  const notes: string[] = [];
  if (earlier !== url) {
    notes.push(
      `Workers reach the application at ${url} from now on, or once its jobs at the queue have ended: join files that name ${earlier} must be made anew.`,
    );
  }
  if (before.sharedFolder !== now.sharedFolder) {
    const others =
      before.sharedFolder === null
        ? 'is sent to the application'
        : `lies in ${before.sharedFolder}`;
    notes.push(
      `Files go by ${now.sharedFolder} from now on; what workers with earlier join files bring ${others} and is found there, too.`,
    );
  }
  return notes;
}

/** The same object as before where nothing is another. */
async function listenerFor(
  fixed: Listener | null,
  place: Place,
  asked: string | null,
): Promise<Listener> {
  const before = fixed?.sharedFolder ?? null;
  const sharedFolder = asked ?? before;
  const stays = fixed !== null && isSamePlace(fixed, place);
  if (stays && sharedFolder === before) return fixed;
  const earlier = new Set(fixed?.earlierFolders);
  if (before !== null) earlier.add(before);
  if (sharedFolder !== null) earlier.delete(sharedFolder);
  // One that somebody deleted is looked into no more.
  const earlierFolders = [...earlier].filter((folder) => existsSync(folder));
  const folders = { sharedFolder, earlierFolders };
  if (stays) return { ...fixed, ...folders };
  const { host, port } = place;
  const movedFrom = fixed && { host: fixed.host, port: fixed.port };
  // The application itself may listen there: by another name of the address, or until its jobs have ended.
  const ours = port !== null && [fixed?.port, fixed?.movedFrom?.port].includes(port);
  // Any port that is free tells whether the address is this machine's.
  const free = await chosenPort(host, ours ? null : port);
  return { host, port: ours ? port : free, movedFrom, ...folders };
}

const isSamePlace = (one: Place, other: Place): boolean =>
  one.host === other.host && one.port === other.port;

/** Its whole path. */
function folderOf(path: string): string {
  try {
    if (path !== '' && statSync(path).isDirectory()) {
      accessSync(path, constants.W_OK | constants.X_OK);
      return resolve(path);
    }
  } catch {
    // It is told below.
  }
  throw refuse('sharedFolder', path, 'a folder that is there and that your user may write to');
}
