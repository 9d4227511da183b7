import { type Job, Queue, QueueEvents, Worker } from 'bullmq';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { leastRights, setUserLine } from '../../../../../src/main/core/machines/queue/acl';
import { checkQueue } from '../../../../../src/main/core/machines/queue/check-queue';
import {
  connectionOptions,
  openConnection,
} from '../../../../../src/main/core/machines/queue/connection';
import {
  cancelChannel,
  cancelKey,
  queueOf,
  workerKey,
  workersKey,
} from '../../../../../src/main/core/machines/queue/names';
import { startValkey, type TestValkey } from '../support/valkey';

const prefix = 'saliency-abc';
const name = queueOf('0123456789abcdef0123456789abcdef');

let valkey: TestValkey;
beforeAll(async () => {
  const rules = leastRights(prefix).join(' ');
  valkey = await startValkey({ user: { name: 'studio', password: 'secret', rules } });
});
afterAll(() => valkey.close());

const connection = () => connectionOptions(valkey.address);

function opened<T extends Queue | QueueEvents | Worker>(made: T, refused: string[] = []): T {
  (made as { on(event: 'error', listener: (error: Error) => void): unknown }).on('error', (error) =>
    refused.push(error.message),
  );
  onTestFinished(() => made.close());
  return made;
}

function place(processor: (job: Job) => Promise<unknown>) {
  const refused: string[] = [];
  const queue = opened(new Queue(name, { prefix, connection: connection() }), refused);
  const events = opened(new QueueEvents(name, { prefix, connection: connection() }), refused);
  const worker = opened(new Worker(name, processor, { prefix, connection: connection() }), refused);
  return { queue, events, worker, refused };
}

test('a job is added, done, told of and removed with the least rights', async () => {
  const { queue, events, refused } = place(async (job) => {
    await job.updateProgress({ done: 1, total: 2 });
    return 'made';
  });
  await events.waitUntilReady();
  const progress = vi.fn();
  events.on('progress', ({ data }) => progress(data));
  const done = new Promise((resolve) => {
    events.on('completed', ({ jobId, returnvalue }) => resolve([jobId, returnvalue]));
  });
  await queue.addBulk([
    { name: 'chain', data: {}, opts: { jobId: 'one' } },
    { name: 'chain', data: {}, opts: { jobId: 'later', delay: 60_000, priority: 5 } },
  ]);
  expect(await done).toEqual(['one', 'made']);
  expect(progress).toHaveBeenCalledWith({ done: 1, total: 2 });
  expect(await queue.getJobCounts('completed', 'delayed')).toEqual({ completed: 1, delayed: 1 });
  expect(await queue.remove('later')).toBe(1);
  expect(await queue.remove('one')).toBe(1);
  expect(await queue.getJob('one')).toBeUndefined();
  expect(refused).toEqual([]);
});

test('a job that fails is tried again after a while', async () => {
  let tries = 0;
  const { queue, events, refused } = place(async () => {
    tries += 1;
    if (tries === 1) throw new Error('not yet');
    return tries;
  });
  await events.waitUntilReady();
  const done = new Promise((resolve) => {
    events.on('completed', ({ returnvalue }) => resolve(returnvalue));
  });
  const options = { jobId: 'again', attempts: 3, backoff: { type: 'fixed', delay: 50 } };
  await queue.add('chain', {}, options);
  expect(await done).toBe(2);
  await queue.remove('again');
  expect(refused).toEqual([]);
});

const times = { stalledInterval: 100, lockDuration: 300 };

test('a job whose worker is gone is begun by another', async () => {
  // Of its own: workers of a queue agree on when its stalled jobs are looked for.
  const name = queueOf('fedcba9876543210');
  const refused: string[] = [];
  const queue = opened(new Queue(name, { prefix, connection: connection() }), refused);
  const begun: string[] = [];
  const { promise: hanging, resolve: end } = Promise.withResolvers<null>();
  const lost = new Worker(
    name,
    () => {
      begun.push('lost');
      return hanging;
    },
    // Its lock ends, as where its process was killed.
    { prefix, connection: connection(), ...times, skipLockRenewal: true },
  );
  lost.on('error', () => undefined);
  onTestFinished(async () => {
    end(null);
    await lost.close(true);
  });
  await queue.add('chain', {}, { jobId: 'orphan' });
  await vi.waitUntil(() => begun.length === 1, { timeout: 5_000 });
  await lost.pause(true);
  const done = new Promise<string>((resolve) => {
    const other = opened(
      new Worker(name, async () => void begun.push('other'), {
        prefix,
        connection: connection(),
        ...times,
      }),
      refused,
    );
    other.on('completed', (job) => resolve(String(job.id)));
  });
  expect(await done).toBe('orphan');
  expect(begun).toEqual(['lost', 'other']);
  expect(refused).toEqual([]);
});

test('signs of life and wishes to cancel need no more', async () => {
  const [one, other] = await Promise.all([
    openConnection(valkey.address),
    openConnection(valkey.address),
  ]);
  onTestFinished(() => [one, other].forEach((each) => each.disconnect()));
  await one.set(workerKey(prefix, 'w'), '{}', 'PX', 10_000);
  await one.sadd(workersKey(prefix), 'w');
  expect(await one.smembers(workersKey(prefix))).toEqual(['w']);
  await one.set(cancelKey(prefix, 'job'), '1', 'EX', 60);
  const heard = new Promise((resolve) => other.on('message', (...said) => resolve(said)));
  await other.subscribe(cancelChannel(prefix));
  await one.publish(cancelChannel(prefix), 'job');
  expect(await heard).toEqual([cancelChannel(prefix), 'job']);
});

test('nothing beyond the prefix can be reached, nor the server itself', async () => {
  const redis = await openConnection(valkey.address);
  onTestFinished(() => redis.disconnect());
  const refused = /NOPERM|ACL failure/;
  await expect(redis.get('saliency-other:workers')).rejects.toThrow(refused);
  await expect(redis.eval("return redis.call('GET', 'x')", 0)).rejects.toThrow(refused);
  await expect(redis.publish('saliency-other:cancel', 'x')).rejects.toThrow(refused);
  for (const command of ['FLUSHALL', 'KEYS *', 'CONFIG GET *', 'ACL LIST', 'CLIENT LIST']) {
    const [called = '', ...parameters] = command.split(' ');
    await expect(redis.call(called, ...parameters)).rejects.toThrow(refused);
  }
  const nobody = await openConnection(
    { ...valkey.address, username: '', password: '' },
    { retryStrategy: () => null },
  );
  onTestFinished(() => nobody.disconnect());
  await expect(nobody.ping()).rejects.toThrow();
});

test('a person’s line makes that user, typed into a server that runs', async () => {
  const line = setUserLine(prefix, 'studio');
  expect(line).toBe(
    'ACL SETUSER studio on >PASSWORD ~saliency-abc:* resetchannels &saliency-abc:* -@all +@read +@write +@stream +@scripting +@transaction +@blocking +@connection +@pubsub -@dangerous +info',
  );
  const open = await startValkey();
  onTestFinished(() => open.close());
  const redis = await openConnection(open.address);
  onTestFinished(() => redis.disconnect());
  for (const typed of [line, 'ACL SETUSER default off']) {
    const [command = '', ...parameters] = typed.split(' ');
    expect(await redis.call(command, ...parameters)).toBe('OK');
  }
  const address = { ...open.address, username: 'studio', password: 'PASSWORD' };
  expect(await checkQueue(address, { prefix })).toEqual({ version: 'Valkey 9.1.2' });
  await expect(checkQueue(open.address, { prefix })).rejects.toThrow('wants a password');
});

test('whoever is connected stays so when the password changes, until the connections are ended', async () => {
  const rules = leastRights(prefix).join(' ');
  const server = await startValkey({
    user: { name: 'studio', password: 'secret', rules },
    configuration: ['user admin on >known ~* &* +@all'],
  });
  onTestFinished(() => server.close());
  const once = { retryStrategy: () => null };
  const admin = await openConnection(
    { ...server.address, username: 'admin', password: 'known' },
    once,
  );
  const worker = await openConnection(server.address, once);
  onTestFinished(() => {
    admin.disconnect();
    worker.disconnect();
  });
  await admin.call('ACL', 'SETUSER', 'studio', 'resetpass', '>another');
  expect(await worker.set(workerKey(prefix, 'revoked'), 'here')).toBe('OK');
  await admin.call('CLIENT', 'KILL', 'USER', 'studio');
  await expect(worker.get(workerKey(prefix, 'revoked'))).rejects.toThrow();
  await expect(checkQueue(server.address, { prefix })).rejects.toThrow('does not take');
});
