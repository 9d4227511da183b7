import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { certificateFor } from '../../../../../src/main/core/machines/joins/certificate';
import { Joins } from '../../../../../src/main/core/machines/joins/joins';
import { machinesFolder } from '../../../../../src/main/core/machines/machines-folder';
import {
  Arrivals,
  type ArrivalsOptions,
} from '../../../../../src/main/core/machines/transport/arrivals';
import { HttpExchange } from '../../../../../src/main/core/machines/transport/client';
import {
  startTransport,
  type TransportListener,
  type TransportServer,
} from '../../../../../src/main/core/machines/transport/server';
import { workerName } from '../../../../../src/main/core/machines/worker/worker';
import { type WorkResult } from '../../../../../src/main/core/machines/work-chain';
import { silentLog } from '../../../../../src/main/core/storage/environment';
import { temporaryFolder } from '../../storage/helpers';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Site {
  readonly arrivals: Arrivals;
  readonly joins: Joins;
  readonly token: string;
  readonly server: TransportServer;
  readonly url: string;
  /** Files that the coordinator has besides. */
  readonly stored: Map<string, string>;
  /** Listens again at the same port. */
  again(): Promise<void>;
}

async function site(
  tls: TransportListener['tls'] = null,
  options: ArrivalsOptions = {},
): Promise<Site> {
  const folder = machinesFolder(temporaryFolder());
  const joins = new Joins(folder, () => new Date());
  const token = joins.create('desk');
  const arrivals = new Arrivals(folder.arrivals, options);
  const stored = new Map<string, string>();
  const parts = {
    arrivals,
    admit: (given: string) => joins.admit(given),
    find: async (hash: string) => stored.get(hash) ?? null,
    hello: { prefix: 'saliency-a1', version: '0.1.0' },
    log: silentLog,
  };
  const server = await startTransport(parts, { host: '127.0.0.1', port: 0, tls });
  open.push(() => server.close());
  const url = `http${tls ? 's' : ''}://127.0.0.1:${server.port}`;
  return {
    arrivals,
    joins,
    token,
    server,
    url,
    stored,
    async again() {
      const next = await startTransport(parts, { host: '127.0.0.1', port: server.port, tls });
      open.push(() => next.close());
    },
  };
}

function exchange({ url, token }: Pick<Site, 'url' | 'token'>, ca: string | null = null) {
  const away: boolean[] = [];
  const made = new HttpExchange({
    coordinator: { url, token, ca },
    onAway: (is) => away.push(is),
  });
  open.push(() => made.close());
  return { exchange: made, away };
}

const signal = new AbortController().signal;
const blobOf = (content: Uint8Array) => ({ sha256: sha256(content), bytes: content.byteLength });

async function fileWith(content: Uint8Array): Promise<string> {
  const path = join(temporaryFolder(), 'made');
  await writeFile(path, content);
  return path;
}

const done = (
  content: Uint8Array,
  more: Partial<WorkResult & { kind: 'done' }> = {},
): WorkResult => ({
  kind: 'done',
  worker: 'desk@host-1',
  seconds: 1,
  output: { loss: 0.5, seconds: 1 },
  files: [{ name: 'model.safetensors', ...blobOf(content) }],
  ...more,
});
const request1 = sha256(Buffer.from('request'));

describe('files between a worker and its coordinator', () => {
  it('arrive whole, and are sent once', async () => {
    const coordinator = await site();
    const { exchange: worker } = exchange(coordinator);
    const content = randomBytes(3_000_000);
    const blob = blobOf(content);
    await worker.putBlob(blob, await fileWith(content), { signal });
    expect(await readFile(coordinator.arrivals.blob(blob.sha256))).toEqual(content);
    // It is not even read again.
    await worker.putBlob(blob, '/nowhere', { signal });
    const file = join(temporaryFolder(), 'fetched');
    await worker.fetchBlob(blob, file, { signal });
    expect(await readFile(file)).toEqual(content);
  });

  it('come from what the coordinator has besides, and are refused where it has nothing', async () => {
    const coordinator = await site();
    const { exchange: worker } = exchange(coordinator);
    const content = Buffer.from('a map');
    coordinator.stored.set(sha256(content), await fileWith(content));
    const file = join(temporaryFolder(), 'fetched');
    await worker.fetchBlob(blobOf(content), file, { signal });
    expect(await readFile(file, 'utf8')).toBe('a map');
    await expect(
      worker.fetchBlob(blobOf(Buffer.from('other')), file, { signal }),
    ).rejects.toMatchObject({ data: { code: 'not-found' } });
  });

  it('go on where the connection was cut, both ways', async () => {
    const coordinator = await site();
    const content = randomBytes(4_000_000);
    const blob = blobOf(content);
    const cut = await cutting(coordinator.server.port, [1_500_000, 900_000]);
    const { exchange: worker, away } = exchange({ ...coordinator, url: cut.url });
    await worker.putBlob(blob, await fileWith(content), { signal });
    expect(await readFile(coordinator.arrivals.blob(blob.sha256))).toEqual(content);
    expect(cut.connections()).toBeGreaterThan(2);
    // What was there is not sent again; heads and what was on its way are the rest.
    expect(cut.sent()).toBeLessThan(content.length * 1.5);
    expect(away).toEqual([true, false]);
    const back = await cutting(coordinator.server.port, [1_000_000, 2_000_000]);
    const { exchange: other } = exchange({ ...coordinator, url: back.url });
    const file = join(temporaryFolder(), 'fetched');
    await other.fetchBlob(blob, file, { signal });
    expect(await readFile(file)).toEqual(content);
    expect(readdirSync(join(coordinator.arrivals.root, 'parts'))).toEqual([]);
  });

  it('with another content than their name says leave nothing behind', async () => {
    const coordinator = await site();
    const { exchange: worker } = exchange(coordinator);
    const blob = { sha256: sha256(Buffer.from('promised')), bytes: 9 };
    await expect(
      worker.putBlob(blob, await fileWith(Buffer.from('delivered')), { signal }),
    ).rejects.toMatchObject({ data: { code: 'corrupt-file' } });
    expect(await coordinator.arrivals.held(blob.sha256)).toBeNull();
  });

  it('of 50 MB go on over TLS where they were cut at 30', async () => {
    const mine = await certificateFor(machinesFolder(temporaryFolder()), '127.0.0.1', new Date());
    const coordinator = await site({ key: mine.key, cert: mine.cert });
    const cut = await cutting(coordinator.server.port, [30_000_000]);
    const url = cut.url.replace('http:', 'https:');
    const { exchange: worker } = exchange({ ...coordinator, url }, mine.ca);
    const content = randomBytes(50_000_000);
    const blob = blobOf(content);
    await worker.putBlob(blob, await fileWith(content), { signal });
    // What lay between the two when it was cut is sent again.
    expect(cut.sent()).toBeLessThan(65_000_000);
    const file = join(temporaryFolder(), 'fetched');
    await worker.fetchBlob(blob, file, { signal });
    expect(sha256(await readFile(file))).toBe(blob.sha256);
  });

  it.each([
    ['as it should be', (content: Buffer) => content],
    ['another', (content: Buffer) => Buffer.alloc(content.length)],
    ['too long', (content: Buffer) => Buffer.alloc(content.length + 1)],
  ])('arrive where a coordinator was killed with all of a part there, %s', async (_, partOf) => {
    const coordinator = await site();
    const content = randomBytes(1000);
    const blob = blobOf(content);
    const parts = join(coordinator.arrivals.root, 'parts');
    await mkdir(parts, { recursive: true });
    await writeFile(join(parts, `${blob.sha256}-desk`), partOf(content));
    const { exchange: worker } = exchange(coordinator);
    await worker.putBlob(blob, await fileWith(content), { signal });
    expect(await readFile(coordinator.arrivals.blob(blob.sha256))).toEqual(content);
  });

  it('wait where the disk is full until it is not', async () => {
    let full = true;
    const coordinator = await site(null, {
      get reserve() {
        return full ? Infinity : 0;
      },
    });
    const content = randomBytes(1000);
    const blob = blobOf(content);
    await expect(
      coordinator.arrivals.receive(blob.sha256, 1000, 0, Readable.from([content])),
    ).rejects.toMatchObject({ data: { code: 'disk-full' } });
    await expect(coordinator.arrivals.putResult(request1, done(content))).rejects.toThrow();
    const { exchange: worker, away } = exchange(coordinator);
    const sent = worker.putBlob(blob, await fileWith(content), { signal });
    await expect.poll(() => away).toEqual([true]);
    full = false;
    await sent;
    expect(await readFile(coordinator.arrivals.blob(blob.sha256))).toEqual(content);
  });

  it('may be empty', async () => {
    const coordinator = await site();
    const { exchange: worker } = exchange(coordinator);
    const blob = blobOf(Buffer.alloc(0));
    await worker.putBlob(blob, await fileWith(Buffer.alloc(0)), { signal });
    const file = join(temporaryFolder(), 'fetched');
    await worker.fetchBlob(blob, file, { signal });
    expect(await readFile(file)).toEqual(Buffer.alloc(0));
  });

  it('are sent with a result although the coordinator has stored the same before', async () => {
    const coordinator = await site();
    const { exchange: worker } = exchange(coordinator);
    const content = Buffer.from('no pixel tied');
    const file = await fileWith(content);
    coordinator.stored.set(sha256(content), file);
    await worker.putBlob(blobOf(content), file, { signal });
    await worker.putResult(request1, done(content), { signal });
    expect(await worker.result(request1, { signal })).toEqual(done(content));
  });

  it('are not held up by whoever falls silent, nor spoilt by what another sent', async () => {
    const coordinator = await site(null, { patience: 300 });
    const content = randomBytes(1000);
    const blob = blobOf(content);
    // One begins with other bytes, and says no more.
    const { url, token } = { ...coordinator, token: coordinator.joins.create('liar') };
    const stalled = request(`${url}/blobs/${blob.sha256}`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/octet-stream',
        'content-range': 'bytes 0-999/1000',
        'content-length': '1000',
      },
    });
    const ended = new Promise<void>((resolve) => {
      stalled.on('error', () => resolve());
      stalled.on('response', () => resolve());
    });
    stalled.write(Buffer.alloc(500));
    await expect
      .poll(async () => (await coordinator.arrivals.held(blob.sha256, 'liar'))?.bytes)
      .toBe(500);
    const file = await fileWith(content);
    const { exchange: worker } = exchange(coordinator);
    await worker.putBlob(blob, file, { signal });
    expect(await readFile(coordinator.arrivals.blob(blob.sha256))).toEqual(content);
    // A worker that was cut off without a word does not hold up those of its own join for ever.
    await ended;
    stalled.destroy();
    await coordinator.arrivals.remove(request1);
    await rm(coordinator.arrivals.blob(blob.sha256));
    const { exchange: same } = exchange({ url, token });
    await expect(same.putBlob(blob, file, { signal })).rejects.toMatchObject({
      data: { code: 'corrupt-file' },
    });
    await same.putBlob(blob, file, { signal });
  });

  it('wait for a coordinator that is away, until they are no longer wanted', async () => {
    const coordinator = await site();
    const { exchange: worker, away } = exchange(coordinator);
    const content = randomBytes(1000);
    const file = await fileWith(content);
    await coordinator.server.close();
    const sent = worker.putBlob(blobOf(content), file, { signal });
    await expect.poll(() => away).toEqual([true]);
    await coordinator.again();
    await sent;
    expect(away).toEqual([true, false]);
    const abort = new AbortController();
    const lone = exchange({ url: 'http://127.0.0.1:1', token: coordinator.token });
    const waiting = lone.exchange.result(request1, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('results', () => {
  it('are found by their request, told in process, and need their files', async () => {
    const coordinator = await site();
    const { exchange: worker } = exchange(coordinator);
    const content = randomBytes(500);
    const heard: string[] = [];
    coordinator.arrivals.onResult((request) => heard.push(request));
    expect(await worker.result(request1, { signal })).toBeNull();
    await expect(worker.putResult(request1, done(content), { signal })).rejects.toThrow(
      'model.safetensors has not arrived whole',
    );
    await worker.putBlob(blobOf(content), await fileWith(content), { signal });
    await worker.putResult(request1, done(content), { signal });
    expect(await worker.result(request1, { signal })).toEqual(done(content));
    expect(heard).toEqual([request1]);
    // The same again, by another worker that took longer, is no contradiction.
    const slower = done(content, { seconds: 9, output: { loss: 0.5, seconds: 9 } });
    await worker.putResult(request1, slower, { signal });
    expect(await worker.result(request1, { signal })).toEqual(done(content));
    await coordinator.arrivals.remove(request1);
    expect(await worker.result(request1, { signal })).toBeNull();
    expect(existsSync(coordinator.arrivals.blob(sha256(content)))).toBe(false);
  });

  it('are taken with a file whose content the coordinator has stored for another', async () => {
    const coordinator = await site();
    const { exchange: worker } = exchange(coordinator);
    const content = randomBytes(500);
    const file = await fileWith(content);
    coordinator.stored.set(sha256(content), file);
    await worker.putBlob(blobOf(content), file, { signal });
    await worker.putResult(request1, done(content), { signal });
    expect(await worker.result(request1, { signal })).toEqual(done(content));
  });

  it('that differ under one request are kept aside and name both workers', async () => {
    const coordinator = await site();
    const { exchange: worker } = exchange(coordinator);
    const [one, other] = [randomBytes(10), randomBytes(10)];
    for (const content of [one, other]) {
      await worker.putBlob(blobOf(content), await fileWith(content), { signal });
    }
    const heard: unknown[] = [];
    coordinator.arrivals.onContradiction((contradiction) => heard.push(contradiction));
    await worker.putResult(request1, done(one), { signal });
    await expect(
      worker.putResult(request1, done(other, { worker: 'desk@host-2' }), { signal }),
    ).rejects.toMatchObject({ data: { code: 'conflict' } });
    expect(heard).toEqual([{ request: request1, workers: ['desk@host-1', 'desk@host-2'] }]);
    // Nobody knows which one is right: neither is taken, and the work is done anew.
    expect(await worker.result(request1, { signal })).toBeNull();
    const aside = join(coordinator.arrivals.root, 'contradictions');
    expect(readdirSync(aside)).toEqual([`${request1}-told.json`]);
    for (const { worker: who } of JSON.parse(
      await readFile(join(aside, `${request1}-told.json`), 'utf8'),
    )) {
      expect(who).toMatch(/^desk@host-[12]$/);
    }
    await worker.putBlob(blobOf(one), await fileWith(one), { signal });
    await worker.putResult(request1, done(one), { signal });
    expect(await worker.result(request1, { signal })).toEqual(done(one));
  });

  it('share files without losing them, also after a new start', async () => {
    const coordinator = await site();
    const content = randomBytes(20);
    const { exchange: worker } = exchange(coordinator);
    await worker.putBlob(blobOf(content), await fileWith(content), { signal });
    const second = sha256(Buffer.from('second'));
    for (const request of [request1, second]) {
      await worker.putResult(request, done(content), { signal });
    }
    const anew = new Arrivals(coordinator.arrivals.root);
    await anew.remove(request1);
    expect(await anew.result(second)).toEqual(done(content));
    await anew.sweep(-1000);
    expect(await anew.result(second)).toBeNull();
    expect(readdirSync(join(anew.root, 'blobs'))).toEqual([]);
  });
});

describe('who may come in', () => {
  it('has a token that was not revoked, and speaks in no other name', async () => {
    const coordinator = await site();
    const stranger = exchange({ url: coordinator.url, token: 'x'.repeat(43) });
    await expect(stranger.exchange.result(request1, { signal })).rejects.toMatchObject({
      data: { code: 'forbidden', message: 'The token of the join file is not known here.' },
    });
    const { exchange: worker } = exchange(coordinator);
    expect(await worker.hello({ signal })).toEqual({ prefix: 'saliency-a1', version: '0.1.0' });
    const foreign = done(Buffer.from(''), { worker: 'laptop@host-1', files: [] });
    await expect(worker.putResult(request1, foreign, { signal })).rejects.toMatchObject({
      data: { code: 'forbidden' },
    });
    const next = coordinator.joins.create('desk-2');
    const framed = done(Buffer.from(''), { worker: 'desk-2@host-1', files: [] });
    await expect(worker.putResult(request1, framed, { signal })).rejects.toMatchObject({
      data: { code: 'forbidden' },
    });
    await exchange({ url: coordinator.url, token: next }).exchange.putResult(request1, framed, {
      signal,
    });
    // On a machine that is called as another join ends, too.
    for (const own of [workerName('desk'), workerName('desk').replace('@', '@2-')]) {
      const result = done(Buffer.from(''), { worker: own, files: [] });
      await worker.putResult(sha256(Buffer.from(own)), result, { signal });
    }
    coordinator.joins.revoke('desk');
    await expect(worker.result(request1, { signal })).rejects.toThrow('The join desk was revoked');
    expect(coordinator.joins.list()[0]).toMatchObject({
      name: 'desk',
      lastUsed: expect.any(String),
      revokedAt: expect.any(String),
    });
  });

  it.each([
    ['GET', '/'],
    ['GET', '/blobs/'],
    ['GET', '/blobs/..%2F..%2Fstudio.sqlite'],
    ['GET', `/blobs/${'A'.repeat(64)}`],
    ['DELETE', `/blobs/${'a'.repeat(64)}`],
    ['PUT', `/results/${'g'.repeat(64)}`],
  ])('%s %s finds nothing', async (method, path) => {
    const { url, token } = await site();
    const status = await statusOf(`${url}${path}`, method, { authorization: `Bearer ${token}` });
    expect([400, 404]).toContain(status);
    expect(await statusOf(`${url}${path}`, method, {})).toBe(403);
  });

  it('may not send more than is said, nor results beyond all measure', async () => {
    const { url, token, arrivals } = await site();
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/octet-stream',
    };
    const name = 'a'.repeat(64);
    const more = { ...headers, 'content-range': 'bytes 0-9/10' };
    expect(await statusOf(`${url}/blobs/${name}`, 'PUT', more, Buffer.alloc(50))).toBe(409);
    expect(await statusOf(`${url}/blobs/${name}`, 'PUT', headers, Buffer.alloc(50))).toBe(400);
    const beyond = { ...headers, 'content-range': `bytes 0-9/${1024 ** 5}` };
    expect(await statusOf(`${url}/blobs/${name}`, 'PUT', beyond, Buffer.alloc(10))).toBe(400);
    for (const content of ['application/json', 'text/plain']) {
      const other = { ...more, 'content-type': content };
      expect(await statusOf(`${url}/blobs/${name}`, 'PUT', other, Buffer.from('"1"'))).toBe(415);
    }
    const bare = { authorization: `Bearer ${token}`, 'content-range': 'bytes 0-9/10' };
    expect(await statusOf(`${url}/blobs/${name}`, 'PUT', bare)).toBe(400);
    expect(await statusOf(`${url}/results/${name}`, 'PUT', headers, Buffer.alloc(5))).toBe(415);
    const deep = `{"kind":"done","worker":"desk@host-1","seconds":1,"files":[],"output":{"a":${'['.repeat(9e4)}${']'.repeat(9e4)}}}`;
    const bounded = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answered = await statusOf(`${url}/results/${name}`, 'PUT', bounded, Buffer.from(deep));
    expect([204, 400, 500]).toContain(answered);
    const json = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    expect(
      await statusOf(`${url}/results/${name}`, 'PUT', json, Buffer.alloc(3 * 1024 ** 2, ' ')),
    ).toBe(413);
    expect((await arrivals.held(name))?.whole ?? false).toBe(false);
  });

  it('is let go of at once where it is a stranger, whatever it goes on sending', async () => {
    const { server, arrivals } = await site();
    const { connect } = await import('node:net');
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const ended = new Promise<string>((resolve) => {
      let heard = '';
      socket.on('data', (chunk) => (heard += chunk.toString()));
      socket.on('close', () => resolve(heard));
    });
    const name = 'a'.repeat(64);
    socket.write(
      `PUT /blobs/${name} HTTP/1.1\r\nhost: a\r\ncontent-type: application/octet-stream\r\n` +
        'content-range: bytes 0-999999999/1000000000\r\ncontent-length: 1000000000\r\n\r\n',
    );
    const sending = setInterval(() => socket.write(Buffer.alloc(1000)), 5);
    open.push(() => clearInterval(sending));
    expect(await ended).toMatch(/^HTTP\/1.1 403 /);
    expect(await arrivals.held(name)).toBeNull();
  });

  it('knows the coordinator by its own authority alone', async () => {
    const folder = machinesFolder(temporaryFolder());
    const mine = await certificateFor(folder, '127.0.0.1', new Date());
    const coordinator = await site({ key: mine.key, cert: mine.cert });
    const { exchange: worker } = exchange(coordinator, mine.ca);
    expect(await worker.hello({ signal })).toMatchObject({ prefix: 'saliency-a1' });
    const other = await certificateFor(machinesFolder(temporaryFolder()), '127.0.0.1', new Date());
    const misled = exchange(coordinator, other.ca);
    await expect(misled.exchange.hello({ signal })).rejects.toMatchObject({
      data: {
        code: 'forbidden',
        message: expect.stringContaining('signed by another authority than the join file’s'),
      },
    });
    const elsewhere = await certificateFor(folder, '127.0.0.2', new Date());
    const moved = await site({ key: elsewhere.key, cert: elsewhere.cert });
    await expect(exchange(moved, mine.ca).exchange.hello({ signal })).rejects.toThrow(
      'its certificate is for another address',
    );
  });
});

function statusOf(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** In front of a port: connections end after so many bytes, either way, one after the other. */
async function cutting(port: number, cuts: readonly number[]) {
  const { connect } = await import('node:net');
  let [connections, sent] = [0, 0];
  const left = [...cuts];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    connections += 1;
    const limit = left.shift() ?? Infinity;
    let passed = 0;
    const far = connect(port, '127.0.0.1');
    sockets.add(near).add(far);
    const count = (bytes: number) => {
      passed += bytes;
      if (passed > limit) for (const socket of [near, far]) socket.destroy();
    };
    near.on('data', (chunk) => {
      sent += chunk.byteLength;
      far.write(chunk);
      count(chunk.byteLength);
    });
    far.on('data', (chunk) => {
      near.write(chunk);
      count(chunk.byteLength);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no address');
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${address.port}`,
    connections: () => connections,
    sent: () => sent,
  };
}

it('keeps what lies in a folder that nobody made', async () => {
  const root = join(temporaryFolder(), 'none');
  expect(await new Arrivals(root).result(request1)).toBeNull();
  await new Arrivals(root).sweep();
  expect(existsSync(root)).toBe(false);
  await mkdir(root);
});
