import { writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { chainOf } from '../../../../../src/main/core/machines/coordinator/chain-of';
import { type Executor, type Place } from '../../../../../src/main/core/jobs/executor';
import {
  cancelledReason,
  type ChainOrder,
  type WorkResult,
} from '../../../../../src/main/core/machines/work-chain';
import { type EngineOutput } from '../../../../../src/shared/engine';
import { StudioError } from '../../../../../src/shared/errors';
import { temporaryFolder } from '../../storage/helpers';
import { waitingForWorker } from '../../../../../src/shared/jobs';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { honestResult, valuesOf } from './support/honest-worker';
import {
  coordinated,
  datasetFiles,
  engineClass,
  keyOf,
  orderOf,
  requestOf,
  valkeyOfFile,
} from './support/queued-plan';

const server = valkeyOfFile();
const epochs = { model: ['e0', 'e1', 'e2'] };
const requests = [requestOf('e0'), requestOf('e1', ['e0']), requestOf('e2', ['e1'])];
const nameOf = ({ input }: ChainOrder) => String(input['composition']);
/** Lasts until it is cancelled. */
const stalls = (_order: ChainOrder, signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

it('hands a chain to one worker, and stores what it makes in order', async () => {
  const { arrived, core, perform, queue, worker } = coordinated(server());
  const one = await worker();
  await perform(epochs);
  expect(one.done).toEqual(requests);
  for (const [i, name] of epochs.model.entries()) {
    const stored = await core.artifacts.read(keyOf(name));
    expect(new Uint8Array(stored)).toEqual(valuesOf({ request: requests[i] ?? '' }));
  }
  // Seconds are those of the engine, wherever it was.
  expect(core.jobs.list()[0]?.stages).toMatchObject([{ done: 3, seconds: 6 }]);
  // Nothing is left in the queue nor among what arrived.
  expect(arrived()).toEqual([]);
  await expect
    .poll(async () => (await queue()).state(requests[0] ?? ''))
    .toMatchObject({
      state: 'gone',
    });
});

it('knows how fast a worker is beside this machine, where it knows how long the work takes here', async () => {
  const unmeasured = coordinated(server());
  await unmeasured.worker();
  await unmeasured.perform(epochs);
  expect(unmeasured.pace.of('one')).toBeNull();
  const { pace, perform, worker } = coordinated(server());
  await worker();
  await perform(epochs, { measured: true });
  // What should take a second here took two there.
  expect(pace.of('one')).toBe(0.5);
  expect(pace.of('another')).toBeNull();
});

it('has many chains under way at once, each done once', async () => {
  const { core, perform, worker } = coordinated(server());
  const workers = [await worker(), await worker({ name: 'two' }), await worker({ name: 'three' })];
  const chains = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`chain ${i}`, [`${i} a`, `${i} b`]]),
  );
  await perform(chains);
  expect(workers.flatMap(({ done }) => done)).toHaveLength(40);
  expect(core.jobs.list()[0]?.stages).toMatchObject([{ done: 40 }]);
});

it('finds again what arrived while it was away, and has nothing done twice', async () => {
  const { arrivals, core, perform, queue, worker } = coordinated(server());
  // An earlier process put it there and ended; its workers went on.
  const orders = [orderOf('e0'), orderOf('e1', ['e0']), orderOf('e2', ['e1'])];
  const chain = await chainOf({ ...core, datasetFiles }, engineClass, 'job', orders);
  await (await queue()).add(requests[0] ?? '', 'model', chain);
  const one = await worker();
  // A worker counts before what it did has arrived.
  await expect.poll(() => arrivals.result(requests[2] ?? '')).not.toBeNull();
  expect(one.done).toHaveLength(3);
  await perform(epochs);
  expect(one.done).toEqual(requests);
  expect(core.jobs.list()[0]?.stages).toMatchObject([{ done: 3, reused: 0, seconds: 6 }]);
});

it('goes on with a chain that a worker was at when it was away itself', async () => {
  const { core, perform, queue, worker } = coordinated(server());
  // What an earlier process left in the queue, which began one order before.
  const orders = [orderOf('e0'), orderOf('e1', ['e0']), orderOf('e2', ['e1'])];
  const chain = await chainOf(
    { ...core, datasetFiles },
    engineClass,
    'job_aaaaaaaaaaaaaaaa',
    orders,
  );
  await (await queue()).add('before', 'model', chain);
  const one = await worker();
  await perform(epochs);
  expect(one.done).toEqual(requests);
});

it('puts again into the queue what the queue lost', async () => {
  const { perform, worker } = coordinated(server());
  const done = perform({ a: ['a0', 'a1'], b: ['b0'] });
  await sleep(200);
  const redis = new Redis(server().port);
  await redis.flushall();
  redis.disconnect();
  const one = await worker();
  await done;
  expect(one.done).toHaveLength(3);
});

it('goes on when the server was away and lost everything', async () => {
  const { perform, worker } = coordinated(server());
  const one = await worker();
  const chains = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`c${i}`, [`c${i}`]]));
  const done = perform(chains);
  await server().restart({ empty: true });
  await done;
  expect(new Set(one.done).size).toBe(8);
});

it('takes out what waits and stops what runs, within two seconds', async () => {
  const { perform, queue, worker } = coordinated(server());
  const stop = new AbortController();
  let begun = 0;
  await worker({
    instead: (order, signal) => {
      begun += 1;
      return stalls(order, signal);
    },
  });
  const chains = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`c${i}`, [`c${i}`]]));
  const done = perform(chains, { signal: stop.signal });
  await expect.poll(() => begun).toBe(1);
  const since = performance.now();
  stop.abort(new Error('stopped'));
  await expect(done).rejects.toThrow('stopped');
  expect(performance.now() - since).toBeLessThan(2000);
  expect(begun).toBe(1);
  const rest = await queue();
  await expect.poll(async () => (await rest.open()).length).toBe(0);
});

it('is cancelled and then resumed without a trace of it', async () => {
  const { perform, worker } = coordinated(server());
  const stop = new AbortController();
  let stalled = true;
  const begun = Promise.withResolvers<undefined>();
  const one = await worker({
    instead: async (order, signal) => {
      if (!stalled) return null;
      begun.resolve(undefined);
      return stalls(order, signal);
    },
  });
  const first = perform(epochs, { signal: stop.signal });
  await begun.promise;
  stop.abort(new Error('stopped'));
  await expect(first).rejects.toThrow('stopped');
  stalled = false;
  await perform(epochs);
  expect(one.done).toEqual(requests);
});

it('ends within two seconds while the queue is away', async () => {
  const { perform } = coordinated(server());
  const stop = new AbortController();
  const done = perform(epochs, { signal: stop.signal });
  await sleep(100);
  await server().kill();
  const since = performance.now();
  stop.abort(new Error('stopped'));
  await expect(done).rejects.toThrow('stopped');
  expect(performance.now() - since).toBeLessThan(2500);
  await server().restart();
});

/** A worker that refuses one order as long as it is told to. */
const refusing =
  (name: string, message: string, refuses: () => boolean) => async (order: ChainOrder) =>
    refuses() && nameOf(order) === name
      ? {
          kind: 'refused' as const,
          worker: 'one',
          error: { code: 'invalid-input' as const, message },
        }
      : null;
/** This machine's own engine, which does what it is told. */
const own = (execute: Place['execute']): Executor => ({
  room: 1,
  open: () => ({ execute, close: () => Promise.resolve() }),
});
const refusal = new StudioError({
  code: 'invalid-input',
  message: 'levels is 2; accepted: 0 to 1.',
});

it('throws what the engine refuses, which this machine confirms, and asks anew when the job is resumed', async () => {
  const { perform, worker } = coordinated(server());
  let refuses = true;
  const one = await worker({ instead: refusing('e1', 'in its own words', () => refuses) });
  const here = own(() => Promise.reject(refusal));
  await expect(perform(epochs, { here })).rejects.toMatchObject({ data: refusal.data });
  refuses = false;
  await perform(epochs);
  expect(one.done).toEqual([requests[0], requests[1], requests[1], requests[2]]);
});

it('does itself what a worker alone refuses, and goes on', async () => {
  const { core, finished, perform, worker } = coordinated(server());
  const one = await worker({ instead: refusing('e1', 'Anything at all.', () => true) });
  const bytes = valuesOf({ request: requests[1] ?? '' });
  const here = own(async (order, _context, take) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'map.npy'), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const files = [{ name: 'map.npy', sha256, bytes: bytes.length }];
    await take({ folder, files });
    return { files, gradients: 4 } as unknown as EngineOutput<typeof order.operation>;
  });
  await perform(epochs, { here });
  expect(new Uint8Array(await core.artifacts.read(keyOf('e1')))).toEqual(bytes);
  expect([...finished.values()]).toEqual([1, 1, 1]);
  expect(one.done).toEqual(requests);
});

it('asks again later where this machine cannot say whether a refusal is right', async () => {
  const { arrivals, perform, worker } = coordinated(server());
  await worker({ instead: refusing('e1', 'in its own words', () => true) });
  const full = new StudioError({ code: 'disk-full', message: 'The disk is full.' });
  const here = own(() => Promise.reject(full));
  await expect(perform(epochs, { here })).rejects.toBe(full);
  expect(await arrivals.result(requests[1] ?? '')).toMatchObject({ kind: 'refused' });
});

it('keeps a result where this machine’s engine ends while it looks at it, and goes on', async () => {
  const { perform, worker } = coordinated(server());
  const one = await worker();
  let looks = 0;
  const verify = () => {
    looks += 1;
    const crash = new StudioError({ code: 'engine-failed', message: 'The engine stopped.' });
    return looks === 1 ? Promise.reject(crash) : Promise.resolve();
  };
  await perform(epochs, { verify });
  expect(looks).toBe(4);
  // Nothing was cancelled, and nothing is done again.
  expect(one.done).toEqual(requests);
});

it('takes over what a cancelled job of before left in the queue', async () => {
  const { core, perform, queue, worker } = coordinated(server());
  const orders = [orderOf('e0'), orderOf('e1', ['e0']), orderOf('e2', ['e1'])];
  const other = 'job_bbbbbbbbbbbbbbbb';
  const chain = await chainOf({ ...core, datasetFiles }, engineClass, other, orders);
  const before = await queue();
  await before.add(requests[0] ?? '', 'model', chain);
  await before.cancel(other);
  const done = perform(epochs);
  const one = await worker();
  await done;
  expect(one.done).toEqual(requests);
});

it('makes its own chain where one of before ends cancelled all the same', async () => {
  const { core, perform, queue, worker } = coordinated(server());
  const orders = [orderOf('e0'), orderOf('e1', ['e0']), orderOf('e2', ['e1'])];
  const chain = await chainOf(
    { ...core, datasetFiles },
    engineClass,
    'job_bbbbbbbbbbbbbbbb',
    orders,
  );
  await (await queue()).add(requests[0] ?? '', 'model', chain);
  let first = true;
  const one = await worker({
    instead() {
      if (!first) return Promise.resolve(null);
      first = false;
      return Promise.reject(new UnrecoverableError(cancelledReason));
    },
  });
  await perform(epochs);
  expect(one.done).toEqual(requests);
});

it('waits while the server takes nothing in, says why, and goes on', async () => {
  const { perform, trouble, worker } = coordinated(server());
  const redis = new Redis(server().port);
  await redis.config('SET', 'maxmemory', '1');
  const done = perform(epochs);
  try {
    await expect.poll(trouble).toMatch(/takes nothing in: its memory or its disk is full/);
  } finally {
    await redis.config('SET', 'maxmemory', '0');
    redis.disconnect();
  }
  const one = await worker();
  await done;
  expect(one.done).toEqual(requests);
});

it('says of an item whose worker is gone that it waits again', async () => {
  const { core, perform, worker } = coordinated(server());
  const said: string[] = [];
  core.events.subscribe((event) => {
    if (event.type !== 'job.progress') return;
    if (event.progress.item !== said.at(-1)) said.push(event.progress.item);
  });
  const times = { lockDuration: 500, stalledInterval: 200 };
  const at = Promise.withResolvers<undefined>();
  const one = await worker({
    ...times,
    instead: () => {
      at.resolve(undefined);
      return new Promise<never>(() => undefined);
    },
  });
  const done = perform({ a: ['a'] });
  await at.promise;
  await expect.poll(() => said).toEqual(['a']);
  await one.die();
  // Whoever looks after what has stalled is a worker.
  await worker({ ...times, name: 'two', instead: async () => sleep(300).then(() => null) });
  await done;
  expect(said).toEqual(['a', waitingForWorker, 'a']);
});

it('does not take a time that nothing takes, which would make its sums no numbers', async () => {
  const { core, arrivals, perform, worker } = coordinated(server());
  await worker({
    async instead(order) {
      const result = await honestResult({ name: 'one', arrivals }, order);
      return { ...result, seconds: 1.7e308 } as WorkResult;
    },
  });
  await expect(perform(epochs)).rejects.toMatchObject({ data: { code: 'engine-failed' } });
  expect(core.jobs.list()).toHaveLength(1);
});

it('says who failed at what, and begins it again only when the job is resumed', async () => {
  const { perform, worker } = coordinated(server());
  let [fails, tries] = [true, 0];
  await worker({
    async instead() {
      tries += 1;
      if (fails) throw new Error('The engine stopped: it was ended by SIGKILL.');
      return null;
    },
  });
  await expect(perform({ a: ['a'] })).rejects.toMatchObject({
    data: {
      code: 'engine-failed',
      message:
        'a failed on one and is given up: The engine stopped: it was ended by SIGKILL. What was finished is kept: look at what those machines say, then resume the job.',
    },
  });
  // Three attempts in the queue are all: the ledger does not try it again.
  expect(tries).toBe(3);
  fails = false;
  await perform({ a: ['a'] });
});

it('goes on elsewhere when a worker dies', async () => {
  const { arrived, perform, worker } = coordinated(server());
  const at = Promise.withResolvers<undefined>();
  const times = { lockDuration: 500, stalledInterval: 200 };
  const one = await worker({
    ...times,
    async instead(order) {
      if (nameOf(order) !== 'e1') return null;
      at.resolve(undefined);
      return new Promise<never>(() => undefined);
    },
  });
  const done = perform(epochs);
  await at.promise;
  await one.die();
  const two = await worker({ ...times, name: 'two' });
  await done;
  expect([one.done, two.done]).toEqual([[requests[0]], [requests[1], requests[2]]]);
  expect(arrived()).toEqual([]);
});

it('takes out what is done when its worker dies before it says so', async () => {
  const { arrivals, perform, queue, worker } = coordinated(server());
  const goOn = Promise.withResolvers<null>();
  const at = Promise.withResolvers<string>();
  const begin = (name: string) =>
    worker({
      ...{ lockDuration: 400, stalledInterval: 100 },
      name,
      async instead(order) {
        if (nameOf(order) !== 'a') return goOn.promise;
        await arrivals.putResult(order.request, await honestResult({ name, arrivals }, order));
        at.resolve(name);
        return new Promise<never>(() => undefined);
      },
    });
  const both = [await begin('one'), await begin('two')];
  const done = perform({ a: ['a'], b: ['b'] });
  const dying = await at.promise;
  // The other, which is busy, puts it among what waits.
  await both.find(({ name }) => name === dying)?.die();
  const seen = await queue();
  await expect
    .poll(() => seen.state(requestOf('a')), { timeout: 3000 })
    .toMatchObject({ state: 'gone' });
  goOn.resolve(null);
  await done;
});

it('gives up what ends every worker', async () => {
  const { perform, worker } = coordinated(server());
  const times = { lockDuration: 300, stalledInterval: 100 };
  let begun = 0;
  let alive: Awaited<ReturnType<typeof worker>> | null = null;
  const next = async () => {
    alive = await worker({
      ...times,
      name: `worker ${begun}`,
      instead: () => {
        begun += 1;
        const own = alive;
        void own?.die().then(next);
        return new Promise<never>(() => undefined);
      },
    });
  };
  await next();
  await expect(perform({ a: ['a'] })).rejects.toMatchObject({
    data: { code: 'engine-failed', message: expect.stringContaining('ended under it 4 times') },
  });
  expect(begun).toBe(4);
});

it('stops where two workers tell different things of the same work', async () => {
  const { arrivals, perform, worker } = coordinated(server());
  await worker({
    async instead(order) {
      if (nameOf(order) !== 'e1') return null;
      const other = await honestResult(
        { name: 'liar', arrivals },
        orderBefore(order),
        valuesOf(order),
      );
      await arrivals.putResult(requests[0] ?? '', other).catch(() => undefined);
      return null;
    },
  });
  const orderBefore = (order: ChainOrder) => ({ ...order, request: requests[0] ?? '' });
  await expect(perform(epochs)).rejects.toMatchObject({
    data: { code: 'conflict', details: { one: 'one', other: 'liar' } },
  });
});

it('hears of two workers that differ through a folder alone, and takes neither', async () => {
  const { arrivals, core, perform, worker } = coordinated(server(), { shared: true });
  const { orders } = await chainOf({ ...core, datasetFiles }, engineClass, 'job', [orderOf('e0')]);
  const [order] = orders;
  if (!order) throw new Error('no order');
  for (const [name, request] of [
    ['one', order.request],
    ['liar', keyOf('another')],
  ] as const) {
    // Each is a process of its own, and the coordinator is away.
    const own = new Arrivals(arrivals.root, { shared: true });
    const made = await honestResult({ name, arrivals: own }, order, valuesOf({ request }));
    await own.putResult(order.request, made).catch(() => undefined);
  }
  await expect(perform(epochs)).rejects.toMatchObject({
    data: { code: 'conflict', details: { one: 'one', other: 'liar' } },
  });
  const honest = await worker();
  await perform(epochs);
  expect(honest.done).toEqual(requests);
});

it('keeps what it stored whatever becomes of it among what arrived', async () => {
  const { arrivals, core, perform, worker } = coordinated(server());
  await worker({
    async instead(order) {
      if (nameOf(order) !== 'e1') return null;
      await expect.poll(() => core.artifacts.has(keyOf('e0'))).toBe(true);
      // In a folder that all see, whoever sent it may still write to it.
      const first = await arrivals.result(requests[0] ?? '');
      if (first?.kind !== 'done') throw new Error('nothing arrived');
      for (const { sha256 } of first.files) await writeFile(arrivals.blob(sha256), 'changed');
      return null;
    },
  });
  await perform(epochs);
  const kept = await core.artifacts.read(keyOf('e0'));
  expect(new Uint8Array(kept)).toEqual(valuesOf({ request: requests[0] ?? '' }));
});

it('makes a new chain where one is done without what was asked', async () => {
  const { perform, worker, queue, core } = coordinated(server());
  const short = await chainOf({ ...core, datasetFiles }, engineClass, 'job_aaaaaaaaaaaaaaaa', [
    orderOf('e0'),
  ]);
  await (await queue()).add('short', 'model', short);
  const one = await worker();
  await perform(epochs);
  expect(one.done).toEqual(requests);
});
