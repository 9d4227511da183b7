import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log } from '../../storage/environment';
import { joinFileSource } from '../joins/join-file-io';
import { type Joins } from '../joins/joins';
import { type JoinFile } from '../join-file';
import { ownJoin as name } from '../own-join';
import { type MachinesFolder } from '../machines-folder';
import { writeSecret } from '../secret-file';

/** Starts a worker's process on this machine. */
export type StartOwnWorker = (asked: {
  readonly joinFile: string;
  readonly threads: number;
  /** The folder of its own store. */
  readonly store: string;
}) => ChildProcess;

interface Parts {
  readonly folder: Pick<MachinesFolder, 'root'>;
  readonly joins: Joins;
  readonly log: Log;
  readonly start: StartOwnWorker;
}

export interface OwnWorker {
  /** Ends it: what it is at goes back to the queue. */
  close(): Promise<void>;
}

/** Milliseconds until one that ended is started again, and that one has to end. */
const pause = 5_000;
const patience = 5_000;

/** This machine as one worker of the queue beside the others, by the same way as they. */
export function startOwnWorker(
  { folder, joins, log, start }: Parts,
  joinOf: Omit<JoinFile, 'name' | 'coordinator'> & {
    readonly coordinator: Omit<JoinFile['coordinator'], 'token'>;
  },
  threads: number,
): OwnWorker {
  const joinFile = join(folder.root, 'own-worker.json');
  const store = join(folder.root, 'own-worker');
  // One of a process that was killed lets nobody in any more.
  joins.remove(name);
  const token = joins.create(name);
  const own = { ...joinOf, name, coordinator: { ...joinOf.coordinator, token } };
  try {
    writeSecret(joinFile, joinFileSource(own).bytes.toString());
  } catch (error) {
    joins.remove(name);
    throw error;
  }
  const over = new AbortController();
  let child: ChildProcess | null = null;
  const lasting = async () => {
    while (!over.signal.aborted) {
      child = start({ joinFile, threads, store });
      const [code] = (await once(child, 'exit').catch(() => [null])) as [number | null];
      if (over.signal.aborted) return;
      log.warn('This machine’s own worker ended; it is started again.', { code });
      await sleep(pause, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const ended = lasting().catch((error: unknown) =>
    log.error('This machine’s own worker cannot be started.', { error: String(error) }),
  );
  return {
    async close() {
      over.abort();
      child?.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), patience);
      await ended;
      clearTimeout(timer);
      joins.remove(name);
      rmSync(joinFile, { force: true });
    },
  };
}
