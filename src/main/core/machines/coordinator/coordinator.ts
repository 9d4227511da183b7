import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { conflict, reasonOf, StudioError, toErrorData } from '../../../../shared/errors';
import { type Workplace } from '../../../../shared/machines';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type DatasetKey } from '../../artifacts/keys';
import { type Events } from '../../jobs/events';
import { type Executor } from '../../jobs/executor';
import { unlessAborted } from '../../jobs/job-run';
import { type Clock, type Log } from '../../storage/environment';
import { type Scratch } from '../../storage/scratch';
import { classHash, type EngineClass } from '../engine-class';
import { type Watched } from '../queue-watch';
import { certificateFor } from '../joins/certificate';
import { Joins } from '../joins/joins';
import {
  chosenPort,
  fixListener,
  isLoopback,
  type Listener,
  listenerUrl,
  readListener,
} from '../joins/listener';
import { type MachinesFolder, machinesFolder } from '../machines-folder';
import { type OwnClass } from '../own-class';
import { type QueueAddress } from '../queue/address';
import { checkQueue } from '../queue/check-queue';
import { connectionOptions } from '../queue/connection';
import { dataDirectoryId } from '../queue/data-directory-id';
import { queuePrefix } from '../queue/names';
import { readQueue } from '../queue/queue-file';
import { explainQueue, passing, problemOf } from '../queue/queue-problem';
import { type QueueTimes } from '../queue/settings';
import { copiedNote } from '../copied-note';
import { GatheredArrivals } from '../transport/gathered-arrivals';
import { type TransportServer } from '../transport/server';
import { type ChainQueue } from './chain-queue';
import { checkResult } from './check-result';
import { DatasetFiles } from './dataset-files';
import { type DatasetForm, type Known } from './expected-files';
import { type OwnWorker, startOwnWorker, type StartOwnWorker } from './own-worker';
import { removeOwnStore } from './own-worker-process';
import { queueExecutor, type QueueExecutor } from './queue-executor';
import { Untold } from './untold';
import { type Verification, verifier } from './verify';
import { waitingFor } from './waiting';
import { WorkerPace } from './worker-pace';
import { readWork } from './work-file';

/** How a command asks for the queue, whatever the settings say. */
export interface AskedWork {
  readonly workplace: Workplace;
  /** Share of the orders that are done again here, from 0 to 1. */
  readonly verify: number;
}

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Omit<Known, 'dataset'>;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly events: Pick<Events, 'emit'>;
  readonly log: Log;
  readonly scratch: Scratch;
  readonly version: string;
  /** Null: what the settings say. */
  readonly asked: AskedWork | null;
  /** A dataset's images and classes, its content, and where its files lie; those that are here. */
  readonly datasets: {
    form(dataset: string): Promise<DatasetForm>;
    folder(dataset: string): string;
    contents(): Promise<readonly DatasetKey[]>;
  };
  /** This machine's own engine. */
  readonly here: Executor;
  readonly ownClass: OwnClass;
  readonly startOwn: StartOwnWorker;
  /** Of the choice of what is verified, which no worker may know. */
  readonly seed: number;
  readonly times: Pick<QueueTimes, 'refill'>;
}

/** Where one job is done. */
export interface OpenWorkplace {
  readonly executor: Executor;
  close(): Promise<void>;
}

/** Milliseconds between two times that what nobody asks for is deleted. */
const sweepEvery = 24 * 3_600_000;
/** Milliseconds between two looks whether somebody else gave workers a way to this application. */
const look = 2_000;

/** What stands between the jobs and a queue: nothing of it is loaded or begun without one. */
export class Coordinator {
  readonly #parts: Parts;
  readonly #folder: MachinesFolder;
  readonly #joins: Joins;
  readonly #datasetFiles: DatasetFiles;
  #contents: Promise<void> | null = null;
  #arrivals: GatheredArrivals | null = null;
  /** Jobs that count on where workers bring what they do. */
  #held = 0;
  /** Why the newest join files lead nowhere, or not yet, in a sentence. */
  #unreached: string | null = null;
  #server: { readonly listener: Listener; readonly server: TransportServer } | null = null;
  #starting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #atQueue = 0;
  #swept = 0;
  #closed = false;
  readonly #pace = new WorkerPace();
  readonly #untold: Untold;
  readonly #executors = new Set<QueueExecutor>();
  #own: OwnWorker | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#folder = machinesFolder(parts.dataDir);
    this.#joins = new Joins(this.#folder, () => parts.clock.now());
    this.#datasetFiles = new DatasetFiles((dataset) => parts.datasets.folder(dataset));
    this.#untold = new Untold({
      folder: this.#folder,
      log: parts.log,
      open: async (engineClass) => {
        const known = readQueue(this.#folder);
        if (!known) throw noQueue('There is no queue');
        await checkQueue(known.address, { prefix: this.#prefix() });
        return this.#chainQueue(known.address, engineClass);
      },
    });
  }

  /** Listen for workers as soon as there are a queue and joins. */
  begin(): void {
    // Of an application that was killed.
    removeOwnStore(this.#folder.ownStore);
    const copied = copiedNote(this.#folder, this.#joins);
    if (copied !== null) this.#parts.log.warn(copied);
    this.#timer ??= setInterval(() => void this.renew(), look).unref();
    void this.renew();
  }

  /** Throws why the queue that a command asks for cannot be used; without such a demand nothing. */
  async requireAsked(): Promise<void> {
    const { asked } = this.#parts;
    if (!asked || asked.workplace === 'here') return;
    const known = readQueue(this.#folder);
    if (!known) throw noQueue('--queue: there is no queue');
    await checkQueue(known.address, { prefix: this.#prefix() });
  }

  listening(): string | null {
    return this.#server && listenerUrl(this.#server.listener);
  }

  /** Why workers with the newest join files do not reach this application; null: they do, or there are none. */
  unreached(): string | null {
    return this.#unreached ?? copiedNote(this.#folder, this.#joins);
  }

  ownClass(): EngineClass | null {
    return this.#parts.ownClass.known();
  }

  /** What a job at the queue waits for, in a sentence. */
  waiting(seen: Watched): string | null {
    if (this.#atQueue === 0) return null;
    const [trouble = null] = [...this.#executors].flatMap((executor) => executor.trouble() ?? []);
    return waitingFor({ ...seen, trouble, own: this.#own && { problem: this.#own.problem() } });
  }

  /** How fast a worker is beside this machine, by what it did since this application runs; null: not known. */
  rateOf(worker: string): number | null {
    return this.#pace.of(worker);
  }

  /** Follow what the files say now. */
  async renew(): Promise<void> {
    if (this.#closed) return;
    try {
      const asked = existsSync(this.#folder.listener) && readQueue(this.#folder);
      if (asked) await this.#listen();
      else this.#tell(null);
    } catch (error) {
      this.#tell(toErrorData(error).message);
    }
    if (this.#closed) return;
    if (existsSync(this.#folder.untold)) {
      if (readQueue(this.#folder)) void this.#untold.tell();
      else this.#untold.drop();
    }
    await this.#sweep();
  }

  /** What arrived, was not asked for and is old goes while the application runs, too. */
  async #sweep(): Promise<void> {
    const now = this.#parts.clock.now().getTime();
    if (!this.#arrivals || now - this.#swept < sweepEvery) return;
    this.#swept = now;
    await this.#arrivals.sweep();
  }

  /** Where a job of the ledger is done that begins now. */
  async open(job: string, signal: AbortSignal): Promise<OpenWorkplace> {
    const { asked, dataDir, here } = this.#parts;
    const { workplace } = asked ?? readWork(dataDir);
    if (workplace === 'here') return { executor: here, close: () => Promise.resolve() };
    const known = readQueue(this.#folder);
    if (!known) throw noQueue('Jobs are to be done by a queue’s workers, and there is no queue');
    await unlessAborted(
      signal,
      checkQueue(known.address, { prefix: this.#prefix() }).catch((error: unknown) => {
        // It may come back: until then the job waits for it.
        const problem = problemOf(error);
        if (!problem || !passing.has(problem) || asked) throw error;
      }),
    );
    this.#untold.forget(job);
    const release = await this.#holdListener();
    try {
      const place = await this.#openQueue(known.address, workplace === 'both', signal);
      return { executor: place.executor, close: () => place.close().finally(release) };
    } catch (error) {
      release();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await Promise.all([this.#starting?.catch(() => undefined), this.#untold.close()]);
    await this.#server?.server.close();
    this.#server = null;
  }

  async #openQueue(
    address: QueueAddress,
    both: boolean,
    signal: AbortSignal,
  ): Promise<OpenWorkplace> {
    const { artifacts, asked, catalogues, datasets, here, log, scratch, seed, times } = this.#parts;
    const own = await unlessAborted(signal, this.#parts.ownClass.of('batch'));
    const arrivals = this.#arrivalsNow();
    const engineClass = classHash(own);
    const queue = await this.#chainQueue(address, engineClass);
    const verification: Verification | null =
      asked && asked.verify > 0 ? { share: asked.verify, seed } : null;
    const executor = queueExecutor({
      arrivals,
      artifacts,
      check: (order, result) =>
        checkResult(
          { ...catalogues, datasetForm: (dataset) => datasets.form(dataset) },
          order,
          result,
          (sha256) => arrivals.blob(sha256),
        ),
      datasetFiles: (key) => this.#datasetFiles.of(key),
      explain: (error) => explainQueue(error, address, this.#prefix()),
      did: (worker, expected, seconds) => this.#pace.add(worker, expected, seconds),
      engineClass,
      here,
      log,
      queue,
      refill: times.refill,
      scratch,
      verify: verification && verifier(here, verification),
    });
    this.#executors.add(executor);
    const leave = async () => {
      this.#executors.delete(executor);
      executor.close();
      this.#untold.add(executor.untold(), engineClass);
      await queue.close();
    };
    try {
      const worker = both ? await this.#startOwn(address, own.engine.threads) : null;
      this.#atQueue += 1;
      this.#own = worker;
      return {
        executor,
        close: async () => {
          this.#atQueue -= 1;
          this.#own = null;
          await Promise.all([worker?.close(), leave()]);
        },
      };
    } catch (error) {
      await leave();
      throw error;
    }
  }

  async #chainQueue(address: QueueAddress, engineClass: string): Promise<ChainQueue> {
    const { openChainQueue } = await import('./chain-queue');
    const connection = connectionOptions(address);
    const { log } = this.#parts;
    return openChainQueue({ connection, prefix: this.#prefix(), engineClass, log });
  }

  async #startOwn(queue: QueueAddress, threads: number): Promise<OwnWorker> {
    const { clock, log, startOwn: start } = this.#parts;
    if (!this.#server) throw new RangeError('the application does not listen');
    const { listener } = this.#server;
    const ca = isLoopback(listener.host)
      ? null
      : (await certificateFor(this.#folder, listener.host, clock.now())).ca;
    const { sharedFolder } = listener;
    const coordinator = { url: listenerUrl(listener), ca, sharedFolder };
    const join = { version: 1 as const, prefix: this.#prefix(), queue, coordinator };
    return startOwnWorker({ folder: this.#folder, joins: this.#joins, log, start }, join, threads);
  }

  /** What listens now stays until it is released. */
  async #holdListener(): Promise<() => void> {
    // Another may move it, once it is there, before it is held.
    do await this.#listen();
    while (!this.#server);
    this.#held += 1;
    return () => {
      this.#held -= 1;
      // Not where it was closed meanwhile.
      if (this.#timer) void this.renew();
    };
  }

  /** Where the file says, which a command may change beside this application. */
  #listen(): Promise<void> {
    if (this.#closed) {
      const message = 'The application ends.';
      return Promise.reject(new StudioError({ code: 'cancelled', message }));
    }
    if (this.#starting) return this.#starting;
    if (this.#server) {
      const { listener: now, server } = this.#server;
      const then = readListener(this.#folder) ?? now;
      const moved = listenerUrl(now) !== listenerUrl(then);
      if (!isDeepStrictEqual(now, then)) {
        // Newer join files may name another folder: it is looked into at once.
        this.#arrivals?.alsoFrom(this.#foldersOf(then));
        if (!moved) this.#server = { listener: then, server };
      }
      if (!moved || this.#held > 0) {
        this.#tell(moved ? movesLater(now, then) : null);
        return Promise.resolve();
      }
    }
    this.#starting = this.#startListening().finally(() => (this.#starting = null));
    return this.#starting;
  }

  /** Where workers leave what they did, by whatever join file. */
  #foldersOf({ sharedFolder, earlierFolders }: Listener): string[] {
    return [
      this.#folder.arrivals,
      ...earlierFolders,
      ...(sharedFolder === null ? [] : [sharedFolder]),
    ];
  }

  async #usualListener(): Promise<Listener> {
    const host = '127.0.0.1';
    const { now } = await fixListener(this.#folder, async (fixed) => {
      if (fixed) return fixed;
      const port = await chosenPort(host, null);
      return { host, port, movedFrom: null, sharedFolder: null, earlierFolders: [] };
    });
    return now;
  }

  #tell(unreached: string | null): void {
    if (unreached === this.#unreached) return;
    this.#unreached = unreached;
    this.#parts.events.emit({ type: 'machines.changed' });
    if (unreached !== null) {
      this.#parts.log.warn('Workers do not reach this application.', { reason: unreached });
    }
  }

  async #startListening(): Promise<void> {
    const { clock, log, version } = this.#parts;
    const before = this.#server;
    const listener = readListener(this.#folder) ?? (await this.#usualListener());
    const { host, port } = listener;
    const tls = isLoopback(host) ? null : await certificateFor(this.#folder, host, clock.now());
    const { sharedFolder } = listener;
    const arrivals = new GatheredArrivals(sharedFolder ?? this.#folder.arrivals, {
      shared: sharedFolder !== null,
      log,
    });
    arrivals.alsoFrom(this.#foldersOf(listener));
    const { startTransport } = await import('../transport/server');
    // By another name of the same address it cannot be had twice.
    if (before?.listener.port === port) {
      this.#server = null;
      await before.server.close();
    }
    const server = await startTransport(
      {
        arrivals,
        admit: (token) => this.#joins.admit(token),
        find: (sha256) => this.#find(sha256),
        log,
        hello: { prefix: this.#prefix(), version },
      },
      { host, port, tls },
    ).catch((error: unknown) => {
      throw cannotListen(listener, error);
    });
    this.#arrivals = arrivals;
    this.#server = { listener, server };
    // Not before: where nothing can listen, workers with earlier join files are not cut off, too.
    await before?.server.close();
    this.#unreached = null;
    this.#parts.events.emit({ type: 'machines.changed' });
  }

  #arrivalsNow(): GatheredArrivals {
    if (!this.#arrivals) throw new RangeError('the application does not listen');
    return this.#arrivals;
  }

  /** What workers may read: what is stored, and the datasets that are here. */
  async #find(sha256: string): Promise<string | null> {
    const known = (await this.#parts.artifacts.find(sha256)) ?? this.#datasetFiles.find(sha256);
    if (known !== null) return known;
    // Chains of an earlier process name datasets that nobody asked for in this one.
    this.#contents ??= this.#readContents().catch((error: unknown) => {
      // What cannot be read now may be later.
      this.#contents = null;
      throw error;
    });
    await this.#contents;
    return this.#datasetFiles.find(sha256);
  }

  async #readContents(): Promise<void> {
    const { datasets, log } = this.#parts;
    await this.#datasetFiles.learn(await datasets.contents(), (dataset, error) => {
      const { message: reason } = toErrorData(error);
      log.warn('Workers cannot read a dataset.', { dataset, reason });
    });
  }

  #prefix(): string {
    return queuePrefix(dataDirectoryId(this.#folder));
  }
}

const movesLater = (now: Listener, then: Listener): string =>
  `Workers reach this application at ${listenerUrl(now)} until the jobs at the queue have ended, and at ${listenerUrl(then)} from then on: those with newer join files wait for it, the others need new ones.`;

function cannotListen(listener: Listener, error: unknown): StudioError {
  return new StudioError(
    {
      code: 'conflict',
      message: `Workers cannot reach this application at ${listenerUrl(listener)}: ${reasonOf(error)}. Free that address, or make a join for another one, and the other join files anew.`,
    },
    error,
  );
}

const noQueue = (what: string) =>
  conflict(
    `${what}: give its address (Settings, Machines), start one to try (\`queue try\`), or let this machine do the work.`,
  );
