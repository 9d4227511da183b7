import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { toErrorData } from '../../../../shared/errors';
import { type Log } from '../../storage/environment';
import { storageError } from '../../storage/storage-error';
import { type MachinesFolder } from '../machines-folder';
import { type ChainQueue } from './chain-queue';

/** As many as are kept; older ones are forgotten. */
const atMost = 1000;

const untoldSchema = z.object({
  version: z.literal(1),
  cancelled: z.array(z.object({ job: z.string(), engineClass: z.string() })),
});
type Cancelled = z.infer<typeof untoldSchema>['cancelled'];

interface Parts {
  readonly folder: Pick<MachinesFolder, 'root' | 'untold'>;
  readonly log: Log;
  /** The chains of a class in the queue, once it is known to answer; throws where it does not. */
  readonly open: (engineClass: string) => Promise<ChainQueue>;
}

/**
 * Cancellations that no worker heard of, because the queue was away: kept in a file, since whoever
 * cancelled may have ended, and told as soon as the queue is there.
 */
export class Untold {
  readonly #parts: Parts;
  #telling: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(jobs: readonly string[], engineClass: string): void {
    if (jobs.length === 0) return;
    const others = this.#read().filter(({ job }) => !jobs.includes(job));
    this.#write([...others, ...jobs.map((job) => ({ job, engineClass }))].slice(-atMost));
  }

  /** It goes on: nobody is to be told that it was cancelled. */
  async forget(job: string): Promise<void> {
    await this.#telling;
    const known = this.#read();
    const others = known.filter((each) => each.job !== job);
    if (others.length < known.length) this.#write(others);
  }

  /** Tell what there is to tell; nothing happens where the queue is still away. */
  tell(): Promise<void> {
    if (this.#read().length === 0) return Promise.resolve();
    this.#telling ??= this.#tell().finally(() => (this.#telling = null));
    return this.#telling;
  }

  async #tell(): Promise<void> {
    try {
      const classes = new Set(this.#read().map(({ engineClass }) => engineClass));
      for (const engineClass of classes) {
        const queue = await this.#parts.open(engineClass);
        try {
          const own = this.#read().filter((each) => each.engineClass === engineClass);
          const jobs = new Set(own.map(({ job }) => job));
          for (const job of jobs) await queue.cancel(job);
          for (const { id, chain } of await queue.open()) {
            if (jobs.has(chain.job)) await queue.remove(id);
          }
          this.#write(this.#read().filter(({ job }) => !jobs.has(job)));
        } finally {
          await queue.close();
        }
      }
    } catch (error) {
      const { message: reason } = toErrorData(error);
      this.#parts.log.info('Workers still cannot be told of what was cancelled.', { reason });
    }
  }

  #read(): Cancelled {
    try {
      return untoldSchema.parse(JSON.parse(readFileSync(this.#parts.folder.untold, 'utf8')))
        .cancelled;
    } catch {
      // Without the file there is nothing; one that cannot be read costs workers some idle work.
      return [];
    }
  }

  #write(cancelled: Cancelled): void {
    const { root, untold } = this.#parts.folder;
    try {
      if (cancelled.length === 0) return rmSync(untold, { force: true });
      mkdirSync(root, { recursive: true, mode: 0o700 });
      writeFileSync(`${untold}.part`, `${JSON.stringify({ version: 1, cancelled }, null, 2)}\n`);
      renameSync(`${untold}.part`, untold);
    } catch (error) {
      const { message: reason } = toErrorData(storageError(error, untold));
      this.#parts.log.warn('What workers are to be told of could not be kept.', { reason });
    }
  }
}
