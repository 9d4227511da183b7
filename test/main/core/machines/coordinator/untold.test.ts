import { existsSync, writeFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { type ChainQueue } from '../../../../../src/main/core/machines/coordinator/chain-queue';
import { Untold } from '../../../../../src/main/core/machines/coordinator/untold';
import { machinesFolder } from '../../../../../src/main/core/machines/machines-folder';
import { cancelKey } from '../../../../../src/main/core/machines/queue/names';
import { silentLog } from '../../../../../src/main/core/storage/environment';
import { temporaryFolder } from '../../storage/helpers';
import { coordinated, engineClass, valkeyOfFile } from './support/queued-plan';

const server = valkeyOfFile();
const job = 'job_aaaaaaaaaaaaaaaa';

it('tells workers of what was cancelled while the queue was away, and takes out what waits', async () => {
  const { perform, prefix, queue, untold } = coordinated(server());
  const stop = new AbortController();
  const chains = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`c${i}`, [`c${i}`]]));
  const done = perform(chains, { signal: stop.signal });
  const seen = await queue();
  await expect.poll(async () => (await seen.open()).length).toBe(5);
  await server().kill();
  stop.abort(new Error('stopped'));
  await expect(done).rejects.toThrow('stopped');
  expect(untold()).toEqual([job]);

  const folder = machinesFolder(temporaryFolder());
  let there = false;
  const open = () => (there ? queue() : Promise.reject(new Error('away')));
  const before = new Untold({ folder, log: silentLog, open });
  before.add(untold(), engineClass);
  await before.tell();
  expect(existsSync(folder.untold)).toBe(true);

  // Whoever cancelled has ended since.
  const after = new Untold({ folder, log: silentLog, open });
  await server().restart();
  there = true;
  await after.tell();
  const redis = new Redis(server().port);
  expect(await redis.exists(cancelKey(prefix, job))).toBe(1);
  redis.disconnect();
  expect(await (await queue()).open()).toEqual([]);
  expect(existsSync(folder.untold)).toBe(false);
}, 30_000);

it('tells nobody of a job that goes on, and takes a damaged file for none', async () => {
  const folder = machinesFolder(temporaryFolder());
  const open = () => Promise.reject(new Error('nobody is to be told'));
  const untold = new Untold({ folder, log: silentLog, open });
  untold.add([job, 'job_bbbbbbbbbbbbbbbb'], engineClass);
  untold.forget(job);
  untold.forget('job_bbbbbbbbbbbbbbbb');
  expect(existsSync(folder.untold)).toBe(false);
  untold.add([job], engineClass);
  writeFileSync(folder.untold, '{"version":');
  await untold.tell();
  untold.forget(job);
});

it('gives up a queue that does not answer, and what is told to an end with the application', async () => {
  const folder = machinesFolder(temporaryFolder());
  const away: ChainQueue = {
    add: () => never(),
    state: () => never(),
    remove: () => never(),
    open: () => never(),
    cancel: () => never(),
    uncancel: () => never(),
    subscribe: () => () => undefined,
    close: () => Promise.resolve(),
  };
  const untold = new Untold({ folder, log: silentLog, open: () => Promise.resolve(away) });
  untold.add([job], engineClass);
  const telling = untold.tell();
  // A job that goes on waits for nobody.
  untold.forget('job_bbbbbbbbbbbbbbbb');
  await untold.close();
  await telling;
  expect(existsSync(folder.untold)).toBe(true);
  untold.drop();
  expect(existsSync(folder.untold)).toBe(false);
});

const never = () => new Promise<never>(() => undefined);
