import { type Catalogues } from '../../../../shared/catalogue/catalogues';
import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { startChildEngine } from '../../engine/child-process-engine';
import { EngineHost } from '../../engine/engine-host';
import { type InstalledFiles } from '../../storage/installed-files';
import { type EngineClass } from '../engine-class';
import { type JoinFile } from '../join-file';
import { OwnClass, type ProbedEngine } from '../own-class';
import { ownJoin } from '../own-join';
import { type QueueTimes, queueTimes } from '../queue/settings';
import { openExchange } from './open-exchange';
import { WorkerStore } from './store';
import { runWorker, type WorkerEnd, type WorkerTimes, workerTimes } from './worker';

export interface WorkerSettings {
  readonly join: JoinFile;
  /** Inside one operation of an engine; part of the class. */
  readonly threads: number;
  /** Items at once, an engine each. */
  readonly slots: number;
  /** The store's folder, and the bytes that it may hold. */
  readonly store: string;
  readonly storeBytes: number;
  /**
   * Seconds without a sign of life after which what this worker is at is begun elsewhere, and for which the
   * queue may be away without that. Default 45.
   */
  readonly lockSeconds?: number;
}

interface Parts {
  readonly files: InstalledFiles;
  /** What engines must have the algorithms of, the coordinator's too. */
  readonly catalogues: Pick<Catalogues, 'operators'>;
  readonly measured: readonly MetricDescriptor[];
  readonly say: (line: string) => void;
  readonly times?: QueueTimes & WorkerTimes;
  /** Default: by a probe of some seconds. */
  readonly engineClass?: (engine: ProbedEngine) => Promise<EngineClass>;
}

/** A whole worker: its store, its engines, and its way to the coordinator. See `runWorker`. */
export async function startWorker(
  parts: Parts,
  { join, threads, slots, store: root, storeBytes, lockSeconds }: WorkerSettings,
  signal: AbortSignal,
): Promise<WorkerEnd> {
  const {
    files,
    say,
    engineClass = (asked) => new OwnClass({ engine: asked, files }).of(),
  } = parts;
  const times = { ...queueTimes, ...lockOf(lockSeconds), ...workerTimes, ...parts.times };
  // Nobody gives this machine's own worker options.
  const more = join.name === ownJoin && {
    more: 'free space on its disk, half of which it may take',
  };
  const store = await WorkerStore.open({ root, limit: storeBytes, ...more });
  const engine = () => hostedEngine(parts, threads);
  const engines = [engine(), ...Array.from({ length: slots - 1 }, engine)] as const;
  try {
    const { exchange, close } = await openExchange(join, { say, signal });
    try {
      return await runWorker(
        { join, exchange, store, engines, threads, engineClass, times, say },
        signal,
      );
    } finally {
      close();
    }
  } finally {
    await Promise.all(engines.map((each) => each.close()));
    await store.close();
  }
}

function lockOf(seconds: number | undefined): Pick<QueueTimes, 'lockDuration' | 'lockRenewTime'> {
  const lockDuration = seconds === undefined ? queueTimes.lockDuration : seconds * 1000;
  return { lockDuration, lockRenewTime: Math.min(queueTimes.lockRenewTime, lockDuration / 4) };
}

function hostedEngine({ files, catalogues, measured }: Parts, threads: number): EngineHost {
  return new EngineHost({
    catalogues,
    measured,
    startEngine: () =>
      startChildEngine({
        nodePath: files.node,
        entry: files.engineEntry,
        threads,
        log: () => undefined,
      }),
    onChange: () => undefined,
  });
}
