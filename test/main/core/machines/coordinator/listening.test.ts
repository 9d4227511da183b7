import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  Coordinator,
  type OpenWorkplace,
} from '../../../../../src/main/core/machines/coordinator/coordinator';
import { classHash } from '../../../../../src/main/core/machines/engine-class';
import {
  createJoin,
  type JoinRequest,
} from '../../../../../src/main/core/machines/joins/create-join';
import { machinesFolder } from '../../../../../src/main/core/machines/machines-folder';
import { OwnClass } from '../../../../../src/main/core/machines/own-class';
import { dataDirectoryId } from '../../../../../src/main/core/machines/queue/data-directory-id';
import { queuePrefix } from '../../../../../src/main/core/machines/queue/names';
import { writeQueue } from '../../../../../src/main/core/machines/queue/queue-file';
import { requestKey } from '../../../../../src/main/core/machines/work-chain';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { JobRun } from '../../../../../src/main/core/jobs/job-run';
import { ledgerStages, runPlan } from '../../../../../src/main/core/jobs/run-plan';
import { coreOn } from '../../core-on';
import { description } from '../../jobs/scripted-engine';
import { id, newJob, temporaryFolder } from '../../storage/helpers';
import { asLesserUser } from '../support/lesser-user';
import { freePort } from '../support/free-port';
import { startWorker, valuesOf } from './support/honest-worker';
import { anyName, keyOf, orderOf, planOf, valkeyOfFile } from './support/queued-plan';

const server = valkeyOfFile();

/** A data directory with a queue, its joins and what coordinates it; nothing is done on this machine. */
function coordinating(dataDir = temporaryFolder()) {
  const { core, announced, warned, close } = coreOn(dataDir);
  const folder = machinesFolder(dataDir);
  writeQueue(folder, { address: server().address, trial: false });
  const prefix = queuePrefix(dataDirectoryId(folder));
  const datasets = temporaryFolder();
  mkdirSync(join(datasets, 'mnist'));
  writeFileSync(join(datasets, 'mnist', 'train.images'), 'ten bytes.');
  const nobody = (): never => {
    throw new Error('nothing is done here');
  };
  const ownClass = new OwnClass({
    engine: {
      ready: async () => description,
      request: async () => ({ sha256: 'a'.repeat(64) }),
    },
    files: core.files,
  });
  const coordinator = new Coordinator({
    ...core,
    catalogues: { ...core.catalogues, operators: anyName },
    asked: { workplace: 'queue', verify: 0 },
    datasets: {
      form: async () => ({ shape: [2, 2, 1], classes: 10, train: 2, validation: 2 }),
      folder: (dataset) => join(datasets, dataset),
      contents: async () => [],
    },
    here: { room: 1, open: nobody },
    ownClass,
    startOwn: nobody,
    seed: 1,
    times: { refill: 100 },
  });
  onTestFinished(() => coordinator.close());
  const signal = new AbortController().signal;
  return {
    announced,
    coordinator,
    dataDir,
    warned,
    /** As `join create` does beside the application. */
    join: (request: Partial<JoinRequest>) =>
      createJoin(
        { dataDir, now: () => new Date(), queue: server().address, prefix },
        { name: null, listen: null, sharedFolder: null, ...request },
      ),
    async worker(name: string, arrivals: Arrivals) {
      const connection = { host: '127.0.0.1', port: server().port, retryStrategy: () => 50 };
      const engineClass = classHash(await ownClass.of());
      const worker = startWorker({ name, connection, prefix, engineClass, arrivals });
      onTestFinished(() => worker.close());
      await worker.ready();
      return worker;
    },
    open: () => coordinator.open('job_aaaaaaaaaaaaaaaa', signal),
    /** What a worker makes of an item. */
    async made(item: string) {
      return valuesOf({ request: requestKey(orderOf(item), classHash(await ownClass.of())) });
    },
    /** One item, of a job of its own. */
    async perform({ executor }: OpenWorkplace, item: string) {
      const plan = planOf({ [item]: [item] }, new Map());
      core.jobs.insert({ ...newJob(item), stages: ledgerStages(plan) });
      const job = core.jobs.get(id('job', item));
      if (!job) throw new Error('no job');
      await runPlan({ ...core, executor }, new JobRun(core, job, signal), plan);
      return new Uint8Array(await core.artifacts.read(keyOf(item)));
    },
    async close() {
      await coordinator.close();
      close();
    },
  };
}

const hello = (url: string, token: string) =>
  fetch(`${url}/hello`, { headers: { authorization: `Bearer ${token}` } });

it('finds what workers leave in any folder that a join file names or named', async () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  const one = coordinating();
  one.coordinator.begin();
  const place = await one.open();
  // Beside the open application, which is at a job.
  expect((await one.join({ sharedFolder: first })).notes.join()).toContain(first);
  await one.coordinator.renew();
  const early = await one.worker('early', new Arrivals(first));
  expect(await one.perform(place, 'a')).toEqual(await one.made('a'));
  expect(readdirSync(join(first, 'results'))).toEqual([]);
  await place.close();
  expect((await one.join({ sharedFolder: second })).notes.join()).toContain(first);
  await one.close();
  const two = coordinating(one.dataDir);
  const again = await two.open();
  expect(await two.perform(again, 'b')).toEqual(await two.made('b'));
  await early.close();
  await two.worker('late', new Arrivals(second));
  expect(await two.perform(again, 'c')).toEqual(await two.made('c'));
  await again.close();
});

it.skipIf(process.platform === 'win32')(
  'listens although a folder of before cannot be looked through, which the log names',
  async () => {
    asLesserUser();
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    const { coordinator, join: joining, open, perform, made, warned, worker } = coordinating();
    for (const sharedFolder of [first, second]) await joining({ sharedFolder });
    mkdirSync(join(first, 'results'), { mode: 0o000 });
    onTestFinished(() => chmodSync(join(first, 'results'), 0o700));
    const old = join(second, 'blobs', 'a'.repeat(64));
    mkdirSync(join(second, 'blobs'));
    writeFileSync(old, 'a map');
    utimesSync(old, 1, 1);
    coordinator.begin();
    await expect.poll(() => coordinator.listening()).not.toBeNull();
    const place = await open();
    await worker('desk', new Arrivals(second));
    expect(await perform(place, 'a')).toEqual(await made('a'));
    await place.close();
    expect(warned).toContain('What workers left in a folder cannot be looked through.');
    expect(coordinator.unreached()).toBeNull();
    expect(existsSync(old)).toBe(false);
  },
);

it('listens where newer join files say once no job is at the queue, and says so until then', async () => {
  const { announced, coordinator, join: joining, open, warned } = coordinating();
  const old = await joining({});
  coordinator.begin();
  await expect.poll(() => coordinator.listening()).toBe(old.file.coordinator.url);
  const place = await open();
  const moved = await joining({ listen: `127.0.0.1:${await freePort()}` });
  expect(moved.notes).toEqual([expect.stringContaining(old.file.coordinator.url)]);
  announced.length = 0;
  await coordinator.renew();
  await coordinator.renew();
  expect(coordinator.listening()).toBe(old.file.coordinator.url);
  const { url, token } = moved.file.coordinator;
  expect(coordinator.unreached()).toBe(
    `Workers reach this application at ${old.file.coordinator.url} until the jobs at the queue have ended, and at ${url} from then on: those with newer join files wait for it, the others need new ones.`,
  );
  expect(announced).toEqual([{ type: 'machines.changed' }]);
  expect(warned).toHaveLength(1);
  expect((await hello(old.file.coordinator.url, token)).status).toBe(200);
  await place.close();
  await expect.poll(() => coordinator.listening()).toBe(url);
  expect(coordinator.unreached()).toBeNull();
  expect((await hello(url, token)).status).toBe(200);
  await expect(hello(old.file.coordinator.url, token)).rejects.toThrow();
});

it('keeps why it cannot listen, tells it once, and listens as soon as it can', async () => {
  const { announced, coordinator, join: joining, open, warned } = coordinating();
  const port = await freePort();
  await joining({ listen: `127.0.0.1:${port}` });
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  coordinator.begin();
  await expect.poll(() => coordinator.unreached()).not.toBeNull();
  await coordinator.renew();
  await coordinator.renew();
  const reason = `Workers cannot reach this application at http://127.0.0.1:${port}: another program listens on it.`;
  expect(coordinator.unreached()).toContain(reason);
  expect(coordinator.listening()).toBeNull();
  expect(warned).toHaveLength(1);
  expect(announced).toEqual([{ type: 'machines.changed' }]);
  await expect(open()).rejects.toThrow(reason);
  other.close();
  await once(other, 'close');
  await coordinator.renew();
  expect(coordinator.listening()).toBe(`http://127.0.0.1:${port}`);
  expect(coordinator.unreached()).toBeNull();
});

it('goes on listening where it did while nothing can at the newer place', async () => {
  const { coordinator, join: joining } = coordinating();
  const old = await joining({});
  coordinator.begin();
  await expect.poll(() => coordinator.listening()).toBe(old.file.coordinator.url);
  const port = await freePort();
  const { file } = await joining({ listen: `127.0.0.1:${port}` });
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  await coordinator.renew();
  expect(coordinator.unreached()).toContain(`at ${file.coordinator.url}: another program`);
  expect(coordinator.listening()).toBe(old.file.coordinator.url);
  const { token } = file.coordinator;
  expect((await hello(old.file.coordinator.url, token)).status).toBe(200);
  other.close();
  await once(other, 'close');
  await coordinator.renew();
  expect(coordinator.listening()).toBe(file.coordinator.url);
  await expect(hello(old.file.coordinator.url, token)).rejects.toThrow();
});

it('listens by another name of its address, at the same port', async () => {
  const { coordinator, join: joining } = coordinating();
  const old = await joining({});
  coordinator.begin();
  await expect.poll(() => coordinator.listening()).toBe(old.file.coordinator.url);
  const { port } = new URL(old.file.coordinator.url);
  const { file } = await joining({ listen: `localhost:${port}` });
  await coordinator.renew();
  expect(coordinator.listening()).toBe(file.coordinator.url);
});

it('listens where a join file says that is made while it begins', async () => {
  const { coordinator, join: joining, open } = coordinating();
  const [place, { file }] = await Promise.all([open(), joining({})]);
  expect(coordinator.listening()).toBe(file.coordinator.url);
  await place.close();
});

it('says of a copied data directory that nobody joins it yet', async () => {
  const one = coordinating();
  const { file } = await one.join({});
  await one.close();
  const copy = join(temporaryFolder(), 'copy');
  cpSync(one.dataDir, copy, { recursive: true });
  const two = coordinating(copy);
  two.coordinator.begin();
  const said = expect.stringContaining('This data directory was copied, or moved to another disk');
  expect(two.warned[0]).toEqual(said);
  await two.coordinator.renew();
  expect(two.coordinator.unreached()).toEqual(said);
  const made = await two.join({});
  await two.coordinator.renew();
  expect(two.coordinator.unreached()).toBeNull();
  const { url, token } = made.file.coordinator;
  expect((await hello(url, token)).status).toBe(200);
  expect((await hello(url, file.coordinator.token)).status).toBe(403);
});
