import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type App, createApp } from '../../../src/main/core/app';
import { createServices } from '../../../src/main/core/services';
import { connect } from '../../e2e/support/api';
import { enlarged } from '../core/studies/archive/enlarged';
import { addSampleStudy, studyId } from '../core/studies/archive/sample-study';
import { bundle } from '../core/jobs/bundle';
import { noEngine } from '../core/sessions/world';
import { startWebProcess } from '../core/sessions/web-process';
import { coreOn } from '../core/core-on';
import { temporaryFolder } from '../core/storage/helpers';
import { contentOf, filesOf } from '../core/transfers';
import { get, harness, type Harness } from './harness';
import { generated, put } from './sending';

const csv =
  'study,dataset,image,method,question,rater,label\nPilot,MNIST,1,lime,visual-coherence,a,High\n';

let app: App;
let web: Harness;
let dataDir: string;
let links: Map<string, string>;
let ours: { cookie: string; origin: string };
beforeEach(async () => {
  dataDir = temporaryFolder();
  app = await createApp({ dataDir, shell: 'browser', startEngine: noEngine });
  links = new Map([['token-of-a', 'rater_a']]);
  web = await harness({ ...app, raterOf: (token) => links.get(token) ?? null });
  ours = { cookie: await web.cookie(), origin: `http://127.0.0.1:${web.port}` };
});
afterEach(async () => {
  await web.end();
  await app.close();
});

const begin = async (name: string, bytes: number) =>
  (await app.api.call('uploads.begin', { name, bytes })).upload;
/** Everything that lies on the disk of what is in transit. */
const inTransit = () =>
  readdirSync(join(dataDir, 'work'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
const sendCsv = async (headers: Record<string, string>) => {
  const upload = await begin('labels.csv', csv.length);
  const { answer } = put(web.port, `/files/${upload}`, headers, [Buffer.from(csv)]);
  return { upload, answer: await answer };
};

describe('sending a file', () => {
  test('of our own page arrives, and a route takes it', async () => {
    const { upload, answer } = await sendCsv(ours);
    expect(answer.status).toBe(204);
    expect(await app.api.call('uploads.get', { upload })).toMatchObject({
      ...{ name: 'labels.csv', bytes: csv.length },
      sha256: createHash('sha256').update(csv).digest('hex'),
    });
    expect(await app.api.call('ratings.import', { upload })).toMatchObject({ rows: 1, added: 1 });
    expect(inTransit()).toEqual([]);
  });

  test.each([
    ['without a cookie', (h: typeof ours) => ({ origin: h.origin }), 401],
    ['with a wrong cookie', (h: typeof ours) => ({ ...h, cookie: `${h.cookie}x` }), 401],
    ['without an origin', (h: typeof ours) => ({ cookie: h.cookie }), 403],
    ['of another site', (h: typeof ours) => ({ ...h, origin: 'https://example.org' }), 403],
    ['of another port', (h: typeof ours) => ({ ...h, origin: 'http://127.0.0.1:1' }), 403],
    ['of a rebound name', (h: typeof ours) => ({ ...h, host: 'evil.example' }), 403],
  ])('%s is refused, and nothing is kept', async (_what, headers, status) => {
    const { upload, answer } = await sendCsv(headers(ours));
    expect(answer.status).toBe(status);
    await expect(app.api.call('uploads.get', { upload })).rejects.toThrow(/0 of \d+ bytes/);
    expect(inTransit()).toEqual([]);
  });

  test('by a rater is refused, as is fetching one', async () => {
    const cookie = await web.cookieFor('token-of-a');
    const { answer } = await sendCsv({ ...ours, cookie });
    expect([answer.status, answer.body]).toEqual([
      403,
      expect.stringContaining('serves for rating alone'),
    ]);
    expect(inTransit()).toEqual([]);
    const file = await exportOf();
    const fetched = await get(web.port, `/files/${file}`, { cookie });
    expect([fetched.status, fetched.body]).toEqual([
      403,
      expect.stringContaining('serves for rating alone'),
    ]);
    // It is still there for whom it was made.
    expect((await get(web.port, `/files/${file}`, ours)).status).toBe(200);
  });

  test('that nobody announced, and again, is refused', async () => {
    const unknown = put(web.port, '/files/upload_aaaaaaaaaaaaaaaa', ours, [Buffer.from('x')]);
    expect((await unknown.answer).status).toBe(404);
    const { upload } = await sendCsv(ours);
    const again = put(web.port, `/files/${upload}`, ours, [Buffer.from(csv)]);
    expect((await again.answer).status).toBe(409);
    expect(await app.api.call('uploads.get', { upload })).toMatchObject({ name: 'labels.csv' });
  });

  test('with another method or elsewhere is refused as before', async () => {
    for (const [method, path] of [
      ['POST', '/files/upload_aaaaaaaaaaaaaaaa'],
      ['DELETE', '/files/upload_aaaaaaaaaaaaaaaa'],
      ['OPTIONS', '/files/upload_aaaaaaaaaaaaaaaa'],
      ['PUT', '/files'],
      ['PUT', '/assets/index-abc123.js'],
    ] as const) {
      expect((await get(web.port, path, ours, method)).status, `${method} ${path}`).toBe(405);
    }
  });

  test('cancelled midway leaves no file, and says so to whoever asks', async () => {
    const bytes = 64 * 2 ** 20;
    const upload = await begin('weights.safetensors', bytes);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const body = (async function* () {
      yield* generated(bytes / 4);
      await promise;
    })();
    const sending = put(web.port, `/files/${upload}`, ours, body, bytes);
    sending.answer.catch(() => undefined);
    await expect.poll(inTransit).toEqual(['weights.safetensors']);
    sending.request.destroy();
    await expect.poll(inTransit).toEqual([]);
    await expect(app.api.call('uploads.get', { upload })).rejects.toThrow(
      /weights\.safetensors did not arrive whole .*Nothing of it was kept/,
    );
    resolve(undefined);
  });

  test('is stopped when the page gives it up by its id', async () => {
    const upload = await begin('weights.safetensors', 2 ** 30);
    const sending = put(web.port, `/files/${upload}`, ours, generated(2 ** 30), 2 ** 30);
    const ended = sending.answer.then(
      ({ status }) => status,
      () => 'broken off',
    );
    await expect.poll(inTransit).toEqual(['weights.safetensors']);
    await app.api.call('uploads.discard', { upload });
    expect([500, 'broken off']).toContain(await ended);
    await expect.poll(inTransit).toEqual([]);
  });

  test('over 64 MiB arrives, and a study of that size is imported', async () => {
    const archive = await largeArchive(66 * 2 ** 20);
    expect(archive.length).toBeGreaterThan(64 * 2 ** 20);
    const upload = await begin('study.zip', archive.length);
    const { answer } = put(web.port, `/files/${upload}`, ours, [archive], archive.length);
    expect((await answer).status).toBe(204);
    expect(await app.api.call('studies.import', { upload })).toMatchObject({ id: studyId });
    expect(inTransit()).toEqual([]);
  });
});

async function largeArchive(bytes: number): Promise<Buffer> {
  const { core } = coreOn(temporaryFolder());
  await addSampleStudy(core);
  const made = await createServices(core).studyExport.export({ study: studyId });
  return enlarged(await contentOf(filesOf(core), made), bytes);
}

/** The id of a file that a route made. */
async function exportOf(): Promise<string> {
  const { upload } = await sendCsv(ours);
  const { studies } = await app.api.call('ratings.import', { upload });
  const study = studies[0]?.id ?? '';
  return (await app.api.call('ratings.export', { study })).file;
}

describe('fetching a file', () => {
  test('gives it once, under its name, to be saved', async () => {
    const file = await exportOf();
    const answer = await get(web.port, `/files/${file}`, ours);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="ratings-pilot-v1.csv"; filename*=UTF-8''ratings-pilot-v1.csv`,
    );
    expect(answer.headers['content-type']).toMatch(/^text\/csv/);
    expect(answer.headers['content-length']).toBe(String(answer.body.length));
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toContain('Pilot,MNIST,1,lime,visual-coherence,a,');
    expect((await get(web.port, `/files/${file}`, ours)).status).toBe(404);
    await expect.poll(inTransit).toEqual([]);
  });

  test('asking for its head does not use it up; another site and no cookie get nothing', async () => {
    const file = await exportOf();
    await get(web.port, `/files/${file}`, ours, 'HEAD');
    expect((await get(web.port, `/files/${file}`)).status).toBe(401);
    for (const site of ['cross-site', 'same-site']) {
      const answer = await get(web.port, `/files/${file}`, { ...ours, 'sec-fetch-site': site });
      expect(answer.status).toBe(403);
    }
    const own = { ...ours, 'sec-fetch-site': 'same-origin' };
    expect((await get(web.port, `/files/${file}`, own)).status).toBe(200);
  });
});

describe('a file far larger than what the server may hold in memory', () => {
  test(
    'is streamed to the disk whole, and goes with the server',
    { timeout: 120_000 },
    async () => {
      const built = await bundle({ web: 'src/main/web/main.ts' });
      const data = temporaryFolder();
      const server = await startWebProcess(built.folder, data);
      try {
        const bytes = 300 * 2 ** 20;
        const { port, url } = server;
        const exchanged = await get(port, url.slice(url.indexOf('/?')));
        const cookie = String(exchanged.headers['set-cookie']).split(';')[0] ?? '';
        const headers = { cookie, origin: `http://127.0.0.1:${port}` };
        const api = await connect(url);
        const { upload } = await api.call('uploads.begin', { name: 'w.bin', bytes });
        const before = peakOf(server.child.pid);
        const { answer } = put(port, `/files/${upload}`, headers, generated(bytes), bytes);
        expect((await answer).status).toBe(204);
        const grown = peakOf(server.child.pid) - before;
        const hash = createHash('sha256');
        for (const piece of generated(bytes)) hash.update(piece);
        expect(await api.call('uploads.get', { upload })).toEqual({
          ...{ upload, name: 'w.bin', bytes, sha256: hash.digest('hex') },
        });
        expect(grown).toBeLessThan(128 * 2 ** 20);
        api.close();
        await server.kill('SIGTERM');
        const left = readdirSync(join(data, 'work'), { recursive: true, withFileTypes: true });
        expect(left.filter((entry) => entry.isFile())).toEqual([]);
      } finally {
        await server.kill();
        await built.remove();
      }
    },
  );
});

/** The most memory that a process has held, in bytes; 0 where the system does not say. */
function peakOf(pid: number | undefined): number {
  const path = `/proc/${pid ?? 0}/status`;
  if (!existsSync(path)) return 0;
  return 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(path, 'utf8'))?.[1] ?? 0);
}
