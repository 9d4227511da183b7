import { explainQueue } from '../../../../../../src/main/core/machines/queue/queue-problem';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openChainQueue } from '../../../../../../src/main/core/machines/coordinator/chain-queue';
import { checkResult } from '../../../../../../src/main/core/machines/coordinator/check-result';
import { queueExecutor } from '../../../../../../src/main/core/machines/coordinator/queue-executor';
import { classHash } from '../../../../../../src/main/core/machines/engine-class';
import { type JoinFile } from '../../../../../../src/main/core/machines/join-file';
import { certificateFor } from '../../../../../../src/main/core/machines/joins/certificate';
import { Joins } from '../../../../../../src/main/core/machines/joins/joins';
import { machinesFolder } from '../../../../../../src/main/core/machines/machines-folder';
import { OwnClass, type ProbedEngine } from '../../../../../../src/main/core/machines/own-class';
import {
  connectionOptions,
  openConnection,
} from '../../../../../../src/main/core/machines/queue/connection';
import { queueTimes } from '../../../../../../src/main/core/machines/queue/settings';
import { Arrivals } from '../../../../../../src/main/core/machines/transport/arrivals';
import { type Exchange } from '../../../../../../src/main/core/machines/transport/exchange';
import { startTransport } from '../../../../../../src/main/core/machines/transport/server';
import { openExchange } from '../../../../../../src/main/core/machines/worker/open-exchange';
import { WorkerStore } from '../../../../../../src/main/core/machines/worker/store';
import { runWorker } from '../../../../../../src/main/core/machines/worker/worker';
import { EngineRequests } from '../../../../../../src/main/core/jobs/engine-requests';
import { type Executor } from '../../../../../../src/main/core/jobs/executor';
import { localExecutor } from '../../../../../../src/main/core/jobs/executors/local';
import { type Plan } from '../../../../../../src/main/core/jobs/item-spec';
import { JobRun } from '../../../../../../src/main/core/jobs/job-run';
import { ledgerStages, runPlan } from '../../../../../../src/main/core/jobs/run-plan';
import { type AppParts } from '../../../../../../src/main/core/services';
import { installedFiles } from '../../../../../../src/main/core/storage/installed-files';
import { builtInCatalogues } from '../../../../../../src/shared/catalogue/catalogues';
import { coreOn } from '../../../core-on';
import { id, newJob, temporaryFolder } from '../../../storage/helpers';
import { hashingEngine } from '../../support/hashing-engine';
import { type Network, networkTo } from '../../support/network';
import { anyName } from './queued-plan';
import { type TestValkey } from '../../support/valkey';

/** A killed worker is noticed within a second. */
const times = {
  ...queueTimes,
  ...{ lockDuration: 500, lockRenewTime: 120, stalledInterval: 150 },
  ...{ heartbeat: 100, life: 1000, rest: 200, patience: 300 },
};

/** How often items were said to be begun and to have taken their time, by the name of their map. */
interface Told {
  begun: number;
  took: number;
}

/** A worker of the site, whole but for its engine's numbers. */
export interface SiteWorker {
  /** Its way to the queue, and to the coordinator. */
  readonly queueWay: Network;
  readonly way: Network;
  /** As kill -9: its connections end, and nothing of it is heard any more. */
  die(): Promise<void>;
  /** As SIGTERM. */
  end(): Promise<void>;
}

/** One data directory with a queue, a listener and workers, all of them real but the engines' numbers. */
export async function openSite(
  server: TestValkey,
  { tls = false }: { /** Of the listener; the queue's is its server's. */ tls?: boolean } = {},
) {
  const { core } = coreOn(temporaryFolder());
  const folder = machinesFolder(core.dataDir);
  const joins = new Joins(folder, () => new Date());
  const arrivals = new Arrivals(folder.arrivals);
  const prefix = `saliency-${randomBytes(6).toString('hex')}`;
  const certificate = tls ? await certificateFor(folder, '127.0.0.1', new Date()) : null;
  const transport = await startTransport(
    {
      arrivals,
      admit: (token) => joins.admit(token),
      find: (sha256) => core.artifacts.find(sha256),
      log: core.log,
      hello: { prefix, version: '1' },
    },
    { host: '127.0.0.1', port: 0, tls: certificate },
  );
  // Nothing of it is run: the class rests on its content.
  const engineEntry = join(temporaryFolder(), 'engine.js');
  writeFileSync(engineEntry, '');
  const files = { root: installedFiles().root, engineEntry };
  const probed = new OwnClass({ engine: hashingEngine().host, files });
  const engineClass = classHash(await probed.of());
  const redis = await openConnection(server.address);
  const queues = new Set<() => Promise<void>>();
  const workers = new Set<SiteWorker>();
  const told = new Map<string, Told>();
  const failures: string[] = [];
  let attempts = 0;

  const openQueue = async () => {
    const connection = { ...connectionOptions(server.address), retryStrategy: () => 50 };
    const queue = await openChainQueue({ connection, prefix, engineClass, log: core.log });
    const close = () => queue.close();
    queues.add(close);
    return {
      queue,
      close: async () => {
        queues.delete(close);
        await close();
      },
    };
  };

  return {
    core,
    told: told as ReadonlyMap<string, Told>,
    /** What workers said of orders that they could not do. */
    failures: failures as readonly string[],
    /** The queue loses everything. */
    flush: () => redis.flushdb(),
    /** How many chains are in the queue that have not ended. */
    async open(): Promise<number> {
      const { queue, close } = await openQueue();
      const found = await queue.open();
      await close();
      return found.length;
    },

    /** Somebody who may join, by ways to the queue and to the coordinator. */
    join(queuePort = server.port, port = transport.port): JoinFile {
      const { name, token } = joins.createNext();
      return {
        version: 1,
        name,
        prefix,
        queue: { ...server.address, port: queuePort },
        coordinator: {
          url: `http${tls ? 's' : ''}://127.0.0.1:${port}`,
          ca: certificate?.ca ?? null,
          sharedFolder: null,
          token,
        },
      };
    },

    /** @param twice whether what came of its next order is said twice */
    async worker(delay: () => number, twice: () => boolean): Promise<SiteWorker> {
      const [queueWay, way] = [await networkTo(server.port), await networkTo(transport.port)];
      const join = this.join(queueWay.port, way.port);
      const store = await WorkerStore.open({ root: temporaryFolder(), limit: 1 << 30 });
      const { host } = hashingEngine(delay);
      const stop = new AbortController();
      let dead = false;
      const say = (line: string) => {
        if (line.startsWith('Not done')) failures.push(line);
      };
      const run = async () => {
        const { exchange, close } = await openExchange(join, { say, signal: stop.signal });
        const repeated = repeating(exchange, twice);
        const engines = [host] as const;
        try {
          const engineClass = (engine: ProbedEngine) => new OwnClass({ engine, files }).of();
          await runWorker(
            { join, exchange: repeated, store, engines, threads: 1, engineClass, times, say },
            stop.signal,
          );
        } finally {
          close();
        }
      };
      const running = run().catch((error: unknown) => {
        if (!stop.signal.aborted && !dead) throw error;
      });
      // Whoever ends it is told.
      running.catch(() => undefined);
      const cut = async () => {
        if (dead) return;
        dead = true;
        await Promise.all([queueWay.close(), way.close()]);
      };
      const worker: SiteWorker = {
        queueWay,
        way,
        die: cut,
        async end() {
          workers.delete(worker);
          stop.abort(new Error('ended'));
          await running;
          await cut();
          await store.close();
        },
      };
      workers.add(worker);
      return worker;
    },

    /** One attempt at a job with this plan by the queue's workers. */
    async perform(plan: Plan, signal: AbortSignal): Promise<void> {
      const { queue, close } = await openQueue();
      const executor = queueExecutor({
        arrivals,
        artifacts: core.artifacts,
        check: (order, result) =>
          checkResult(
            {
              ...builtInCatalogues,
              operators: { ...anyName, cost: () => 0 },
              datasetForm: async () => ({
                shape: [2, 2, 1],
                classes: 10,
                train: 100,
                validation: 100,
              }),
            },
            order,
            result,
            (sha256) => arrivals.blob(sha256),
          ),
        datasetFiles: async ({ dataset }) => ({ dataset, files: [] }),
        did: () => undefined,
        explain: (error) => explainQueue(error, server.address, prefix),
        engineClass,
        log: core.log,
        queue,
        refill: 100,
        scratch: core.scratch,
        here: nobody,
        verify: null,
      });
      attempts += 1;
      try {
        await attempt(core, plan, listening(executor, told), signal, attempts === 1);
      } finally {
        executor.close();
        await close();
      }
    },

    async close(): Promise<void> {
      await Promise.all([...workers].map((worker) => worker.end()));
      for (const close of queues) await close();
      redis.disconnect();
      await transport.close();
    },
  };
}

/** The same plan on one machine, in order. */
export async function performAlone(plan: Plan): Promise<AppParts> {
  const { core } = coreOn(temporaryFolder());
  const { host: engine } = hashingEngine();
  const requests = new EngineRequests({ ...core, engine, placeOf: () => ({ datasetDir: '' }) });
  const { signal } = new AbortController();
  await attempt(core, plan, localExecutor(requests), signal, true);
  return core;
}

async function attempt(
  core: AppParts,
  plan: Plan,
  executor: Executor,
  signal: AbortSignal,
  first: boolean,
): Promise<void> {
  if (first) core.jobs.insert({ ...newJob('a'), stages: ledgerStages(plan) });
  const job = core.jobs.get(id('job', 'a'));
  if (!job) throw new Error('no job');
  await runPlan({ ...core, executor }, new JobRun(core, job, signal), plan);
}

/** Writes down what is told of each order. */
function listening(executor: Executor, told: Map<string, Told>): Executor {
  return {
    ...executor,
    open(...asked) {
      const place = executor.open(...asked);
      return {
        execute(order, context, take) {
          const [output] = order.outputs;
          const counts = told.get(output?.key ?? '') ?? { begun: 0, took: 0 };
          told.set(output?.key ?? '', counts);
          return place.execute(
            order,
            {
              ...context,
              begun() {
                if (counts.took === 0) counts.begun += 1;
                context.begun();
              },
              took(seconds) {
                counts.took += 1;
                context.took(seconds);
              },
            },
            take,
          );
        },
        close: () => place.close(),
      };
    },
  };
}

/** What came of an order is said again a moment later, as by whoever did not hear that it was taken. */
function repeating(exchange: Exchange, twice: () => boolean): Exchange {
  return {
    fetchBlob: (...asked) => exchange.fetchBlob(...asked),
    putBlob: (...asked) => exchange.putBlob(...asked),
    result: (...asked) => exchange.result(...asked),
    async putResult(...asked) {
      const again = twice();
      await exchange.putResult(...asked);
      // By now its files may be stored and gone from among what arrived.
      if (again) await exchange.putResult(...asked).catch(() => undefined);
    },
  };
}

const nobody: Executor = {
  room: 1,
  open() {
    throw new Error('nothing is done here');
  },
};
