import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createDoctor } from '../../../../src/main/cli/doctor/probes';
import { createApp } from '../../../../src/main/core/app';
import { MethodsRepository } from '../../../../src/main/core/maps/methods-repository';
import { openDataDirectory, ownFilesOf } from '../../../../src/main/core/storage/data-directory';
import { openDatabase, openReadOnly } from '../../../../src/main/core/storage/database';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { listMigrations } from '../../../../src/main/core/storage/migrations';
import { temporaryPrefix } from '../../../../src/main/core/storage/temporary-folder';
import { noEngine } from '../sessions/world';
import { migrations, temporaryFolder } from './helpers';

const root = process.getuid?.() === 0;

/**
 * A folder that nobody can write: on a file system mounted for reading alone, which holds for root
 * too; where mounting is not permitted, by the folder's mode, which then holds for us.
 */
function readOnlyFolder(fill: (folder: string) => void): string {
  const parent = temporaryFolder();
  const folder = join(parent, 'medium');
  mkdirSync(folder);
  if (root) execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  onTestFinished(() => {
    if (root) execFileSync('umount', ['--lazy', folder]);
    else chmodSync(folder, 0o755);
  });
  fill(folder);
  if (root) execFileSync('mount', ['-o', 'remount,ro', folder]);
  else chmodSync(folder, 0o555);
  return folder;
}

const method = (id: string) => ({
  id,
  name: id,
  composition: id === 'composed-newest' ? 'integrate(smooth(guided))' : 'times-input(guided)',
});
const copies = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`${temporaryPrefix}${process.pid}-`));
const contents = (folder: string) =>
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);
const idsIn = (path: string) => {
  const database = openReadOnly({ path: join(path, 'studio.sqlite'), migrations });
  try {
    return new MethodsRepository(database).list().map(({ id }) => id);
  } finally {
    database.close();
  }
};

/** A data directory as a program leaves it that is closed, or, `open`, killed: its newest row is in the log. */
function write(folder: string, { open }: { open: boolean }): void {
  const source = temporaryFolder();
  const now = () => new Date('2026-01-01T00:00:00Z');
  const directory = openDataDirectory({
    path: source,
    migrations,
    mode: 'write',
    shell: 'test',
    now,
  });
  const methods = new MethodsRepository(directory.database);
  methods.insert(method('composed-older'), '2026-01-01');
  directory.database.compact();
  methods.insert(method('composed-newest'), '2026-01-02');
  if (!open) directory.close();
  for (const name of ['studio.sqlite', 'studio.sqlite-wal']) {
    if (existsSync(join(source, name))) cpSync(join(source, name), join(folder, name));
  }
  if (open) directory.close();
}

it.each([
  ['closed', false],
  ['killed, with its newest row in the log alone', true],
])('a database left %s is read whole, and nothing is left behind', (_, open) => {
  const folder = readOnlyFolder((place) => write(place, { open }));
  expect(existsSync(join(folder, 'studio.sqlite-wal'))).toBe(open);
  const before = [contents(folder), copies()];
  expect(idsIn(folder)).toEqual(['composed-older', 'composed-newest']);
  expect([contents(folder), copies()]).toEqual(before);
});

it('a database of an older version is read, and stays as it is', () => {
  const folder = readOnlyFolder((place) => {
    const first = temporaryFolder();
    const [oldest] = listMigrations(migrations);
    cpSync(oldest?.path ?? '', join(first, oldest?.name ?? ''));
    const path = join(place, 'studio.sqlite');
    const database = openDatabase({ path, migrations: first });
    new MethodsRepository(database).insert(method('composed-old'), '2026-01-01');
    database.close();
  });
  const before = contents(folder);
  expect(idsIn(folder)).toEqual(['composed-old']);
  expect(contents(folder)).toEqual(before);
});

it('a database of a newer version is refused by its own name', () => {
  const folder = readOnlyFolder((place) => {
    write(place, { open: false });
    const connection = new SQLite(join(place, 'studio.sqlite'));
    connection.pragma('user_version = 99');
    connection.close();
  });
  const path = join(folder, 'studio.sqlite');
  const before = copies();
  expect(() => openReadOnly({ path, migrations })).toThrow('made by a newer version');
  expect(copies()).toEqual(before);
});

it('the app opens for reading, says so, and refuses what changes something', async () => {
  const folder = readOnlyFolder((place) => write(place, { open: true }));
  const options = { dataDir: folder, shell: 'browser', startEngine: noEngine } as const;
  const app = await createApp({ ...options, access: 'write-if-possible' });
  const { access, dataDir } = await app.api.call('app.status', {});
  expect({ access, dataDir }).toEqual({ access: 'read', dataDir: folder });
  const methods = await app.api.call('methods.list', {});
  expect(methods.map(({ id }) => id)).toContain('composed-newest');
  await expect(app.api.call('methods.remove', { method: 'composed-newest' })).rejects.toThrow(
    'its folder cannot be written',
  );
  await app.close();
  await expect(createApp(options)).rejects.toMatchObject({ data: { code: 'read-only' } });
});

it('the app writes where it can, also where there is nothing yet', async () => {
  const folder = join(temporaryFolder(), 'new');
  const app = await createApp({
    dataDir: folder,
    shell: 'browser',
    startEngine: noEngine,
    access: 'write-if-possible',
  });
  expect((await app.api.call('app.status', {})).access).toBe('write');
  await app.close();
  rmSync(folder, { recursive: true });
});

it('opens for reading where the database alone cannot be written', async () => {
  const folder = temporaryFolder();
  write(folder, { open: false });
  const file = join(folder, 'studio.sqlite');
  if (root) {
    execFileSync('mount', ['--bind', file, file]);
    execFileSync('mount', ['-o', 'remount,bind,ro', file]);
  } else chmodSync(file, 0o444);
  onTestFinished(() => {
    if (root) execFileSync('umount', ['--lazy', file]);
  });
  const before = contents(folder);
  expect(idsIn(folder)).toEqual(['composed-older', 'composed-newest']);
  expect(contents(folder)).toEqual(before);
  const app = await createApp({
    dataDir: folder,
    shell: 'browser',
    startEngine: noEngine,
    access: 'write-if-possible',
  });
  expect((await app.api.call('app.status', {})).access).toBe('read');
  await app.close();
});

it('what a reader that was killed left behind goes with the next, and nobody else’s', () => {
  const folder = readOnlyFolder((place) => write(place, { open: false }));
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const [left, lives, foreign] = [`${ended}-abc`, `${process.ppid}-abc`, 'other']
    .map((name, i) => (i < 2 ? temporaryPrefix : 'saliency-studio-') + name)
    .map((name) => join(tmpdir(), name)) as [string, string, string];
  for (const path of [left, lives, foreign]) {
    mkdirSync(path);
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  }
  cpSync(join(folder, 'studio.sqlite'), join(left, 'studio.sqlite'));
  expect(idsIn(folder)).toHaveLength(2);
  expect([left, lives, foreign].map((path) => existsSync(path))).toEqual([false, true, true]);
});

it('no room for the copy is said of the folder for temporary files, not of the database', () => {
  const folder = readOnlyFolder((place) => write(place, { open: false }));
  const nowhere = join(temporaryFolder(), 'nowhere');
  vi.stubEnv('TMPDIR', nowhere);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(() => idsIn(folder)).toThrow(
    `the folder for temporary files, ${nowhere}, cannot be written`,
  );
});

it('the doctor says so', () => {
  const writable = (dataDir: string) =>
    createDoctor({
      ...{ files: installedFiles(), dataDir, platform: process.platform, env: {} },
      describe: () => Promise.reject(new Error('not asked')),
    }).writable();
  const folder = readOnlyFolder((place) => write(place, { open: false }));
  expect([folder, join(folder, 'new'), join(temporaryFolder(), 'new')].map(writable)).toEqual([
    ...[false, false, true],
  ]);
});

it('a shell keeps its log elsewhere then, and apart from that of another directory', () => {
  const folder = readOnlyFolder(() => undefined);
  const own = ownFilesOf(folder);
  expect(own.startsWith(join(tmpdir(), 'saliency-studio-reader-'))).toBe(true);
  expect(ownFilesOf(join(folder, '.'))).toBe(own);
  expect(ownFilesOf(readOnlyFolder(() => undefined))).not.toBe(own);
  const writable = temporaryFolder();
  expect(ownFilesOf(writable)).toBe(writable);
  expect(ownFilesOf(join(writable, 'new'))).toBe(join(writable, 'new'));
});
