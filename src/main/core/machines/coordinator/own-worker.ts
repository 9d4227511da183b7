import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { showHidden } from '../../../../shared/invisible';
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
  readonly folder: Pick<MachinesFolder, 'root' | 'ownStore'>;
  readonly joins: Joins;
  readonly log: Log;
  readonly start: StartOwnWorker;
}

export interface OwnWorker {
  /** Why it ended last, in its own words; null: it has not ended. */
  problem(): string | null;
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
  const store = folder.ownStore;
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
  let problem: string | null = null;
  const lasting = async () => {
    while (!over.signal.aborted) {
      child = start({ joinFile, threads, store });
      const lastWords = listen(child);
      const code = await endOf(child);
      if (over.signal.aborted) return;
      problem = lastWords() || `it said nothing (exit code ${code ?? 'unknown'}).`;
      log.warn('This machine’s own worker ended; it is started again.', { code, reason: problem });
      await sleep(pause, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const ended = lasting().catch((error: unknown) =>
    log.error('This machine’s own worker cannot be started.', { error: String(error) }),
  );
  return {
    problem: () => problem,
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

/** Keeps the last line of what it says. */
function listen({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2000);
  });
  return () => showHidden(text.trimEnd().split('\n').at(-1) ?? '').slice(-500);
}

/** Its exit code once all that it said is there; one that could not be started has none. */
async function endOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close').catch(() => [null])) as [number | null];
  return code;
}
