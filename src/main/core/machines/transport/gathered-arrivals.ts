import { createHash } from 'node:crypto';
import { type FileHandle } from 'node:fs/promises';
import { canonicalJson } from '../../../../shared/canonical';
import { type ErrorCode, toErrorData } from '../../../../shared/errors';
import { type Log, silentLog } from '../../storage/environment';
import { type WorkResult } from '../work-chain';
import { Arrivals, type ArrivalsOptions, type Judges } from './arrivals';
import { mayNotRead, openPlain } from './plain-file';

export interface GatheredOptions extends ArrivalsOptions {
  readonly log?: Pick<Log, 'warn'>;
}

/** Another folder, which whoever writes there may spoil: that holds up nothing that comes elsewhere. */
interface Other {
  readonly arrivals: Arrivals;
  /** Hashes of results that are done with and could not be deleted there, by request. */
  readonly done: Map<string, string>;
  /** What the log knows of it. */
  readonly told: Set<string>;
}

/** Why a file did not come; `spoilt`: it never will. */
interface Failure {
  readonly error: unknown;
  readonly spoilt: boolean;
}

/** Arrivals that are looked for in other folders, too, where workers with other join files leave them. */
export class GatheredArrivals extends Arrivals {
  readonly #log: Pick<Log, 'warn'>;
  readonly #judges: Judges;
  #others: readonly Other[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(root: string, options: GatheredOptions = {}) {
    const judges: Judges = new Set();
    super(root, options, judges);
    this.#judges = judges;
    this.#log = options.log ?? silentLog;
  }

  /** From now on; what is brought in from there is there no more. */
  alsoFrom(folders: readonly string[]): void {
    const known = new Map(this.#others.map((other) => [other.arrivals.root, other]));
    this.#others = [...new Set(folders)]
      .filter((folder) => folder !== this.root)
      .map((folder) => known.get(folder) ?? otherIn(folder, this.#judges));
  }

  /**
   * What another folder fails at is as if it had not come. What lies in several must be alike: of a
   * contradiction between them, or within another one, the same are told as of one here.
   *
   * @throws what keeps it from being stored here, such as a full disk
   */
  override async result(request: string): Promise<WorkResult | null> {
    if (this.#others.length === 0) return super.result(request);
    // One by one: whoever asks for the same finds it brought in.
    const gathered = this.#last.then(() => this.#gather(request));
    this.#last = gathered.catch(() => undefined);
    return gathered;
  }

  /** Each for itself: what cannot be looked through is named in the log. */
  override async sweep(olderThan?: number): Promise<void> {
    const swept = async (folder: string, sweep: () => Promise<void>) => {
      await sweep().catch((error: unknown) => {
        const { message: reason } = toErrorData(error);
        this.#log.warn('What workers left in a folder cannot be looked through.', {
          folder,
          reason,
        });
      });
    };
    for (const { arrivals } of this.#others) {
      await swept(arrivals.root, () => arrivals.sweep(olderThan));
    }
    await swept(this.root, () => super.sweep(olderThan));
  }

  async #gather(request: string): Promise<WorkResult | null> {
    for (const other of this.#others) {
      const there = await other.arrivals.result(request).catch((error: unknown) => {
        this.#tell(other, 'What workers left in a folder cannot be looked for.', error);
        return null;
      });
      if (there && other.done.get(request) !== hashOf(there)) {
        await this.#bringIn(request, there, other);
      }
    }
    return super.result(request);
  }

  async #bringIn(request: string, result: WorkResult, other: Other): Promise<void> {
    // What is here already is compared, for which no file is needed.
    const asked = result.kind === 'done' && !(await super.result(request));
    for (const file of asked ? result.files : []) {
      const failure = await this.#bring(file, other.arrivals);
      if (!failure) continue;
      this.#tell(other, 'A worker left in a folder what cannot be taken in.', failure.error);
      // It is to be made again, not to lie in the way.
      if (failure.spoilt) await this.#leave(request, result, other);
      return;
    }
    try {
      await this.putResult(request, result);
    } catch (error) {
      // Whoever listens has heard of the contradiction.
      if (toErrorData(error).code !== 'conflict') throw error;
    }
    await this.#leave(request, result, other);
  }

  async #bring(
    { sha256, bytes }: { sha256: string; bytes: number },
    from: Arrivals,
  ): Promise<Failure | null> {
    let file: FileHandle;
    try {
      file = await openPlain(from.blob(sha256));
    } catch (error) {
      return { error, spoilt: mayNotRead(error) || isGone(error) };
    }
    const stream = file.createReadStream({ highWaterMark: 1 << 20 });
    let unread: unknown = null;
    stream.on('error', (error) => (unread = error));
    try {
      await this.receive(sha256, bytes, 0, stream);
      const whole = (await this.held(sha256))?.whole === true;
      return whole ? null : { error: new Error('it has become shorter'), spoilt: true };
    } catch (error) {
      if (unread !== null) return { error: unread, spoilt: false };
      const { code } = toErrorData(error);
      if (!ofSender.has(code)) throw error;
      return { error, spoilt: code !== 'busy' };
    } finally {
      // Where nothing of it was asked for, it is open still.
      stream.destroy();
    }
  }

  /** Done with there, whether it can be deleted or not. */
  async #leave(request: string, result: WorkResult, other: Other): Promise<void> {
    try {
      await other.arrivals.remove(request);
    } catch (error) {
      other.done.set(request, hashOf(result));
      this.#tell(other, 'What was brought in from a folder cannot be deleted there.', error);
    }
  }

  /** Once of each kind: it is looked for again and again. */
  #tell({ arrivals, told }: Other, message: string, error: unknown): void {
    const { code, message: reason } = toErrorData(error);
    if (told.has(message + code)) return;
    told.add(message + code);
    this.#log.warn(message, { folder: arrivals.root, reason });
  }
}

const otherIn = (folder: string, judges: Judges): Other => ({
  arrivals: new Arrivals(folder, { shared: true }, judges),
  done: new Map(),
  told: new Set(),
});

/** What `receive` says of a sender: another hash, too many bytes, none for too long. */
const ofSender: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['corrupt-file', 'conflict', 'busy']);

const isGone = (error: unknown): boolean => Reflect.get(Object(error), 'code') === 'ENOENT';

const hashOf = (result: WorkResult): string =>
  createHash('sha256').update(canonicalJson(result)).digest('hex');
