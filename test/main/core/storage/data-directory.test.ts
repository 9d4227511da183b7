import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { MethodsRepository } from '../../../../src/main/core/maps/methods-repository';
import {
  type DataDirectory,
  defaultDataPlace,
  openDataDirectory,
} from '../../../../src/main/core/storage/data-directory';
import { listBackups } from '../../../../src/main/core/storage/backup';
import { listMigrations } from '../../../../src/main/core/storage/migrations';
import { bundle } from '../jobs/bundle';
import { migrations, temporaryFolder } from './helpers';

const code = (value: string, message: RegExp = /./) =>
  expect.objectContaining({
    data: expect.objectContaining({ code: value, message: expect.stringMatching(message) }),
  });

function open(
  path: string,
  mode: 'write' | 'read' = 'write',
  known: string = migrations,
): DataDirectory {
  const now = () => new Date('2026-01-01T00:00:00Z');
  const directory = openDataDirectory({ path, migrations: known, mode, shell: 'test', now });
  onTestFinished(() => directory.close());
  return directory;
}

/** The migrations that a version of before databases of version 5 knows. */
function earlierMigrations(): string {
  const folder = temporaryFolder();
  for (const { name, path } of listMigrations(migrations).slice(0, 4)) {
    copyFileSync(path, join(folder, name));
  }
  return folder;
}

const newest = listMigrations(migrations).length;
const composed = { id: 'composed-a', name: 'A', composition: 'smooth(guided)' };
const idsIn = ({ database }: DataDirectory) =>
  new MethodsRepository(database).list().map(({ id }) => id);
const versionIn = ({ database }: DataDirectory) =>
  database.get(z.object({ user_version: z.int() }), 'PRAGMA user_version')?.user_version;

/** Another process that takes the lock as ours does, says so, and holds it until it is ended. */
async function otherHolder(path: string): Promise<{ kill(): Promise<void> }> {
  const script = `
    import SQLite from 'better-sqlite3';
    import { writeFileSync } from 'node:fs';
    const lock = new SQLite(process.argv[1] + '/lock.sqlite');
    lock.exec('BEGIN EXCLUSIVE');
    writeFileSync(process.argv[1] + '/lock.json', JSON.stringify(
      { pid: process.pid, shell: 'desktop app', since: '2026-01-01T00:00:00.000Z' }));
    process.stdout.write('held');
    // Named here so that the collector does not close it, which would let the lock go.
    setInterval(() => lock.open, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return {
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('data directory', () => {
  it('is made with its parts where it is missing', () => {
    const path = join(temporaryFolder(), 'new', 'studio');
    const directory = open(path);
    expect(existsSync(join(path, 'studio.sqlite'))).toBe(true);
    expect(existsSync(join(path, 'artifacts'))).toBe(true);
    expect(JSON.parse(readFileSync(join(path, 'lock.json'), 'utf8'))).toEqual({
      pid: process.pid,
      shell: 'test',
      since: '2026-01-01T00:00:00.000Z',
    });
    directory.close();
    expect(existsSync(join(path, 'lock.json'))).toBe(false);
  });

  it('empties scratch space that a killed process left', () => {
    const path = temporaryFolder();
    mkdirSync(join(path, 'work', 'job'), { recursive: true });
    writeFileSync(join(path, 'work', 'job', 'map.npy'), 'half');
    const directory = open(path);
    expect(existsSync(join(directory.work, 'job'))).toBe(false);
    expect(existsSync(directory.work)).toBe(true);
  });

  it('has one writer, and tells the second who it is', () => {
    const path = temporaryFolder();
    const first = open(path);
    expect(() => open(path)).toThrow(
      code('locked', new RegExp(`test with process id ${process.pid}`)),
    );
    first.close();
    expect(() => open(path)).not.toThrow();
  });

  it('is locked by another process until that one dies, however it dies', async () => {
    const path = temporaryFolder();
    open(path).close();
    const holder = await otherHolder(path);
    expect(() => open(path)).toThrow(code('locked', /desktop app with process id \d+, since 2026/));
    await holder.kill();
    expect(existsSync(join(path, 'lock.json'))).toBe(true);
    expect(() => open(path)).not.toThrow();
  });

  it('stays locked when the collector finds nobody who refers to it', async () => {
    const path = temporaryFolder();
    const source = fileURLToPath(
      new URL('../../../../src/main/core/storage/data-directory.ts', import.meta.url),
    );
    const { folder, remove } = await bundle({ storage: source });
    onTestFinished(remove);
    const script = `
      const { openDataDirectory } = await import(process.argv[1]);
      const open = (path) => void openDataDirectory({ path, migrations: process.argv[3],
        mode: 'write', shell: 'test', now: () => new Date(0) }).database.execute('SELECT 1');
      open(process.argv[2]);
      await new Promise((done) => setTimeout(done, 20));
      gc();
      process.stdout.write('collected');
      setInterval(() => {}, 1000);`;
    const child = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--input-type=module',
        '-e',
        script,
        join(folder, 'storage.js'),
        path,
        migrations,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    expect(String(await once(child.stdout, 'data'))).toBe('collected');
    expect(() => open(path)).toThrow(code('locked'));
  });

  it('keeps what was committed before a kill -9, for a reader and for the next writer', async () => {
    const path = temporaryFolder();
    open(path).close();
    const script = `
      import SQLite from 'better-sqlite3';
      const database = new SQLite(process.argv[1] + '/studio.sqlite');
      database.pragma('journal_mode = WAL');
      database.exec("INSERT INTO methods VALUES ('composed-a', 'A', 'guided', 'now')");
      database.exec("BEGIN; INSERT INTO methods VALUES ('composed-b', 'B', 'gradient', 'now')");
      process.stdout.write('written');
      setInterval(() => database.open, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(path, 'studio.sqlite-wal'))).toBe(true);
    for (const mode of ['read', 'write'] as const) {
      const directory = open(path, mode);
      const ids = new MethodsRepository(directory.database).list().map(({ id }) => id);
      expect(ids).toEqual(['composed-a']);
      directory.close();
    }
  });

  it('can be read beside its writer, and not written', () => {
    const path = temporaryFolder();
    const writer = open(path);
    new MethodsRepository(writer.database).insert(composed, '2026-01-01');
    const reader = open(path, 'read');
    const methods = new MethodsRepository(reader.database);
    expect(methods.list()).toEqual([{ ...composed, group: 'composed', equations: '' }]);
    expect(() => methods.remove('composed-a')).toThrow(code('read-only'));
  });

  it('of an older version is brought to this one by a reader, a copy kept first', () => {
    const path = temporaryFolder();
    const before = open(path, 'write', earlierMigrations());
    new MethodsRepository(before.database).insert(composed, '2026-01-01');
    before.close();
    const reader = open(path, 'read');
    expect([versionIn(reader), idsIn(reader)]).toEqual([newest, ['composed-a']]);
    expect(listBackups(join(path, 'backups'))).toHaveLength(1);
    expect(() => reader.database.run('DELETE FROM methods')).toThrow(code('read-only'));
    // The lock is free again.
    expect(versionIn(open(path))).toBe(newest);
  });

  it('of an older version is read from a copy beside its writer, which goes on', () => {
    const path = temporaryFolder();
    const writer = open(path, 'write', earlierMigrations());
    const methods = new MethodsRepository(writer.database);
    methods.insert(composed, '2026-01-01');
    const reader = open(path, 'read');
    expect([versionIn(reader), idsIn(reader)]).toEqual([newest, ['composed-a']]);
    expect(reader.database.path).toBe(join(path, 'studio.sqlite'));
    const another = { ...composed, id: 'composed-b', composition: 'integrate(guided)' };
    methods.insert(another, '2026-01-02');
    expect([versionIn(writer), idsIn(writer)]).toEqual([4, ['composed-a', 'composed-b']]);
    expect(existsSync(join(path, 'backups'))).toBe(false);
  });

  it('that cannot be made is refused with what to do', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => open(file)).toThrow(code('read-only', /is a file/));
  });

  it('is by default where the operating system keeps such things', () => {
    const path = (...where: Parameters<typeof defaultDataPlace>) => defaultDataPlace(...where).path;
    expect(path('linux', {}, '/home/a')).toBe('/home/a/.local/share/saliency-studio');
    expect(path('linux', { XDG_DATA_HOME: '/data' }, '/home/a')).toBe('/data/saliency-studio');
    expect(path('linux', { XDG_DATA_HOME: '' }, '/home/a')).toBe(
      '/home/a/.local/share/saliency-studio',
    );
    expect(path('darwin', {}, '/Users/a')).toBe(
      '/Users/a/Library/Application Support/saliency-studio',
    );
    expect(path('linux', { SALIENCY_STUDIO_DATA: '/x' }, '/home/a')).toBe('/x');
  });

  it.each([
    ['SALIENCY_STUDIO_DATA', 'linux', { SALIENCY_STUDIO_DATA: '' }, '/home/a'],
    ['SALIENCY_STUDIO_DATA', 'linux', { SALIENCY_STUDIO_DATA: 'data' }, '/home/a'],
    ['XDG_DATA_HOME', 'linux', { XDG_DATA_HOME: 'share' }, '/home/a'],
    ['XDG_DATA_HOME', 'linux', { XDG_DATA_HOME: './x' }, '/home/a'],
    ['LOCALAPPDATA', 'win32', { LOCALAPPDATA: 'Local' }, '/home/a'],
    ['HOME', 'linux', {}, ''],
    ['HOME', 'darwin', {}, 'home'],
  ] as const)('is never a folder of wherever one is: %s on %s, %j', (name, platform, env, home) => {
    expect(() => defaultDataPlace(platform, env, home)).toThrow(
      expect.objectContaining({
        data: expect.objectContaining({ code: 'invalid-input', field: name }),
      }),
    );
  });
});
