import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { type Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { classHash } from '../../../../../src/main/core/machines/engine-class';
import { type Heartbeat, heartbeatSchema } from '../../../../../src/main/core/machines/heartbeat';
import { type JoinFile } from '../../../../../src/main/core/machines/join-file';
import {
  connectionOptions,
  openConnection,
} from '../../../../../src/main/core/machines/queue/connection';
import {
  cancelChannel,
  cancelKey,
  drainKey,
  queueOf,
  workerKey,
  workersKey,
} from '../../../../../src/main/core/machines/queue/names';
import { ownJoin } from '../../../../../src/main/core/machines/own-join';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import {
  startTransport,
  type TransportServer,
} from '../../../../../src/main/core/machines/transport/server';
import { type WorkChain } from '../../../../../src/main/core/machines/work-chain';
import { silentLog } from '../../../../../src/main/core/storage/environment';
import { valueAt } from '../../../../../src/shared/checked-reads';
import { realEngine, temporaryFolder } from '../../../engine-process/helpers';
import { bundle } from '../../jobs/bundle';
import { folderExchange } from '../folder-exchange';
import { freePort } from '../support/free-port';
import { startValkey, type TestValkey } from '../support/valkey';
import { chainOf, epochs, offeredMnist } from './chains';
import { Slot } from '../../../../../src/main/core/machines/worker/slot';
import { WorkerStore } from '../../../../../src/main/core/machines/worker/store';
import { workerName } from '../../../../../src/main/core/machines/worker/worker';
import { startProcess, type WorkerProcess } from './worker-process';

const prefix = 'saliency-test';
const token = 'a'.repeat(43);
const never = new AbortController().signal;

/** What a coordinator has of its own, as far as workers see it. */
interface Coordinator {
  readonly arrivals: Arrivals;
  readonly server: TransportServer;
  readonly dataset: ReturnType<typeof offeredMnist>;
  revoked: boolean;
}

describe('a worker as a process', () => {
  let valkey: TestValkey;
  let redis: Redis;
  let coordinator: Coordinator;
  let bundled: Awaited<ReturnType<typeof bundle>>;
  let folder: string;
  let store: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'saliency-studio-'));
    store = join(folder, 'store');
    const source = fileURLToPath(new URL('./worker-child.ts', import.meta.url));
    bundled = await bundle({ worker: source });
    valkey = await startValkey();
    redis = await openConnection(valkey.address);
    const offers = folderExchange(join(folder, 'offers'));
    const dataset = offeredMnist(offers);
    const arrivals = new Arrivals(join(folder, 'arrivals'));
    const made = { arrivals, dataset, revoked: false };
    const server = await startTransport(
      {
        arrivals,
        admit: (given) =>
          made.revoked || given !== token
            ? { refused: 'The join lab was revoked on 2026-12-01.' }
            : { name: 'lab' },
        find: async (sha256) =>
          dataset.files.some((file) => file.sha256 === sha256) ? offers.path(sha256) : null,
        log: silentLog,
        hello: { prefix, version: '1' },
      },
      { host: '127.0.0.1', port: 0, tls: null },
    );
    coordinator = Object.assign(made, { server });
  });
  afterAll(async () => {
    redis.disconnect();
    await coordinator.server.close();
    await valkey.close();
    await bundled.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const joinFile = (
    change: Partial<JoinFile['coordinator']> = {},
    queue = valkey.address,
    name = 'lab',
  ): string => {
    const path = join(temporaryFolder(), 'join.json');
    const file: JoinFile = {
      version: 1,
      name,
      prefix,
      queue,
      coordinator: {
        url: `http://127.0.0.1:${coordinator.server.port}`,
        ca: null,
        sharedFolder: null,
        token,
        ...change,
      },
    };
    writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
    return path;
  };
  const start = (
    env: NodeJS.ProcessEnv = {},
    path = joinFile(),
    root = store,
    ...sizeAndSlots: string[]
  ): WorkerProcess => {
    const worker = startProcess(
      join(bundled.folder, 'worker.js'),
      [path, root, ...sizeAndSlots],
      env,
    );
    onTestFinished(async () => {
      worker.child.kill('SIGKILL');
      await worker.ended;
    });
    return worker;
  };
  const signOf = async (worker: WorkerProcess): Promise<Heartbeat> => {
    await worker.line(/Waiting for work/);
    for (;;) {
      for (const name of await redis.smembers(workersKey(prefix))) {
        const sign = await redis.get(workerKey(prefix, name));
        if (sign === null || !name.endsWith(`-${worker.child.pid}`)) continue;
        return heartbeatSchema.parse(JSON.parse(sign));
      }
      await sleep(20);
    }
  };
  const queueFor = async (worker: WorkerProcess): Promise<Queue> => {
    const { engineClass } = await signOf(worker);
    const queue = new Queue(queueOf(classHash(engineClass)), {
      connection: connectionOptions(valkey.address),
      prefix,
    });
    // Outages are meant.
    queue.on('error', () => undefined);
    onTestFinished(async () => {
      await queue.obliterate({ force: true });
      await queue.close();
    });
    return queue;
  };
  const add = (queue: Queue, chain: WorkChain) =>
    queue.add('Model at 10%', chain, {
      jobId: valueAt(chain.orders, 0).request,
      attempts: 3,
      backoff: { type: 'fixed', delay: 200 },
    });
  /** Each chain is asked for anew: what came of an earlier one is found otherwise. */
  let seed = 0;
  const chain = (count: number, trainLimit: number) => {
    seed += 1;
    const orders = epochs(coordinator.dataset, count, { trainLimit, seed });
    return { orders, chain: chainOf(coordinator.dataset, orders, { job: `job-${seed}` }) };
  };
  const resultOf = async (work: WorkChain, order: number) => {
    const { request } = valueAt(work.orders, order);
    for (;;) {
      const result = await coordinator.arrivals.result(request);
      if (result) return result;
      await sleep(20);
    }
  };

  it('is killed in the second epoch, and another finishes with the same weights', async () => {
    const first = start();
    const queue = await queueFor(first);
    const { chain: work } = chain(2, 4000);
    const added = await add(queue, work);
    await first.line(/^Begun: Model at 10%$/);
    const second = start();
    const done = await resultOf(work, 0);
    expect(done).toMatchObject({ kind: 'done', worker: expect.stringMatching(/^lab@/) });
    first.child.kill('SIGKILL');
    await second.line(/^Done in .*: Model at 10%$/);
    const after = await resultOf(work, 1);
    expect([done.worker, after.worker].map((name) => name.split('-').at(-1))).toEqual(
      [first, second].map(({ child }) => String(child.pid)),
    );
    await waitUntil(() => added.isCompleted());
    const job = await queue.getJob(valueAt(work.orders, 0).request);
    expect(job?.returnvalue).toEqual({ done: 1, known: 1, refused: null });
    expect(job?.progress).toMatchObject({ worker: after.worker, unit: 'images' });

    const alone = folderExchange(temporaryFolder());
    const engine = realEngine({ threads: 1 });
    onTestFinished(() => engine.close());
    const own = await WorkerStore.open({ root: store, limit: 1 << 30 });
    onTestFinished(() => own.close());
    await new Slot({ engine, exchange: alone, store: own }, { worker: 'alone', slot: 0 }).run(
      work,
      {
        signal: never,
        report: () => undefined,
        did: () => undefined,
      },
    );
    const expected = alone.read(valueAt(work.orders, 1).request);
    if (expected?.kind !== 'done' || after.kind !== 'done') throw new Error('not done');
    expect(after.files).toEqual(expected.files);
  }, 180_000);

  it('stops within two seconds of a cancel, drains, and gives its item back when it is ended', async () => {
    const worker = start();
    const queue = await queueFor(worker);
    const { chain: work } = chain(3, 50_000);
    await add(queue, work);
    await worker.line(/^Begun/);
    await sleep(300);
    const { name } = await signOf(worker);
    const cancelledAt = performance.now();
    await redis.set(cancelKey(prefix, work.job), '1', 'PX', 60_000);
    await redis.publish(cancelChannel(prefix), work.job);
    await worker.line(/^Cancelled: Model at 10%$/);
    expect(performance.now() - cancelledAt).toBeLessThan(2000);
    const job = await queue.getJob(valueAt(work.orders, 0).request);
    for (let tries = 0; tries < 50 && !(await job?.isFailed()); tries += 1) await sleep(20);
    expect(await job?.isFailed()).toBe(true);

    // What belongs to a cancelled job and comes later is not begun either.
    const late = chain(2, 50_000).chain;
    await redis.set(cancelKey(prefix, late.job), '1', 'PX', 60_000);
    const again = await add(queue, late);
    for (let tries = 0; tries < 100 && !(await again.isFailed()); tries += 1) await sleep(20);
    expect(await again.isFailed()).toBe(true);
    expect(worker.lines.filter((line) => line.startsWith('Begun'))).toHaveLength(1);

    await redis.set(drainKey(prefix, name), '1', 'PX', 60_000);
    await worker.line(/nothing more/);
    const next = chain(3, 50_000).chain;
    const waiting = await add(queue, next);
    await sleep(1000);
    expect((await signOf(worker)).state).toBe('draining');
    // While it is heard, it stays drained.
    expect(await redis.pttl(drainKey(prefix, name))).toBeGreaterThan(60_000);
    expect(await waiting.isWaiting()).toBe(true);
    await redis.del(drainKey(prefix, name));
    await worker.line(/work again/);
    await waitUntil(async () => (await signOf(worker)).state === 'busy');
    expect((await signOf(worker)).items).toEqual(['Model at 10%']);
    await redis.set(drainKey(prefix, name), '1', 'PX', 60_000);

    const endedAt = performance.now();
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(performance.now() - endedAt).toBeLessThan(4000);
    expect(worker.lines).toContain('Given back: Model at 10%');
    const back = await queue.getJob(valueAt(next.orders, 0).request);
    expect(await back?.isWaiting()).toBe(true);
    expect(back?.attemptsMade).toBe(0);
    expect(await redis.smembers(workersKey(prefix))).not.toContain(name);
    // Whoever comes after it is not drained, by its name neither.
    expect(await redis.exists(drainKey(prefix, name))).toBe(0);
    const called = Array.from({ length: 2000 }, () => workerName('lab'));
    expect(new Set(called).size).toBe(called.length);
  }, 120_000);

  it('of another class sees nothing of the queue', async () => {
    const usual = start();
    const queue = await queueFor(usual);
    usual.child.kill('SIGTERM');
    await usual.ended;
    const other = start({ ONEDNN_MAX_CPU_ISA: 'AVX2' });
    const job = await add(queue, chain(1, 300).chain);
    const sign = await signOf(other);
    expect(queueOf(classHash(sign.engineClass))).not.toBe(queue.name);
    await sleep(1500);
    expect(await job.isWaiting()).toBe(true);
    expect((await signOf(other)).state).toBe('idle');
  }, 120_000);

  it('ends with a sentence when its join is revoked, and gives back what it is at', async () => {
    const worker = start();
    const queue = await queueFor(worker);
    coordinator.revoked = true;
    onTestFinished(() => void (coordinator.revoked = false));
    const job = await add(queue, chain(1, 300).chain);
    expect(await worker.ended).toBe(1);
    expect(worker.lines.at(-1)).toBe('failed The join lab was revoked on 2026-12-01.');
    expect(await job.isWaiting()).toBe(true);
    const later = start();
    expect(await later.ended).toBe(1);
    expect(later.lines.at(-1)).toBe('failed The join lab was revoked on 2026-12-01.');
  }, 60_000);

  it('gives back what its store has no room for, and after a second try takes nothing more', async () => {
    const worker = start({}, joinFile(), join(folder, 'small'), '1000000');
    const queue = await queueFor(worker);
    const job = await add(queue, chain(1, 300).chain);
    await worker.line(/^Not done: Model at 10%\. The worker’s store .* --store-size\.$/);
    await worker.line(/^Takes nothing for 1 s\.$/);
    await waitUntil(async () => (await signOf(worker)).problem !== null);
    expect(await job.isWaiting()).toBe(true);
    await worker.line(/^This worker takes nothing more until it is started again\.$/);
    const { name } = await signOf(worker);
    const begun = () => worker.lines.filter((line) => /^Begun/.test(line));
    expect(begun()).toHaveLength(2);
    // Whoever lets it go on by the page does not mend it either.
    await redis.set(drainKey(prefix, name), '1', 'PX', 60_000);
    await worker.line(/nothing more: what is begun/);
    await redis.del(drainKey(prefix, name));
    await worker.line(/work again/);
    await sleep(1500);
    expect(begun()).toHaveLength(2);
    expect((await signOf(worker)).problem).toMatch(/--store-size\. This worker takes nothing more/);
    expect(await job.isWaiting()).toBe(true);
    expect((await queue.getJob(job.id ?? ''))?.attemptsMade).toBe(0);
  }, 60_000);

  it('tells whoever has it on their own machine what they can do about its store', async () => {
    const path = joinFile({}, valkey.address, ownJoin);
    const worker = start({}, path, join(folder, 'own'), '1000000');
    const queue = await queueFor(worker);
    await add(queue, chain(1, 300).chain);
    await worker.line(/^This machine takes nothing more of the job until it is cancelled/);
    await waitUntil(async () => /resumed/.test((await signOf(worker)).problem ?? ''));
    expect((await signOf(worker)).problem).toMatch(
      /: free space on its disk, half of which it may take\. This machine takes nothing more/,
    );
    expect(worker.lines.join('\n')).not.toContain('--store-size');
  }, 60_000);

  it('tells of no problem while one of its slots takes work', async () => {
    const worker = start({}, joinFile(), join(folder, 'two-slots'), '1000000', '2');
    const queue = await queueFor(worker);
    const job = await add(queue, chain(1, 300).chain);
    // The other slot has it at once, and rests for good; the first has nothing to do after its rest.
    await worker.line(
      /^One of this worker’s slots takes nothing more until it is started again\.$/,
    );
    await waitUntil(() => job.isWaiting());
    await job.remove();
    await sleep(1500);
    expect((await signOf(worker)).problem).toBeNull();
    expect(worker.lines.filter((line) => /^Begun/.test(line))).toHaveLength(2);
    await add(queue, chain(1, 300).chain);
    await waitUntil(async () => (await signOf(worker)).problem !== null);
  }, 60_000);

  it('begins an item again whose engine ended under it', async () => {
    const worker = start();
    const queue = await queueFor(worker);
    const { chain: work } = chain(1, 4000);
    const job = await add(queue, work);
    await worker.line(/^Begun/);
    await waitUntil(async () => (await queue.getJob(job.id ?? ''))?.progress !== 0);
    for (const pid of childrenOf(worker.child.pid)) process.kill(pid, 'SIGKILL');
    await worker.line(/^Not done: Model at 10%\. The engine stopped/);
    await worker.line(/^Done in/);
    await waitUntil(() => job.isCompleted());
    expect((await queue.getJob(job.id ?? ''))?.returnvalue).toMatchObject({ done: 1 });
  }, 60_000);

  it('goes on after an outage of the queue, and ends in one', async () => {
    await valkey.stop();
    const worker = start();
    await worker.line(/^The queue at 127\.0\.0\.1:\d+ cannot be reached.* Waiting for it\.$/);
    await valkey.restart();
    const queue = await queueFor(worker);
    const { chain: work } = chain(3, 50_000);
    await add(queue, work);
    await worker.line(/^Begun/);
    await valkey.kill();
    await worker.line(/^The connection with the queue is lost/);
    await valkey.restart();
    await worker.line(/^The queue is there again/);
    expect(worker.lines.filter((line) => /^(Given back|Lost|Not done)/.test(line))).toEqual([]);
    await valkey.stop();
    const endedAt = performance.now();
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(performance.now() - endedAt).toBeLessThan(10_000);
    await valkey.restart();
  }, 60_000);

  it('ends with a sentence when the queue’s password is another', async () => {
    const locked = await startValkey({ password: 'one' });
    onTestFinished(() => locked.close());
    const worker = start({}, joinFile({}, locked.address));
    await worker.line(/Waiting for work/);
    const keeper = await openConnection(locked.address);
    await keeper.config('SET', 'requirepass', 'two');
    await keeper.call('CLIENT', 'KILL', 'TYPE', 'normal');
    keeper.disconnect();
    expect(await worker.ended).toBe(1);
    expect(worker.lines.at(-1)).toMatch(/^failed The queue at .* does not take this password/);
  }, 60_000);

  it('waits for a coordinator that is not there yet, and says so', async () => {
    const worker = start({}, joinFile({ url: `http://127.0.0.1:${await freePort()}` }));
    await worker.line(/^The coordinator at http.* is away\. Waiting for it\.$/);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(1);
  });
});

/** Linux’s own list. */
function childrenOf(pid: number | undefined): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}
