import { type Events } from '../jobs/events';
import { type Clock } from '../storage/environment';
import { type ExportStore } from '../storage/transit/export-store';
import { readWork, writeWork } from './coordinator/work-file';
import { type EngineClass, shortClass } from './engine-class';
import { createJoin } from './joins/create-join';
import { Joins } from './joins/joins';
import { machinesFolder } from './machines-folder';
import { MachinesService } from './machines-service';
import { checkQueue } from './queue/check-queue';
import { dataDirectoryId, leaveOriginal } from './queue/data-directory-id';
import { queuePrefix } from './queue/names';
import { forgetQueue, readQueue, writeQueue } from './queue/queue-file';
import { QueueWatch, type Watched } from './queue-watch';

/** What the place of work tells of itself, and is told. */
export interface WorkState {
  /** Where workers reach this application; null while it does not listen. */
  listening(): string | null;
  /** Why workers with the newest join files do not reach it, in a sentence. */
  unreached(): string | null;
  /** What a running job waits for, in a sentence; null: nothing. */
  waiting(seen: Watched): string | null;
  /** How fast a worker is beside this machine; null: not known. */
  rateOf(worker: string): number | null;
  /** This machine's class, null until it is known; it is asked for then. */
  ownClass(): EngineClass | null;
  /** The queue's address, the listener, a join or the workplace is another than before. */
  renew(): Promise<void>;
}

interface Parts {
  readonly clock: Clock;
  readonly dataDir: string;
  readonly events: Events;
  readonly exports: Pick<ExportStore, 'put'>;
  readonly work: WorkState;
}

/** Milliseconds between two looks at the queue and its workers. */
const look = 1_000;

/** The settings of machines over what a data directory keeps of them. */
export function createMachines({ clock, dataDir, events, exports, work }: Parts): MachinesService {
  const folder = machinesFolder(dataDir);
  const now = () => clock.now();
  const joins = new Joins(folder, now);
  const prefix = () => queuePrefix(dataDirectoryId(folder));
  const queue = () => readQueue(folder);
  const changed = () => events.emit({ type: 'machines.changed' });
  const ownClass = () => work.ownClass();
  const beside = (seen: Watched) => {
    const own = seen.workers.length > 0 ? ownClass() : null;
    return {
      listening: work.listening(),
      unreached: work.unreached(),
      waiting: work.waiting(seen),
      engineClass: own && shortClass(own),
    };
  };
  const watch = new QueueWatch({
    queue,
    prefix,
    ownClass,
    rateOf: (worker) => work.rateOf(worker),
    now: () => now().getTime(),
    beside,
    changed,
    look,
  });
  return new MachinesService({
    exports,
    coordination: {
      begin() {
        leaveOriginal(folder);
        watch.begin();
      },
      now: () => ({ ...watch.now(), ...beside(watch.now()) }),
      async renew() {
        await work.renew();
        await watch.look();
        changed();
      },
      drain: (worker, drain) => watch.drain(worker, drain),
      close: () => watch.close(),
    },
    queue: {
      read: queue,
      write: (known) => writeQueue(folder, known),
      forget: () => forgetQueue(folder),
      check: (address) => checkQueue(address, { prefix: prefix() }),
    },
    joins: {
      list: () => joins.list(),
      create: (name, listen) => {
        const known = queue()?.address ?? null;
        return createJoin(
          // Where there is no queue, it is refused, and no id is made for that.
          { dataDir, now, queue: known, prefix: known ? prefix() : '' },
          { name, listen, sharedFolder: null },
        );
      },
      revoke: (name) => joins.revoke(name),
    },
    work: { read: () => readWork(dataDir), write: (settings) => writeWork(dataDir, settings) },
  });
}
