import { toErrorData } from '../../../shared/errors';
import { counted } from '../../../shared/format/counts';
import { classDifference, type EngineClass, shortClass } from '../../core/machines/engine-class';
import { listenerProblem, listenerUrl, readListener } from '../../core/machines/joins/listener';
import { liveWorkers } from '../../core/machines/live-workers';
import { type MachinesFolder } from '../../core/machines/machines-folder';
import { checkQueue } from '../../core/machines/queue/check-queue';
import { openConnection } from '../../core/machines/queue/connection';
import { knownDataDirectoryId } from '../../core/machines/queue/data-directory-id';
import { queuePrefix } from '../../core/machines/queue/names';
import { readQueue } from '../../core/machines/queue/queue-file';
import { placeOf } from '../../core/machines/queue/queue-problem';

export interface QueueFound {
  /** Host and port; empty where they cannot be read. */
  readonly place: string;
  readonly trial: boolean;
  /** Of its server; null where it cannot be used. */
  readonly version: string | null;
  /** Why it cannot be used, a sentence. */
  readonly problem: string | null;
  /** Where workers reach the application while it runs; null: no join was made yet. */
  readonly listener: string | null;
  /** Why it cannot listen there, a clause; null: it can, or does. */
  readonly unreached: string | null;
  /** Those that gave a sign of life, and why one gets nothing of this machine's runs. */
  readonly workers: readonly {
    readonly engineClass: EngineClass;
    readonly waits: string | null;
  }[];
}

/** This machine's class but for its probe, which takes some seconds; null: its engine is not known. */
type OwnEngine = Omit<EngineClass, 'probe'> | null;

/**
 * The queue of a data directory, and who is there; null where it uses none. Writes nothing.
 *
 * @param own asked where there is somebody to compare with
 * @param inUse somebody has the data directory open, and may listen for workers
 */
export async function findQueue(
  folder: MachinesFolder,
  own: () => Promise<OwnEngine>,
  inUse: boolean,
): Promise<QueueFound | null> {
  const found = {
    place: '',
    trial: false,
    version: null as string | null,
    problem: null as string | null,
    listener: null as string | null,
    unreached: null as string | null,
    workers: [] as QueueFound['workers'],
  };
  try {
    const known = readQueue(folder);
    if (known === null) return null;
    const { address, trial } = known;
    found.place = placeOf(address);
    found.trial = trial;
    const listener = readListener(folder);
    found.listener = listener && listenerUrl(listener);
    found.unreached = listener && (await listenerProblem(listener, inUse));
    const id = knownDataDirectoryId(folder);
    // Whoever sets a queue up tries it by then.
    if (id === null) return found;
    const prefix = queuePrefix(id);
    found.version = (await checkQueue(address, { prefix })).version;
    const redis = await openConnection(address, {
      retryStrategy: () => null,
      enableReadyCheck: false,
    });
    try {
      const workers = await liveWorkers(redis, prefix);
      // What is wrong with this engine, doctor says elsewhere.
      const here = workers.length > 0 ? await own().catch(() => null) : null;
      found.workers = workers.map(({ engineClass, problem }) => ({
        engineClass,
        waits:
          (here && classDifference({ ...here, probe: engineClass.probe }, engineClass)) ?? problem,
      }));
    } finally {
      redis.disconnect();
    }
  } catch (error) {
    found.version = null;
    found.problem = toErrorData(error).message;
  }
  return found;
}

/** '2 workers of class 0123456789ab (2 threads), 1 worker of … (1 thread), which gets nothing: other build'. */
export function workersByClass(workers: QueueFound['workers']): string {
  if (workers.length === 0) return 'no worker';
  const counts = new Map<string, number>();
  for (const { engineClass, waits } of workers) {
    const threads = counted(engineClass.engine.threads, 'thread');
    const why = waits === null ? '' : `, which gets nothing: ${waits.replace(/\.$/, '')}`;
    const of = `class ${shortClass(engineClass)} (${threads})${why}`;
    counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return [...counts].map(([of, count]) => `${counted(count, 'worker')} of ${of}`).join(', ');
}
