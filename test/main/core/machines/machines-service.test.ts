import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMachines } from '../../../../src/main/core/machines/create-machines';
import { type Heartbeat } from '../../../../src/main/core/machines/heartbeat';
import { joinFileSchema } from '../../../../src/main/core/machines/join-file';
import { machinesFolder } from '../../../../src/main/core/machines/machines-folder';
import { openConnection } from '../../../../src/main/core/machines/queue/connection';
import { dataDirectoryId } from '../../../../src/main/core/machines/queue/data-directory-id';
import {
  drainKey,
  queuePrefix,
  workerKey,
  workersKey,
} from '../../../../src/main/core/machines/queue/names';
import { type MachinesService } from '../../../../src/main/core/machines/machines-service';
import { Events } from '../../../../src/main/core/jobs/events';
import { systemClock } from '../../../../src/main/core/storage/environment';
import { ExportStore } from '../../../../src/main/core/storage/transit/export-store';
import { type QueueInput } from '../../../../src/shared/machines';
import { temporaryFolder } from '../storage/helpers';
import { certificatesFor } from './support/certificates';
import { freePort } from './support/free-port';
import { someClass as own } from './support/signs';
import { startValkey, type TestValkey } from './support/valkey';

const opened: MachinesService[] = [];

/** The settings of a data directory of its own, and what they announced. */
function settings(dataDir = temporaryFolder(), waiting: () => string | null = () => null) {
  const events = new Events((error) => {
    throw error;
  });
  let announced = 0;
  events.subscribe(() => (announced += 1));
  const exported = new ExportStore({
    root: join(dataDir, 'transfers'),
    newId: () => `export_${'a'.repeat(16)}`,
    now: () => 0,
  });
  const service = createMachines({
    clock: systemClock,
    dataDir,
    events,
    exports: exported,
    work: {
      listening: () => null,
      unreached: () => null,
      rateOf: (worker) => (worker === 'lab@node-1' ? 2.5 : null),
      waiting,
      ownClass: () => own,
      renew: () => Promise.resolve(),
    },
  });
  opened.push(service);
  return { dataDir, service, exported, announced: () => announced };
}

const addressOf = ({ address }: TestValkey): QueueInput => ({
  ...address,
  password: address.password === '' ? null : address.password,
});

async function until(what: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!what()) {
    if (performance.now() > deadline) throw new Error('it never came');
    await new Promise((done) => setTimeout(done, 20));
  }
}

afterAll(() => {
  for (const service of opened) service.close();
});

describe('the settings of machines', () => {
  let valkey: TestValkey;
  beforeAll(async () => {
    valkey = await startValkey({ password: 'a secret' });
  }, 60_000);
  afterAll(() => valkey.close());

  it('know nothing where there is no queue, and write nothing', () => {
    const { dataDir, service } = settings();
    service.begin();
    expect(service.get()).toEqual({
      queue: null,
      workplace: 'here',
      threads: null,
      listening: null,
      unreached: null,
      connection: 'none',
      problem: null,
      engineClass: null,
      workers: [],
      joins: [],
      waiting: null,
    });
    expect(service.rates()).toBeNull();
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('say in a sentence why an address cannot be used, and keep none that cannot', async () => {
    const { service } = settings();
    const port = await freePort();
    const nobody = { ...addressOf(valkey), port };
    const sentence = `The queue at 127.0.0.1:${port} cannot be reached: nothing listens there. Check host and port, and whether it runs.`;
    await expect(service.test(nobody)).rejects.toThrow(sentence);
    await expect(service.setQueue(nobody)).rejects.toThrow(sentence);
    await expect(service.setQueue({ ...addressOf(valkey), password: 'guessed' })).rejects.toThrow(
      'does not take this password',
    );
    expect(service.get().queue).toBeNull();
  });

  it('keep an address that answers, its password in a file of its owner alone', async () => {
    const { dataDir, service, announced } = settings();
    service.begin();
    const kept = await service.setQueue(addressOf(valkey));
    expect(kept.queue).toEqual({
      host: '127.0.0.1',
      port: valkey.port,
      username: '',
      password: true,
      tls: false,
      ca: false,
      trial: false,
    });
    expect(JSON.stringify(kept)).not.toContain('a secret');
    const { queue } = machinesFolder(dataDir);
    expect(statSync(queue).mode & 0o777).toBe(0o600);
    await until(() => service.get().connection === 'connected');
    expect(announced()).toBeGreaterThan(0);
    // The same place needs no password again; another place is never sent it.
    await expect(service.test({ ...addressOf(valkey), password: null })).resolves.toMatchObject({
      version: expect.stringMatching(/^Valkey 9/) as string,
    });
    await expect(
      service.test({ ...addressOf(valkey), host: 'localhost', password: null }),
    ).rejects.toThrow(`the stored one is for 127.0.0.1:${valkey.port}`);
    expect((await service.forgetQueue()).queue).toBeNull();
    expect(service.get().connection).toBe('none');
  });

  it('keep an authority with another port, and give it and the password up when told to', async () => {
    const certificates = await certificatesFor('127.0.0.1');
    const [first, second] = await Promise.all([
      startValkey({ tls: certificates }),
      startValkey({ tls: certificates }),
    ]);
    const { service } = settings();
    const kept = await service.setQueue(addressOf(first));
    expect(kept.queue).toMatchObject({ tls: true, ca: true, password: false });
    const moved = { ...addressOf(second), tls: { ca: null } };
    const { queue } = await service.setQueue(moved);
    expect(queue).toMatchObject({ port: second.port, ca: true });
    await expect(service.setQueue({ ...moved, tls: { ca: '' } })).rejects.toThrow('certificate');
    await first.close();
    await second.close();
    const open = await startValkey();
    await service.setQueue(addressOf(valkey));
    expect(service.get().queue).toMatchObject({ password: true, tls: false, ca: false });
    await service.setQueue({ ...addressOf(open), password: '' });
    expect(service.get().queue).toMatchObject({ password: false });
    await open.close();
  }, 60_000);

  it('tell of workers, what keeps one away, and drain one', async () => {
    const { dataDir, service } = settings();
    service.begin();
    await service.setQueue(addressOf(valkey));
    await service.setWork({ workplace: 'both', threads: 1 });
    const prefix = queuePrefix(dataDirectoryId(machinesFolder(dataDir)));
    const redis = await openConnection(valkey.address);
    const beat = async (name: string, changes: Partial<Heartbeat> = {}) => {
      const sign: Heartbeat = {
        version: 1,
        name,
        join: 'lab',
        host: 'node',
        engineClass: own,
        threads: 1,
        slots: 2,
        state: 'busy',
        items: ['Level 0.3'],
        done: 3,
        seconds: 12,
        problem: null,
        at: new Date().toISOString(),
        ...changes,
      };
      await redis.set(workerKey(prefix, name), JSON.stringify(sign));
      await redis.sadd(workersKey(prefix), name);
    };
    await beat('lab@node-1');
    await beat('lab@node-2', { engineClass: { ...own, probe: 'another' }, items: [] });
    await redis.set(workerKey(prefix, 'liar'), '{"name": 1}');
    await redis.sadd(workersKey(prefix), 'liar', 'gone');
    await until(() => service.get().workers.length > 0);
    expect(service.get().workers).toMatchObject([
      { name: 'lab@node-1', difference: null, items: ['Level 0.3'], done: 3, slots: 2, rate: 2.5 },
      { name: 'lab@node-2', difference: 'other instruction set', items: [] },
    ]);
    expect(service.get().engineClass).toMatch(/^[0-9a-f]{12}$/);
    // This machine and both slots of the one of its class.
    expect(service.rates()).toEqual([1, 2.5, 2.5]);
    await service.drain({ worker: 'lab@node-1', drain: true });
    // Whoever is never heard again does not leave it behind.
    expect(await redis.pttl(drainKey(prefix, 'lab@node-1'))).toBeGreaterThan(3_600_000);
    expect(service.get().workers[0]?.state).toBe('draining');
    expect(service.rates()).toEqual([1]);
    await service.drain({ worker: 'lab@node-1', drain: false });
    expect(await redis.exists(drainKey(prefix, 'lab@node-1'))).toBe(0);
    await expect(service.drain({ worker: 'nobody', drain: true })).rejects.toThrow('nobody');
    redis.disconnect();
  });

  it('announce what a job waits for, and that it waits no more', async () => {
    let waiting: string | null = null;
    const { service, announced } = settings(temporaryFolder(), () => waiting);
    service.begin();
    await service.setQueue(addressOf(valkey));
    await until(() => service.get().connection === 'connected');
    for (const sentence of ['No worker is there.', null]) {
      const before = announced();
      waiting = sentence;
      await until(() => announced() > before);
      expect(service.get().waiting).toBe(sentence);
    }
  });

  it('make a join whose file lets somebody in, and revoke it', async () => {
    const { service, exported } = settings();
    await service.setQueue(addressOf(valkey));
    const { file } = await service.createJoin({ name: 'lab-1', listen: null });
    expect(file.name).toBe('lab-1.join.json');
    const written = exported.take(file.file);
    const read = joinFileSchema.parse(JSON.parse(readFileSync(written.path, 'utf8')));
    expect(read).toMatchObject({ name: 'lab-1', queue: { password: 'a secret' } });
    expect(service.get().joins).toMatchObject([{ name: 'lab-1', revokedAt: null }]);
    expect(JSON.stringify(service.get())).not.toContain(read.coordinator.token);
    await expect(service.createJoin({ name: 'lab-1', listen: null })).rejects.toThrow('lab-1');
    const { joins } = await service.revokeJoin({ name: 'lab-1' });
    expect(joins[0]?.revokedAt).not.toBeNull();
    await expect(service.revokeJoin({ name: 'nobody' })).rejects.toThrow('nobody');
  });

  it('refuse a join while there is no queue', async () => {
    const { dataDir, service } = settings();
    await expect(service.createJoin({ name: 'lab-1', listen: null })).rejects.toThrow(
      'There is no queue yet',
    );
    expect(service.get().joins).toEqual([]);
    expect(readdirSync(dataDir)).toEqual([]);
  });
});

describe('a queue that goes away', () => {
  it('is told with its cause, and found again', async () => {
    const valkey = await startValkey();
    const { service } = settings();
    service.begin();
    await service.setQueue(addressOf(valkey));
    await until(() => service.get().connection === 'connected');
    await valkey.kill();
    await until(() => service.get().connection === 'lost');
    expect(service.get().problem?.message).toContain('nothing listens there');
    await valkey.restart();
    await until(() => service.get().connection === 'connected');
    expect(service.get().problem).toBeNull();
    await valkey.close();
  }, 60_000);
});
