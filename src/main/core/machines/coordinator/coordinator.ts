import { existsSync } from 'node:fs';
import { type Catalogues } from '../../../../shared/catalogue/catalogues';
import { conflict, toErrorData } from '../../../../shared/errors';
import { type Workplace, type WorkerRecord } from '../../../../shared/machines';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type DatasetKey } from '../../artifacts/keys';
import { type Executor } from '../../jobs/executor';
import { unlessAborted } from '../../jobs/job-run';
import { type Clock, type Log } from '../../storage/environment';
import { type Scratch } from '../../storage/scratch';
import { classHash, type EngineClass } from '../engine-class';
import { certificateFor } from '../joins/certificate';
import { Joins } from '../joins/joins';
import {
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
import { passing, problemOf } from '../queue/queue-problem';
import { type QueueTimes } from '../queue/settings';
import { Arrivals } from '../transport/arrivals';
import { type TransportServer } from '../transport/server';
import { checkResult } from './check-result';
import { DatasetFiles } from './dataset-files';
import { type DatasetForm } from './expected-files';
import { type OwnWorker, startOwnWorker, type StartOwnWorker } from './own-worker';
import { queueExecutor } from './queue-executor';
import { type Verification, verifier } from './verify';
import { waitingFor } from './waiting';
import { readWork } from './work-file';

/** How a command asks for the queue, whatever the settings say. */
export interface AskedWork {
  readonly workplace: Workplace;
  /** Share of the orders that are done again here, from 0 to 1. */
  readonly verify: number;
}

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks' | 'metrics'>;
  readonly clock: Clock;
  readonly dataDir: string;
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

/** Milliseconds between two looks whether somebody else gave workers a way to this application. */
const look = 2_000;

/** What stands between the jobs and a queue: nothing of it is loaded or begun without one. */
export class Coordinator {
  readonly #parts: Parts;
  readonly #folder: MachinesFolder;
  readonly #joins: Joins;
  readonly #datasetFiles: DatasetFiles;
  #contents: Promise<void> | null = null;
  #arrivals: Arrivals | null = null;
  #server: { readonly listener: Listener; readonly server: TransportServer } | null = null;
  #starting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #atQueue = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#folder = machinesFolder(parts.dataDir);
    this.#joins = new Joins(this.#folder, () => parts.clock.now());
    this.#datasetFiles = new DatasetFiles((dataset) => parts.datasets.folder(dataset));
  }

  /** Listen for workers as soon as there are a queue and joins. */
  begin(): void {
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

  ownClass(): EngineClass | null {
    return this.#parts.ownClass.known();
  }

  /** What a job at the queue waits for, in a sentence. */
  waiting(workers: readonly WorkerRecord[]): string | null {
    return this.#atQueue > 0 ? waitingFor(workers) : null;
  }

  /** Follow what the files say now. */
  async renew(): Promise<void> {
    try {
      const asked = existsSync(this.#folder.listener) && readQueue(this.#folder);
      if (asked) await this.#listen();
    } catch (error) {
      const { message: reason } = toErrorData(error);
      this.#parts.log.warn('Workers cannot reach this application.', { reason });
    }
  }

  /** Where a job is done that begins now. */
  async open(signal: AbortSignal): Promise<OpenWorkplace> {
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
    return this.#openQueue(known.address, workplace === 'both', signal);
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.#starting?.catch(() => undefined);
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
    await this.#listen();
    const arrivals = this.#arrivalsNow();
    const engineClass = classHash(own);
    const { openChainQueue } = await import('./chain-queue');
    const queue = await openChainQueue({
      connection: connectionOptions(address),
      prefix: this.#prefix(),
      engineClass,
      log,
    });
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
      engineClass,
      here,
      log,
      queue,
      refill: times.refill,
      scratch,
      verify: verification && verifier(here, verification),
    });
    let worker: OwnWorker | null = null;
    const close = async () => {
      executor.close();
      await Promise.all([worker?.close(), queue.close()]);
    };
    try {
      if (both) worker = await this.#startOwn(address, own.engine.threads);
    } catch (error) {
      await close();
      throw error;
    }
    this.#atQueue += 1;
    return {
      executor,
      close: () => {
        this.#atQueue -= 1;
        return close();
      },
    };
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

  #listen(): Promise<void> {
    if (this.#server) return Promise.resolve();
    this.#starting ??= this.#startListening().finally(() => (this.#starting = null));
    return this.#starting;
  }

  async #startListening(): Promise<void> {
    const { clock, log, version } = this.#parts;
    const usual = { host: '127.0.0.1', port: null, sharedFolder: null };
    const listener = readListener(this.#folder) ?? (await fixListener(this.#folder, usual));
    const { host, port } = listener;
    const tls = isLoopback(host) ? null : await certificateFor(this.#folder, host, clock.now());
    const arrivals = new Arrivals(listener.sharedFolder ?? this.#folder.arrivals);
    await arrivals.sweep();
    const { startTransport } = await import('../transport/server');
    const server = await startTransport(
      {
        arrivals,
        admit: (token) => this.#joins.admit(token),
        find: (sha256) => this.#find(sha256),
        log,
        hello: { prefix: this.#prefix(), version },
      },
      { host, port, tls },
    );
    this.#arrivals = arrivals;
    this.#server = { listener, server };
  }

  #arrivalsNow(): Arrivals {
    if (!this.#arrivals) throw new RangeError('the application does not listen');
    return this.#arrivals;
  }

  /** What workers may read: what is stored, and the datasets that are here. */
  async #find(sha256: string): Promise<string | null> {
    const known = (await this.#parts.artifacts.find(sha256)) ?? this.#datasetFiles.find(sha256);
    if (known !== null) return known;
    // Chains of an earlier process name datasets that nobody asked for in this one.
    this.#contents ??= this.#readContents();
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

const noQueue = (what: string) =>
  conflict(
    `${what}: give its address (Settings, Machines), start one to try (\`queue try\`), or let this machine do the work.`,
  );
