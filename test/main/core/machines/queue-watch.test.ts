import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Redis } from 'ioredis';
import { openConnection } from '../../../../src/main/core/machines/queue/connection';
import { workerKey, workersKey } from '../../../../src/main/core/machines/queue/names';
import { QueueWatch } from '../../../../src/main/core/machines/queue-watch';
import { startValkey, type TestValkey } from './support/valkey';
import { idleSign } from './support/signs';

const prefix = 'saliency-test';

describe('whoever looks after the queue', () => {
  let valkey: TestValkey;
  let redis: Redis;
  beforeAll(async () => {
    valkey = await startValkey();
    redis = await openConnection(valkey.address);
  }, 60_000);
  afterAll(async () => {
    redis.disconnect();
    await valkey.close();
  });

  const watching = () => {
    const told = { changes: 0 };
    const watch = new QueueWatch({
      queue: () => ({ address: valkey.address, trial: false }),
      prefix: () => prefix,
      ownClass: () => null,
      rateOf: () => null,
      now: () => Date.parse('2026-06-01T12:00:10.000Z'),
      beside: () => null,
      changed: () => (told.changes += 1),
      look: 50,
    });
    onTestFinished(() => watch.close());
    return { watch, told };
  };

  it('leaves no connection, ended while its first look opens one', async () => {
    await redis.ping();
    const others = await connections(redis);
    const { watch, told } = watching();
    watch.begin();
    const looking = watch.look();
    watch.close();
    await looking;
    await watch.look();
    await new Promise((done) => setTimeout(done, 300));
    expect(await connections(redis)).toBe(others);
    expect(told.changes).toBe(0);
    expect(watch.now()).toEqual({ connection: 'none', problem: null, workers: [] });
  });

  it('forgets the names of workers that were killed, and no others', async () => {
    await redis.sadd(workersKey(prefix), 'killed', 'also-killed', 'there');
    await redis.set(workerKey(prefix, 'there'), 'what it says', 'PX', 60_000);
    const { watch } = watching();
    watch.begin();
    await vi.waitUntil(async () => (await redis.scard(workersKey(prefix))) === 1);
    expect(await redis.smembers(workersKey(prefix))).toEqual(['there']);
  });

  it('has no queue for lost that takes no writes, and says so to whoever drains a worker', async () => {
    const { watch } = watching();
    await vi.waitUntil(async () => {
      await watch.look();
      return watch.now().connection === 'connected';
    });
    await redis.set(workerKey(prefix, 'lab-1'), JSON.stringify(sign), 'PX', 60_000);
    await redis.sadd(workersKey(prefix), 'lab-1', 'killed');
    await redis.config('SET', 'min-replicas-to-write', '1');
    onTestFinished(async () => void (await redis.config('SET', 'min-replicas-to-write', '0')));
    await watch.look();
    expect(watch.now()).toMatchObject({ connection: 'connected', problem: null });
    expect(watch.now().workers.map(({ name }) => name)).toEqual(['lab-1']);
    await expect(watch.drain('lab-1', true)).rejects.toThrow(/^The queue at 127\.0\.0\.1:\d+ /);
    expect(watch.now().workers).toMatchObject([{ state: 'idle' }]);
  });

  it('tells when a worker was seen by this machine’s clock, whatever its own says', async () => {
    await redis.set(workerKey(prefix, 'lab-1'), JSON.stringify(sign), 'PX', 9_000);
    await redis.sadd(workersKey(prefix), 'lab-1');
    const { watch } = watching();
    await watch.look();
    await vi.waitUntil(async () => {
      await watch.look();
      return watch.now().workers.length > 0;
    });
    const seen = watch.now().workers.map(({ lastSeen }) => lastSeen);
    expect(seen).toEqual([expect.stringMatching(/^2026-06-01T12:00:0(8\.\d{3}|9\.000)Z$/)]);
  });
});

const sign = idleSign('lab-1');

async function connections(redis: Redis): Promise<number> {
  const info = await redis.info('clients');
  return Number(/^connected_clients:(\d+)/m.exec(info)?.[1]);
}
