import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatasetSource } from '../../../../src/shared/catalogue/datasets';
import { datasetRecordSchema } from '../../../../src/shared/records';
import { type RouteInput } from '../../../../src/shared/routes';
import { cifar10Samples, writeCifar10 } from '../../../fixtures/cifar10';
import { type Harness, harness, type Opened } from '../jobs/harness';
import { temporaryFolder } from '../storage/helpers';
import { sent } from '../transfers';
import { fileServer, md5 } from './file-server';
import { datasetEntry } from '../../../fixtures/datasets';

const cifar10 = 'cifar10' as const;
const counts = { train: 200, validation: 50 };
const refused = (code: string, message: RegExp) =>
  expect.objectContaining({
    data: expect.objectContaining({ code, message: expect.stringMatching(message) }),
  });

describe('installing a dataset, on the real engine', () => {
  let world: Harness;
  let opened: Opened;
  let sources: DatasetSource[] = [];

  const open = async () => {
    opened = await world.open({
      datasetSources: (dataset) => (dataset === cifar10 ? sources : datasetEntry(dataset).sources),
    });
  };
  beforeAll(async () => {
    world = await harness();
    await open();
  });
  afterAll(() => world.remove());

  const api = () => opened.app.api;
  const start = async (input: Omit<RouteInput<'datasets.install'>, 'dataset'>) =>
    (await api().call('datasets.install', { dataset: cifar10, ...input })).job;
  const fromPath = (path: string, subset = {}) => start({ source: { kind: 'path', path }, subset });
  const record = async () => {
    const found = (await api().call('datasets.list', {})).find(({ id }) => id === cifar10);
    return datasetRecordSchema.parse(found);
  };
  const jobOf = (id: string) => api().call('jobs.get', { job: id });
  const pixel = async (index: number) => {
    const input = { dataset: cifar10, offset: index, limit: 1 };
    const { pixels } = await api().call('datasets.images', input);
    return Buffer.from(pixels.data.buffer);
  };
  const inFolder = (name: string) => {
    const folder = join(world.dataDir, name);
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  };
  /** A download of a fresh archive from a server of the test's own. */
  const published = async (seed: number) => {
    const archive = await writeCifar10(temporaryFolder(), { ...counts, seed });
    const bytes = readFileSync(archive);
    const server = await fileServer(bytes);
    sources = [
      {
        kind: 'download',
        url: server.url.replace('archive.bin', 'cifar-10-binary.tar.gz'),
        ...{ bytes: bytes.length, md5: md5(bytes), publishedAt: 'its page' },
      },
    ];
    return { server, archive };
  };

  it('is not there at first, says so, and nothing can be done with it', async () => {
    expect(await record()).toMatchObject({ state: 'missing', origin: null, job: null });
    const train = api().call('models.train', { dataset: cifar10 });
    await expect(train).rejects.toEqual(refused('dataset-missing', /CIFAR-10 is not installed/));
  });

  it('takes in an archive of this machine', async () => {
    const archive = await writeCifar10(temporaryFolder(), counts);
    const job = await fromPath(archive);
    expect(job).toMatchObject({ kind: 'dataset', subject: cifar10, title: 'Import CIFAR-10' });
    expect((await record()).job).toBe(job.id);
    await opened.reaches(job.id, 'done', 'failed');
    expect(await jobOf(job.id)).toMatchObject({
      state: 'done',
      stages: [{ id: 'import', done: 1 }],
    });
    const found = await record();
    expect(found).toMatchObject({
      ...{ state: 'installed', ...counts, job: null, classes: expect.arrayContaining(['frog']) },
      origin: {
        ...{ kind: 'path', name: 'cifar-10-binary.tar.gz', published: false },
        subset: { classes: null, perClass: null },
      },
    });
    expect(
      (await pixel(3)).equals(cifar10Samples(counts).validation[3]?.pixels ?? Buffer.alloc(0)),
    ).toBe(true);
    expect(inFolder('datasets')).toEqual([cifar10]);
    expect(inFolder('work')).toEqual([]);
    const changed = opened.events.filter(({ type }) => type === 'dataset.changed');
    expect(changed.length).toBeGreaterThan(1);
  });

  it('finds by itself that a file was changed', async () => {
    const path = join(world.dataDir, 'datasets', cifar10, 'train.images');
    const bytes = readFileSync(path);
    const first = bytes[0] ?? 0;
    bytes[0] = first ^ 1;
    writeFileSync(path, bytes);
    const broken = await api().call('datasets.verify', { dataset: cifar10 });
    expect(broken).toMatchObject({ state: 'unreadable', reason: expect.stringContaining('train') });
    bytes[0] = first;
    writeFileSync(path, bytes);
    const whole = await api().call('datasets.verify', { dataset: cifar10 });
    expect(whole.state).toBe('installed');
    const { sha256 } = whole.files.find(({ name }) => name === 'train.images') ?? {};
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('refuses what is no such dataset, and leaves the installed one as it is', async () => {
    const before = await record();
    const folder = temporaryFolder();
    const wrong = join(folder, 'wrong.tar.gz');
    writeFileSync(wrong, 'not an archive');
    const job = await fromPath(wrong);
    await opened.reaches(job.id, 'done', 'failed');
    const { state, error } = await jobOf(job.id);
    expect(state).toBe('failed');
    expect(error?.message).toContain('wrong.tar.gz');
    expect(await record()).toEqual(before);
    expect(inFolder('work')).toEqual([]);
    await expect(fromPath(join(folder, 'no.zip'))).rejects.toEqual(
      refused('invalid-input', /source\.path is .*no\.zip/),
    );
    await expect(fromPath('relative.zip')).rejects.toEqual(refused('invalid-input', /absolute/));
    const cut = await fromPath(await writeCifar10(folder, counts), { classes: ['cat', 'unicorn'] });
    await opened.reaches(cut.id, 'done', 'failed');
    expect((await jobOf(cut.id)).error?.message).toContain('unicorn');
    expect(await record()).toEqual(before);
  });

  it('takes in an archive that was sent, and keeps none of it that is not needed', async () => {
    const archive = readFileSync(await writeCifar10(temporaryFolder(), { ...counts, seed: 5 }));
    const install = async (content: Uint8Array, name: string) => {
      const source = { kind: 'upload' as const, ...(await sent(opened.app, content, name)) };
      const job = await start({ source });
      // From now on it is the job's, which may go on after a restart.
      expect(inFolder('downloads')).toEqual(['sent-cifar10']);
      await opened.reaches(job.id, 'done', 'failed');
      return { source, ended: await jobOf(job.id) };
    };
    const wrong = await install(Buffer.from('not an archive'), 'wrong.tar.gz');
    expect(wrong.ended).toMatchObject({
      ...{ state: 'failed', title: 'Import CIFAR-10' },
      error: { message: expect.stringContaining('wrong.tar.gz') as string },
    });
    expect(inFolder('downloads')).toEqual([]);

    const right = await install(archive, 'my cifar.tar.gz');
    expect(right.ended).toMatchObject({ state: 'done', error: null });
    expect((await record()).origin).toMatchObject({ kind: 'path', name: 'my cifar.tar.gz' });
    const given = cifar10Samples({ ...counts, seed: 5 }).validation[3]?.pixels;
    expect((await pixel(3)).equals(given ?? Buffer.alloc(0))).toBe(true);
    expect(inFolder('downloads')).toEqual([]);
    await expect(start({ source: right.source })).rejects.toEqual(
      refused('invalid-input', /choose the file again/),
    );
  });

  it('downloads what is published, from where an interruption left it, and checks it', async () => {
    const { server, archive } = await published(7);
    Object.assign(server, { piece: Math.ceil(server.content.length / 20), pause: 150 });
    const job = await start({ source: { kind: 'download' } });
    await opened.until(
      'job.progress',
      ({ progress }) => progress.job === job.id && progress.itemShare > 0.1,
    );
    const seen = await jobOf(job.id);
    expect(seen.progress).toMatchObject({ stage: 'download', unit: 'bytes' });
    expect(seen.progress?.item).toMatch(/^Downloading [\d.]+ [KM]iB$/);
    await api().call('jobs.cancel', { job: job.id });
    await opened.reaches(job.id, 'cancelled');
    expect(inFolder('downloads')).toEqual([
      'cifar-10-binary.tar.gz.part',
      'cifar-10-binary.tar.gz.part.json',
    ]);
    server.pause = 0;
    // The same request takes up the same job, in another process too.
    await opened.close();
    await open();
    const again = await start({ source: { kind: 'download' } });
    expect(again.id).toBe(job.id);
    await opened.reaches(job.id, 'done', 'failed');
    expect((await jobOf(job.id)).error).toBeNull();
    expect(server.requests.at(-1)?.range).toMatch(/^bytes=[1-9]/);
    expect(await record()).toMatchObject({
      ...{ state: 'installed', ...counts },
      origin: { kind: 'download', name: 'cifar-10-binary.tar.gz', published: true },
    });
    // The engine reads the new files, though it had the old ones open.
    const samples = cifar10Samples({ ...counts, seed: 7 });
    expect((await pixel(5)).equals(samples.validation[5]?.pixels ?? Buffer.alloc(0))).toBe(true);
    expect(inFolder('downloads')).toEqual([]);
    // The same file chosen by hand is known as the published one.
    const byHand = await fromPath(archive, { perClass: 10 });
    await opened.reaches(byHand.id, 'done', 'failed');
    expect(await record()).toMatchObject({
      ...{ state: 'installed', train: 100 },
      origin: { kind: 'path', published: true, subset: { perClass: 10 } },
    });
  });

  it('refuses another file than the published one, and keeps what is installed', async () => {
    const before = await record();
    const { server } = await published(8);
    server.content = Buffer.concat([server.content.subarray(1), Buffer.from('x')]);
    const job = await start({ source: { kind: 'download' } });
    await opened.reaches(job.id, 'done', 'failed');
    expect((await jobOf(job.id)).error).toMatchObject({
      code: 'corrupt-file',
      message: expect.stringMatching(/MD5 is [0-9a-f]{32}, and its page states [0-9a-f]{32}/),
    });
    expect(inFolder('downloads')).toEqual([]);
    expect(await record()).toEqual(before);
    sources = sources.map((source) => ({ ...source, bytes: 1e18 }));
    await expect(start({ source: { kind: 'download' } })).rejects.toEqual(
      refused('disk-full', /Installing CIFAR-10 takes \d+ TiB, and the disk .* free some space/),
    );
    await expect(start({ source: { kind: 'package' } })).rejects.toEqual(
      refused('invalid-input', /source\.kind is "package"; .* one of: download, path/),
    );
  });

  it('waits for nobody who works with it, and names who does', async () => {
    const training = await api().call('models.train', { dataset: cifar10 });
    const named = /CIFAR-10 is in use by “Train CIFAR-10, t = 0” \(job_.*cancel it first/;
    const { archive } = await published(9);
    await expect(fromPath(archive)).rejects.toEqual(refused('conflict', named));
    await expect(api().call('datasets.remove', { dataset: cifar10 })).rejects.toEqual(
      refused('conflict', named),
    );
    await api().call('jobs.cancel', { job: training.job.id });
    await opened.reaches(training.job.id, 'cancelled', 'failed');
    // Others may queue behind an installation; what was begun with other images does not go on.
    const job = await fromPath(archive);
    await expect(fromPath(archive, { perClass: 1 })).rejects.toEqual(
      refused('conflict', /“Import CIFAR-10”/),
    );
    await api().call('jobs.resume', { job: training.job.id });
    await opened.reaches(job.id, 'done', 'failed');
    expect((await jobOf(job.id)).error).toBeNull();
    await opened.reaches(training.job.id, 'failed');
    expect((await jobOf(training.job.id)).error?.message).toMatch(
      /begun with another content of CIFAR-10/,
    );
  });

  it('is not shown to a model that tells other classes apart', async () => {
    const recipe = { epochs: 1, trainLimit: 20, batchSize: 10 };
    const training = await api().call('models.train', { dataset: cifar10, recipe });
    await opened.reaches(training.job.id, 'done', 'failed');
    expect((await jobOf(training.job.id)).error).toBeNull();
    const model = training.model.id;
    const { archive } = await published(9);
    const job = await fromPath(archive, { classes: ['cat', 'dog', 'frog'] });
    await opened.reaches(job.id, 'done', 'failed');
    expect(await record()).toMatchObject({ classes: ['cat', 'dog', 'frog'] });
    const explore = { model, images: [0], methods: ['vanilla-gradient'] };
    await expect(api().call('maps.explore', explore)).rejects.toEqual(
      refused(
        'conflict',
        /tells 10 classes apart, and the dataset cifar10 as it is installed now has 3/,
      ),
    );
  });

  it('is removed, and what was made with it stays', async () => {
    const models = await api().call('models.list', {});
    expect(models.length).toBeGreaterThan(0);
    const removed = await api().call('datasets.remove', { dataset: cifar10 });
    expect(removed).toMatchObject({ state: 'missing', origin: null });
    expect(inFolder('datasets')).toEqual([]);
    expect(await api().call('models.list', {})).toEqual(models);
    const mnist = { dataset: 'mnist' as const };
    await expect(api().call('datasets.remove', mnist)).rejects.toEqual(
      refused('conflict', /comes with/),
    );
    const source = { kind: 'download' as const };
    await expect(api().call('datasets.install', { ...mnist, source })).rejects.toEqual(
      refused('conflict', /comes with/),
    );
  });

  it('brings back, at the next start, what a crash left aside', async () => {
    const archive = await writeCifar10(temporaryFolder(), counts);
    const job = await fromPath(archive);
    await opened.reaches(job.id, 'done', 'failed');
    await opened.close();
    const root = join(world.dataDir, 'datasets');
    mkdirSync(join(root, '.old-cifar10-crashed'));
    for (const name of readdirSync(join(root, cifar10))) {
      const bytes = readFileSync(join(root, cifar10, name));
      writeFileSync(join(root, '.old-cifar10-crashed', name), bytes);
    }
    rmSync(join(root, cifar10), { recursive: true });
    await open();
    expect(await record()).toMatchObject({ state: 'installed', ...counts });
    expect(inFolder('datasets')).toEqual([cifar10]);
  });
});
