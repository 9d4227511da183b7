import { fork } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { certificateFor } from '../../../../../src/main/core/machines/joins/certificate';
import {
  createJoin,
  type JoinRequest,
} from '../../../../../src/main/core/machines/joins/create-join';
import {
  joinFileSource,
  readJoinFile,
} from '../../../../../src/main/core/machines/joins/join-file-io';
import { Joins } from '../../../../../src/main/core/machines/joins/joins';
import {
  listenerProblem,
  listenerUrl,
  parseListen,
  readListener,
} from '../../../../../src/main/core/machines/joins/listener';
import { writeWholeFile } from '../../../../../src/main/core/export/folder/whole-file';
import { machinesFolder } from '../../../../../src/main/core/machines/machines-folder';
import { ownJoin } from '../../../../../src/main/core/machines/own-join';
import {
  type QueueAddress,
  queueAddressSchema,
} from '../../../../../src/main/core/machines/queue/address';
import { toErrorData } from '../../../../../src/shared/errors';
import { bundle } from '../../jobs/bundle';
import { temporaryFolder } from '../../storage/helpers';
import { freePort } from '../support/free-port';

const now = () => new Date('2026-12-01T10:00:00Z');
const queueAt = (host: string, ca: string | null = null): QueueAddress =>
  queueAddressSchema.parse({ host, port: 6379, password: 'q', tls: ca === null ? null : { ca } });
const plain: JoinRequest = { name: null, listen: null, sharedFolder: null };

function open(queue: QueueAddress | null = queueAt('127.0.0.1')) {
  const dataDir = temporaryFolder();
  const folder = machinesFolder(dataDir);
  const create = (request: Partial<JoinRequest> = {}) =>
    createJoin({ dataDir, now, queue, prefix: 'saliency-a1' }, { ...plain, ...request });
  return { folder, create, joins: new Joins(folder, now) };
}

describe('a join', () => {
  it('holds what a worker needs, keeps its token to itself, and fixes the port once', async () => {
    const { create, folder, joins } = open();
    const one = await create();
    const two = await create({ name: 'desk' });
    expect(one.file).toMatchObject({
      version: 1,
      name: 'worker-1',
      prefix: 'saliency-a1',
      queue: { host: '127.0.0.1', password: 'q' },
      coordinator: { ca: null, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    });
    expect(two.file.coordinator.url).toBe(one.file.coordinator.url);
    expect(two.file.coordinator.token).not.toBe(one.file.coordinator.token);
    const kept = readdirSync(folder.joins).map((name) =>
      readFileSync(join(folder.joins, name), 'utf8'),
    );
    for (const { file } of [one, two]) {
      expect(kept.join()).not.toContain(file.coordinator.token);
      expect(joins.admit(file.coordinator.token)).toEqual({ name: file.name });
    }
    for (const name of readdirSync(folder.joins)) {
      expect(statSync(join(folder.joins, name)).mode & 0o777).toBe(0o600);
    }
    await expect(create({ name: 'desk' })).rejects.toThrow('There is a join desk already');
    await expect(create({ name: 'My desk' })).rejects.toThrow('letters, digits and hyphens');
  });

  it('for other machines speaks TLS by an authority that stays', async () => {
    const { create, folder } = open(queueAt('queue.lab', 'PEM'));
    const one = await create({ listen: 'localhost' });
    expect(one.file.coordinator.url).toMatch(/^http:/);
    const { ca } = await certificateFor(folder, '127.0.0.1', now());
    const again = await certificateFor(folder, '127.0.0.1', now());
    expect(again.ca).toBe(ca);
    const moved = await certificateFor(folder, 'other.lab', now());
    expect(moved.ca).toBe(ca);
    expect(moved.cert).not.toBe(again.cert);
    expect(new X509Certificate(moved.cert).checkHost('other.lab')).toBe('other.lab');
    const later = new Date('2027-12-20T10:00:00Z');
    const renewed = await certificateFor(folder, 'other.lab', later);
    expect(renewed.cert).not.toBe(moved.cert);
    expect(renewed.ca).toBe(ca);
    // What somebody put together of two.
    writeFileSync(join(folder.tls, 'listener.pem'), `${again.key}${moved.cert}`);
    const mended = await certificateFor(folder, 'other.lab', now());
    expect(new X509Certificate(mended.cert).checkPrivateKey(createPrivateKey(mended.key))).toBe(
      true,
    );
    for (const name of readdirSync(folder.tls)) {
      expect(statSync(join(folder.tls, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('has one authority, however many processes ask for it at once', async () => {
    const { folder } = open();
    const made = await Promise.all(
      Array.from({ length: 6 }, () => certificateFor(folder, '127.0.0.1', now())),
    );
    expect(new Set(made.map(({ ca }) => ca)).size).toBe(1);
    for (const { ca, cert } of made) {
      expect(new X509Certificate(cert).verify(new X509Certificate(ca).publicKey)).toBe(true);
    }
    expect(readdirSync(folder.tls).sort()).toEqual(['authority.pem', 'listener.pem']);
  });

  it('makes no other authority where the one that workers know cannot be read', async () => {
    const { folder } = open();
    mkdirSync(join(folder.tls, 'authority.pem'), { recursive: true });
    await expect(certificateFor(folder, '127.0.0.1', now())).rejects.toThrow();
    expect(readdirSync(folder.tls)).toEqual(['authority.pem']);
  });

  it('is made anew by its authority where that has ended', async () => {
    const { folder } = open();
    const first = await certificateFor(folder, '127.0.0.1', now());
    const later = new Date('2036-12-01T10:00:00Z');
    const next = await certificateFor(folder, '127.0.0.1', later);
    expect(next.ca).not.toBe(first.ca);
    expect((await certificateFor(folder, '127.0.0.1', later)).ca).toBe(next.ca);
  });

  it('has a name of its own, also when two are made at once', () => {
    const { folder, joins } = open();
    const other = new Joins(folder, now);
    const made = [joins.createNext(), other.createNext(), joins.createNext()];
    expect(made.map(({ name }) => name)).toEqual(['worker-1', 'worker-2', 'worker-3']);
    for (const { name, token } of made) expect(other.admit(token)).toEqual({ name });
    // A file that says nothing takes a name, too.
    writeFileSync(join(folder.joins, 'worker-4.json'), '');
    expect(joins.createNext().name).toBe('worker-5');
    expect(() => joins.create('worker-4')).toThrow('There is a join worker-4 already');
  });

  it('lets in whoever has a token also where nothing can be noted of it', () => {
    const { folder, joins } = open();
    const token = joins.create('desk');
    mkdirSync(join(folder.joins, 'desk.used'));
    expect(joins.admit(token)).toEqual({ name: 'desk' });
    expect(joins.list()).toMatchObject([{ name: 'desk', lastUsed: null }]);
    expect(readdirSync(folder.joins).sort()).toEqual(['desk.json', 'desk.used']);
  });

  it('is refused where there is no queue, or none that others reach unread', async () => {
    await expect(open(null).create()).rejects.toThrow('There is no queue yet');
    await expect(open().create({ listen: '10.0.0.1' })).rejects.toThrow(
      'which no other machine reaches',
    );
    await expect(open(queueAt('10.0.0.9')).create({ listen: '10.0.0.1' })).rejects.toThrow(
      'in plain text',
    );
    const { joins, create } = open(queueAt('queue.lab', 'PEM'));
    await expect(create({ listen: '192.0.2.77' })).rejects.toThrow(
      'accepted: an address or name of this machine',
    );
    // What was refused let nobody in.
    expect(joins.list()).toEqual([]);
  });

  it('is refused by the name of the field, which each shell calls by its own', async () => {
    const lab = open(queueAt('queue.lab', 'PEM'));
    for (const [{ create }, field, request] of [
      [open(), 'listen', { listen: '10.0.0.1' }],
      [open(queueAt('10.0.0.9')), 'listen', { listen: '10.0.0.1' }],
      [lab, 'listen', { listen: '192.0.2.77' }],
      [lab, 'listen', { listen: '0.0.0.0' }],
      [lab, 'name', { name: 'My lab' }],
      [lab, 'sharedFolder', { sharedFolder: '/does/not/exist' }],
    ] as const) {
      const refused: unknown = await create(request).catch((error: unknown) => error);
      expect(toErrorData(refused)).toMatchObject({ code: 'invalid-input', field });
    }
  });

  it('that is refused moves nothing that earlier join files name', async () => {
    const { create, folder, joins } = open();
    await create({ name: 'lab' });
    const before = readFileSync(folder.listener, 'utf8');
    const listen = `127.0.0.1:${await freePort()}`;
    await expect(create({ name: 'lab', listen })).rejects.toThrow('There is a join lab already');
    await expect(create({ name: 'My lab', listen })).rejects.toThrow('letters, digits and hyphens');
    const none = join(temporaryFolder(), 'none');
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const sharedFolder of ['', none, file]) {
      await expect(create({ name: 'desk', listen, sharedFolder })).rejects.toThrow(
        'a folder that is there',
      );
    }
    expect(readFileSync(folder.listener, 'utf8')).toBe(before);
    expect(joins.list().map(({ name }) => name)).toEqual(['lab']);
    // A listener that cannot be written lets nobody in, either.
    const broken = open();
    mkdirSync(`${broken.folder.listener}.${process.pid}.part`, { recursive: true });
    await expect(broken.create({ name: 'desk' })).rejects.toThrow();
    expect(broken.joins.list()).toEqual([]);
    const elsewhere = open(queueAt('queue.lab', 'PEM'));
    await expect(elsewhere.create({ listen: '192.0.2.77:7777' })).rejects.toThrow(
      'accepted: an address or name of this machine',
    );
    expect(readdirSync(elsewhere.folder.root)).toEqual(['joins']);
    const moved = await create({ name: 'desk', listen, sharedFolder: temporaryFolder() });
    expect(moved.file.coordinator.url).toBe(`http://${listen}`);
    expect(readdirSync(folder.root).sort()).toEqual([
      'joins',
      'listener.json',
      'listener.json.lock',
    ]);
  });

  it('made beside others, in whatever process, forgets none of their places', async () => {
    const { folder } = open();
    const { folder: built, remove } = await bundle({
      child: fileURLToPath(new URL('./join-child.ts', import.meta.url)),
    });
    onTestFinished(remove);
    const shared = [1, 2, 3, 4].map(() => temporaryFolder());
    const children = await Promise.all(
      shared.map(async (each) => {
        const child = fork(join(built, 'child.js'), [dirname(folder.root), each]);
        await once(child, 'message');
        return child;
      }),
    );
    const answers = children.map((child) => once(child, 'message'));
    for (const child of children) child.send('now');
    const urls = (await Promise.all(answers)).map(([url]) => String(url));
    expect(new Set(urls).size).toBe(1);
    const fixed = readListener(folder);
    expect(fixed && listenerUrl(fixed)).toBe(urls[0]);
    expect([...(fixed?.earlierFolders ?? []), fixed?.sharedFolder].sort()).toEqual(shared.sort());
  }, 60_000);

  it('asks for no port of another program, but for that of the application itself', async () => {
    const { create, folder } = open();
    const first = await create();
    const at = (url: string) => url.replace('http://', '');
    const listening = async (url: string) => {
      const server = createServer().listen(Number(new URL(url).port), '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
    };
    // As the application does.
    await listening(first.file.coordinator.url);
    const again = await create({ listen: at(first.file.coordinator.url) });
    expect(again.notes).toEqual([]);
    const other = `127.0.0.1:${await freePort()}`;
    await listening(`http://${other}`);
    const before = readFileSync(folder.listener, 'utf8');
    await expect(create({ listen: other })).rejects.toThrow(
      `listen is "${other}"; accepted: a port that your user may use and at which no other program listens.`,
    );
    expect(readFileSync(folder.listener, 'utf8')).toBe(before);
    // It listens at the first still, where a job keeps it.
    await create({ listen: `127.0.0.1:${await freePort()}` });
    const back = await create({ listen: at(first.file.coordinator.url) });
    expect(back.file.coordinator.url).toBe(first.file.coordinator.url);
  });

  it('drops a folder of before that somebody deleted', async () => {
    const { create, folder } = open();
    const [first, second, third] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    for (const sharedFolder of [first, second]) await create({ sharedFolder });
    expect(readListener(folder)?.earlierFolders).toEqual([first]);
    rmSync(first, { recursive: true });
    await create({ sharedFolder: third });
    expect(readListener(folder)?.earlierFolders).toEqual([second]);
  });

  it('of this machine’s own worker is nobody else’s, and in no list', async () => {
    const { create, joins } = open();
    await expect(create({ name: ownJoin })).rejects.toThrow('name is "this-machine"');
    const token = joins.create(ownJoin);
    expect(joins.list()).toEqual([]);
    expect(() => joins.revoke(ownJoin)).toThrow('There is no join this-machine');
    expect(joins.admit(token)).toEqual({ name: ownJoin });
  });

  it('that is revoked stays revoked, whatever is noted of it', async () => {
    const { create, joins, folder } = open();
    const { file } = await create();
    const running = new Joins(folder, () => new Date('2026-12-02T10:00:00Z'));
    expect(running.admit(file.coordinator.token)).toEqual({ name: 'worker-1' });
    joins.revoke('worker-1');
    expect(running.admit(file.coordinator.token)).toEqual({
      refused: 'The join worker-1 was revoked on 2026-12-01.',
    });
    expect(joins.list()).toEqual([
      {
        name: 'worker-1',
        createdAt: '2026-12-01T10:00:00.000Z',
        lastUsed: '2026-12-02T10:00:00.000Z',
        revokedAt: '2026-12-01T10:00:00.000Z',
      },
    ]);
    expect((await create()).file.name).toBe('worker-2');
    expect(() => joins.revoke('none')).toThrow('There is no join none');
  });
});

describe('a join file', () => {
  it('is its owner’s alone, and read back as it was written', async () => {
    const { file } = await open().create();
    const path = join(temporaryFolder(), 'join.json');
    writeFileSync(path, '', { mode: 0o644 });
    await writeWholeFile(path, joinFileSource(file));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readJoinFile(path)).toEqual({ join: file, warning: null });
    writeFileSync(join(path, '..', 'open.json'), JSON.stringify(file), { mode: 0o644 });
    expect(readJoinFile(join(path, '..', 'open.json')).warning).toContain('chmod 600');
  });

  it.each([
    ['nothing', '', 'is no join file'],
    ['another thing', '{"version":1,"name":"a"}', '--join.prefix'],
    ['that of a later version', '{"version":2}', 'newer version'],
  ])('that is %s is refused with what is wrong', (_, content, message) => {
    const path = join(temporaryFolder(), 'join.json');
    writeFileSync(path, content);
    expect(() => readJoinFile(path)).toThrow(message);
    expect(() => readJoinFile(`${path}.none`)).toThrow('is not there');
  });

  it('that is damaged is refused without a word of what is secret in it', async () => {
    const { file } = await open().create();
    const path = join(temporaryFolder(), 'join.json');
    const token = `${file.coordinator.token}?`;
    const damaged = { ...file, coordinator: { ...file.coordinator, token } };
    writeFileSync(path, JSON.stringify(damaged));
    const read = () => readJoinFile(path);
    expect(read).toThrow('--join.coordinator.token is not as `join create` writes it');
    expect(read).not.toThrow(file.coordinator.token);
  });
});

it('tells why nothing can listen for workers', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const at = { host: '127.0.0.1', port };
  expect(await listenerProblem(at, false)).toBe('another program listens on it');
  // It may be the application itself.
  expect(await listenerProblem(at, true)).toBeNull();
  expect(await listenerProblem({ host: '192.0.2.77', port }, true)).toBe(
    'this machine does not have it as an address',
  );
  expect(await listenerProblem({ ...at, port: await freePort() }, false)).toBeNull();
});

it.each([
  ['10.0.0.1', { host: '10.0.0.1', port: null }],
  ['10.0.0.1:8000', { host: '10.0.0.1', port: 8000 }],
  ['lab.example:1', { host: 'lab.example', port: 1 }],
  ['::1', { host: '::1', port: null }],
  ['[fe80::1]:443', { host: 'fe80::1', port: 443 }],
])('reads %s as an address', (text, expected) => {
  expect(parseListen(text)).toEqual(expected);
});

it.each(['', '0.0.0.0', '::', 'a b', '10.0.0.1:0', '10.0.0.1:x', '[::1', 'http://a'])(
  'refuses %j as an address',
  (text) => {
    expect(() => parseListen(text)).toThrow('by which workers reach it');
  },
);
