import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { artifactKey } from '../../../../../../src/main/core/artifacts/artifacts';
import {
  type ChainQueue,
  openChainQueue,
  type QueueConnection,
} from '../../../../../../src/main/core/machines/coordinator/chain-queue';
import { checkResult } from '../../../../../../src/main/core/machines/coordinator/check-result';
import {
  queueExecutor,
  type QueueExecutor,
} from '../../../../../../src/main/core/machines/coordinator/queue-executor';
import { WorkerPace } from '../../../../../../src/main/core/machines/coordinator/worker-pace';
import { explainQueue } from '../../../../../../src/main/core/machines/queue/queue-problem';
import { requestKey } from '../../../../../../src/main/core/machines/work-chain';
import { type Executor } from '../../../../../../src/main/core/jobs/executor';
import {
  type ItemSpec,
  type Plan,
  type Step,
  stored,
  type WorkOrder,
  workOrder,
} from '../../../../../../src/main/core/jobs/item-spec';
import { JobRun } from '../../../../../../src/main/core/jobs/job-run';
import { ledgerStages, runPlan } from '../../../../../../src/main/core/jobs/run-plan';
import { type AppParts } from '../../../../../../src/main/core/services';
import { builtInCatalogues } from '../../../../../../src/shared/catalogue/catalogues';
import { coreOn } from '../../../core-on';
import { id, newJob, temporaryFolder } from '../../../storage/helpers';
import { startValkey, type TestValkey } from '../../support/valkey';
import {
  Arrivals,
  type ArrivalsOptions,
} from '../../../../../../src/main/core/machines/transport/arrivals';
import { startWorker, type WorkerOptions } from './honest-worker';

export const engineClass = 'c'.repeat(64);
const dataset = { dataset: 'mnist', files: [{ name: 'train.images', sha256: '5a'.repeat(32) }] };

/** As large as it would be; no worker here reads it. */
export const datasetFiles = async () => ({
  dataset: dataset.dataset,
  files: dataset.files.map((file) => ({ ...file, bytes: 10 })),
});

export const keyOf = (name: string) => artifactKey('map', { name });

/** An order that writes a map of its own name, after reading others. */
export const orderOf = (name: string, reads: readonly string[] = []): WorkOrder =>
  workOrder(
    'maps',
    dataset,
    { indices: [0, 1], composition: name, maps: reads.map((read) => stored(keyOf(read))) } as never,
    [{ file: 'map.npy', kind: 'map', key: keyOf(name) }],
  ) as unknown as WorkOrder;

export const requestOf = (name: string, reads: readonly string[] = []) =>
  requestKey(orderOf(name, reads), engineClass);

/** Chains by their names, with the names of their orders, each of which reads the one before. */
export type Chains = Readonly<Record<string, readonly string[]>>;

export function planOf(chains: Chains, seconds: Map<string, number>): Plan {
  const specs = Object.entries(chains).map(([name, items]): ItemSpec => ({
    id: name,
    stage: 'work',
    title: name,
    passing: 0,
    needs: [],
    items: items.map((item) => ({ id: item, title: item, cost: 1, bytes: 0 })),
  }));
  const complete = ({ items }: ItemSpec): Step[] =>
    items.map(({ id: item }, index) => {
      const before = items[index - 1];
      return {
        item,
        orders: [orderOf(item, before ? [before.id] : [])],
        finish({ reused }) {
          seconds.set(item, (seconds.get(item) ?? 0) + 1);
          return { artifacts: [keyOf(item)], reused };
        },
      };
    });
  return { stages: [{ id: 'work', title: 'Work' }], measured: false, specs, complete };
}

/** The queue of a test file, and what is opened on it. */
export function valkeyOfFile() {
  let server: TestValkey | null = null;
  beforeAll(async () => {
    server = await startValkey();
  });
  afterAll(async () => server?.close());
  return () => {
    if (!server) throw new Error('Valkey is not started');
    return server;
  };
}

const nobody: Executor = {
  room: 1,
  open() {
    throw new Error('nothing is done here');
  },
};

export interface Coordinated {
  readonly core: AppParts;
  readonly arrivals: Arrivals;
  /** Requests whose results lie there. */
  arrived(): string[];
  readonly connection: QueueConnection;
  readonly prefix: string;
  queue(): Promise<ChainQueue>;
  worker(options?: Partial<WorkerOptions>): Promise<ReturnType<typeof startWorker>>;
  /** Does the chains as one attempt of the job does, in a process of its own as far as the queue sees. */
  perform(
    chains: Chains,
    options?: { signal?: AbortSignal; here?: Executor; verify?: Verify; measured?: boolean },
  ): Promise<void>;
  readonly pace: WorkerPace;
  /** Why the queue takes nothing, where it is so. */
  trouble(): string | null;
  /** Jobs whose cancellation no worker heard of. */
  untold(): readonly string[];
  /** How often each item was finished, in all attempts. */
  readonly finished: ReadonlyMap<string, number>;
}
/** Compositions of these plans are names of what they make: of two backward passes an image. */
export const anyName = {
  parse: (op: string) => ({ op }),
  get: () => builtInCatalogues.operators.get('gradient'),
  cost: () => 2,
};

type Verify = Parameters<typeof queueExecutor>[0]['verify'];

export function coordinated(server: TestValkey, options: ArrivalsOptions = {}): Coordinated {
  const { core } = coreOn(temporaryFolder());
  const root = temporaryFolder();
  const arrivals = new Arrivals(root, options);
  const prefix = `saliency-${randomBytes(6).toString('hex')}`;
  const connection: QueueConnection = {
    host: '127.0.0.1',
    port: server.port,
    retryStrategy: () => 50,
  };
  const finished = new Map<string, number>();
  const pace = new WorkerPace();
  const executors: QueueExecutor[] = [];
  const openQueue = async () => {
    const queue = await openChainQueue({ connection, prefix, engineClass, log: core.log });
    onTestFinished(() => queue.close());
    return queue;
  };
  let inLedger = false;
  return {
    core,
    arrivals,
    arrived: () => {
      const folder = join(root, 'results');
      return existsSync(folder) ? readdirSync(folder) : [];
    },
    connection,
    prefix,
    finished,
    pace,
    untold: () => executors.at(-1)?.untold() ?? [],
    trouble: () => executors.at(-1)?.trouble() ?? null,
    queue: openQueue,
    async worker(options = {}) {
      const given = { name: 'one', connection, prefix, engineClass, arrivals, ...options };
      const worker = startWorker(given);
      onTestFinished(() => worker.close());
      await worker.ready();
      return worker;
    },
    async perform(chains, options = {}) {
      const {
        signal = new AbortController().signal,
        here,
        verify = null,
        measured = false,
      } = options;
      const plan = { ...planOf(chains, finished), measured };
      if (!inLedger) core.jobs.insert({ ...newJob('a'), stages: ledgerStages(plan) });
      inLedger = true;
      const job = core.jobs.get(id('job', 'a'));
      if (!job) throw new Error('no job');
      const queue = await openQueue();
      const executor = queueExecutor({
        arrivals,
        artifacts: core.artifacts,
        check: (order, result) =>
          checkResult(
            {
              ...builtInCatalogues,
              operators: anyName,
              datasetForm: async () => ({ shape: [2, 2, 1], classes: 10, train: 2, validation: 2 }),
            },
            order,
            result,
            (sha256) => arrivals.blob(sha256),
          ),
        datasetFiles,
        explain: (error) => explainQueue(error, server.address, prefix),
        did: (worker, expected, seconds) => pace.add(worker, expected, seconds),
        engineClass,
        log: core.log,
        queue,
        refill: 100,
        scratch: core.scratch,
        here: here ?? nobody,
        verify,
      });
      executors.push(executor);
      try {
        await runPlan({ ...core, executor }, new JobRun(core, job, signal), plan);
      } finally {
        executor.close();
        await queue.close();
      }
    },
  };
}
