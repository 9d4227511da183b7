import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Download, download } from '../../../../src/main/core/datasets/download';
import { type EngineProgress } from '../../../../src/shared/engine';
import { temporaryFolder } from '../storage/helpers';
import { fileServer, type FileServer, madeBytes, md5 } from './file-server';

const size = 1_000_000;

async function setUp(content = madeBytes(size)) {
  const server = await fileServer(content);
  const folder = temporaryFolder();
  const target = join(folder, 'archive.bin');
  const reports: EngineProgress[] = [];
  const start = (change: Partial<Download> = {}) =>
    download({
      ...{ url: server.url, target, bytes: size, md5: md5(content), publishedAt: 'its page' },
      signal: new AbortController().signal,
      report: (progress) => reports.push(progress),
      waits: [1, 1],
      silence: 2000,
      ...change,
    });
  const ranges = () => server.requests.map(({ range }) => range);
  // What had arrived when a connection broke may be lost before it is read: never more than it.
  const kept = () => statSync(join(folder, 'archive.bin.part')).size;
  return { server, content, folder, target, reports, start, ranges, kept };
}

const failing = (code: string, message: RegExp) =>
  expect.objectContaining({
    data: expect.objectContaining({ code, message: expect.stringMatching(message) }),
  });

it('brings a file, tells its progress in bytes, and leaves nothing beside it', async () => {
  const { content, folder, target, reports, start } = await setUp();
  await start();
  expect(readFileSync(target).equals(content)).toBe(true);
  expect(readdirSync(folder)).toEqual(['archive.bin']);
  expect(reports.at(0)).toEqual({ done: 0, total: size, unit: 'bytes' });
  expect(reports.at(-1)).toEqual({ done: size, total: size, unit: 'bytes' });
});

it('does not download again what is there, and mends what is not whole', async () => {
  const { server, content, target, start } = await setUp();
  await start();
  await start();
  expect(server.requests).toHaveLength(1);
  writeFileSync(target, 'something else');
  await start();
  expect(server.requests).toHaveLength(2);
  expect(readFileSync(target).equals(content)).toBe(true);
});

it('goes on by itself where connections are cut off, as long as each brings something', async () => {
  const { server, content, target, start } = await setUp();
  server.cutAfter = 150_000;
  await start();
  expect(readFileSync(target).equals(content)).toBe(true);
  expect(server.requests.length).toBeGreaterThanOrEqual(7);
  const [first, ...later] = server.requests;
  expect(first?.range).toBeUndefined();
  const starts = later.map(({ range }) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]));
  expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
  expect(later.every(({ ifRange }) => ifRange === '"one"')).toBe(true);
});

it('gives up where nothing comes any more, keeps the part and goes on there later', async () => {
  const { server, content, target, start, ranges, kept } = await setUp();
  Object.assign(server, { cutAfter: 400_000, status: 503, statusFrom: 1 });
  await expect(start()).rejects.toEqual(
    failing('dataset-missing', /answered 503 Service Unavailable\. \d+,\d+ bytes are kept/),
  );
  const have = kept();
  expect(have).toBeGreaterThan(0);
  expect(have).toBeLessThanOrEqual(400_000);
  expect(existsSync(target)).toBe(false);
  Object.assign(server, { status: null, cutAfter: null });
  await start();
  expect(ranges().at(-1)).toBe(`bytes=${have}-`);
  expect(readFileSync(target).equals(content)).toBe(true);
});

it('is cancelled at once and resumed where it was', async () => {
  const { server, content, target, start, ranges, kept } = await setUp();
  server.pause = 20;
  const abort = new AbortController();
  const report = ({ done }: EngineProgress) => {
    if (done > 200_000) abort.abort(new Error('stopped'));
  };
  await expect(start({ signal: abort.signal, report })).rejects.toThrow('stopped');
  const have = kept();
  expect(have).toBeGreaterThan(200_000);
  expect(have).toBeLessThan(size);
  await start();
  expect(ranges().at(-1)).toBe(`bytes=${have}-`);
  expect(readFileSync(target).equals(content)).toBe(true);
});

it('begins anew where the server knows no ranges', async () => {
  const { server, content, target, start, ranges, kept } = await setUp();
  Object.assign(server, { ranges: false, cutAfter: 300_000 });
  await expect(start({ waits: [] })).rejects.toEqual(failing('dataset-missing', /./));
  const have = kept();
  server.cutAfter = null;
  await start();
  expect(ranges().at(-1)).toBe(`bytes=${have}-`);
  expect(readFileSync(target).equals(content)).toBe(true);
});

it.each<[string, (server: FileServer) => void]>([
  ['its tag', (server) => (server.etag = '"two"')],
  [
    'its date',
    (server) =>
      Object.assign(server, { etag: null, lastModified: 'Tue, 02 Jan 2024 00:00:00 GMT' }),
  ],
])('begins anew where the file has changed by %s', async (_, change) => {
  const { server, target, start, kept } = await setUp();
  server.lastModified = 'Mon, 01 Jan 2024 00:00:00 GMT';
  Object.assign(server, { cutAfter: 300_000 });
  await expect(start({ waits: [] })).rejects.toEqual(failing('dataset-missing', /./));
  expect(kept()).toBeGreaterThan(0);
  const other = madeBytes(size, 2);
  Object.assign(server, { cutAfter: null, content: other });
  change(server);
  await start({ md5: md5(other) });
  expect(readFileSync(target).equals(other)).toBe(true);
});

it('does not go on by a weak tag, nor without any', async () => {
  const { server, start, ranges } = await setUp();
  Object.assign(server, { cutAfter: 300_000, etag: 'W/"one"' });
  await expect(start({ waits: [] })).rejects.toEqual(failing('dataset-missing', /./));
  server.etag = null;
  await expect(start({ waits: [] })).rejects.toEqual(failing('dataset-missing', /./));
  server.cutAfter = null;
  await start();
  expect(ranges()).toEqual([undefined, undefined, undefined]);
});

it('recovers from a partial file longer than the server’s', async () => {
  const { server, content, folder, target, start } = await setUp();
  server.cutAfter = 300_000;
  await expect(start({ waits: [] })).rejects.toEqual(failing('dataset-missing', /./));
  server.cutAfter = null;
  writeFileSync(join(folder, 'archive.bin.part'), madeBytes(size + 10));
  await start();
  expect(readFileSync(target).equals(content)).toBe(true);
});

it('refuses and deletes another file than the published one, naming both checksums', async () => {
  const { server, content, folder, start } = await setUp();
  const other = madeBytes(size, 3);
  server.content = other;
  const refusal = failing('corrupt-file', new RegExp(`${md5(other)}.*its page.*${md5(content)}`));
  await expect(start()).rejects.toEqual(refusal);
  expect(readdirSync(folder)).toEqual([]);
});

it('says at once what a server refuses for good', async () => {
  const { server, folder, start } = await setUp();
  server.status = 404;
  await expect(start()).rejects.toEqual(
    failing(
      'dataset-missing',
      /archive\.bin cannot be downloaded: the server answered 404 Not Found/,
    ),
  );
  expect(server.requests).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
});

it('tells of a server that is not there', async () => {
  const { start } = await setUp();
  await expect(start({ url: 'http://127.0.0.1:9/x', waits: [1] })).rejects.toEqual(
    failing('dataset-missing', /: it refuses the connection\. Check/),
  );
});

it('follows redirects, but not for ever', async () => {
  const { server, content, target, start } = await setUp();
  server.redirects = ['/elsewhere', server.url];
  await start();
  expect(server.requests.map(({ path }) => path)).toEqual([
    '/archive.bin',
    '/elsewhere',
    '/archive.bin',
  ]);
  expect(readFileSync(target).equals(content)).toBe(true);
  writeFileSync(target, '');
  server.redirects = new Array<string>(20).fill('/round');
  await expect(start({ waits: [] })).rejects.toEqual(failing('dataset-missing', /redirects more/));
});

it('keeps the bytes as they are sent, whatever encoding the server declares', async () => {
  const { server, content, target, start } = await setUp();
  server.headers['content-encoding'] = 'x-gzip';
  await start();
  expect(readFileSync(target).equals(content)).toBe(true);
});

it('waits for a slow server, and not for a silent one', async () => {
  const { server, content, target, start } = await setUp();
  server.pause = 40;
  await start({ silence: 200 });
  expect(readFileSync(target).equals(content)).toBe(true);
  writeFileSync(target, '');
  server.pause = 1000;
  await expect(start({ silence: 100, waits: [] })).rejects.toEqual(
    failing('dataset-missing', /nothing came for|was cut off/),
  );
});

it('goes through the environment’s proxy', async () => {
  const { server, content, target, start } = await setUp();
  vi.stubEnv('HTTP_PROXY', new URL(server.url).origin);
  vi.stubEnv('http_proxy', new URL(server.url).origin);
  vi.stubEnv('NO_PROXY', '');
  vi.stubEnv('no_proxy', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  await start({ url: 'http://an-archive.invalid/archive.bin' });
  expect(server.requests[0]?.path).toBe('http://an-archive.invalid/archive.bin');
  expect(readFileSync(target).equals(content)).toBe(true);
});
