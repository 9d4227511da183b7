import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { listBackups, makeBackup, verifyBackup } from '../../../../src/main/core/storage/backup';
import { Database, openDatabase, openReadOnly } from '../../../../src/main/core/storage/database';
import { at, id, migrations, temporaryFolder } from './helpers';
import { newLabel } from './rating-helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });
const study = id('study', 'a');

function setUp() {
  const folder = temporaryFolder();
  const database = openDatabase({ path: join(folder, 'studio.sqlite'), migrations });
  onTestFinished(() => database.close());
  return {
    database,
    events: new RatingEventsRepository(database),
    backups: join(folder, 'backups'),
  };
}

describe('a backup', () => {
  it('is one whole file, made while the database is written to', async () => {
    const { database, events, backups } = setUp();
    for (let i = 0; i < 2000; i += 1) events.append(newLabel({ image: String(i) }));
    const making = makeBackup(database, backups, new Date(at(5)));
    let during = 0;
    const writing = setInterval(() => {
      events.append(newLabel({ image: `during ${during}` }));
      during += 1;
    }, 1);
    const backup = await making.finally(() => clearInterval(writing));
    expect(backup.path).toBe(join(backups, 'studio-2026-01-01T00-00-05.000Z.sqlite'));
    expect(backup).toMatchObject({ bytes: readFileSync(backup.path).length, createdAt: at(5) });
    expect(readdirSync(backups)).toHaveLength(1);
    const copy = openReadOnly({ path: backup.path, migrations });
    const held = new RatingEventsRepository(copy).count(study);
    copy.close();
    expect(held).toBeGreaterThanOrEqual(2000);
    expect(held).toBeLessThanOrEqual(2000 + during);
    expect(readdirSync(backups)).toHaveLength(1);
    expect(events.count(study)).toBe(2000 + during);
  });

  it('made twice at one time is two files; both are listed, the newest first', async () => {
    const { database, backups } = setUp();
    expect(listBackups(backups)).toEqual([]);
    const first = await makeBackup(database, backups, new Date(at(5)));
    const second = await makeBackup(database, backups, new Date(at(5)));
    const third = await makeBackup(database, backups, new Date(at(7)));
    const named = join(backups, 'mine.sqlite');
    copyFileSync(first.path, named);
    utimesSync(named, new Date(at(6)), new Date(at(6)));
    mkdirSync(join(backups, 'folder.sqlite'));
    writeFileSync(join(backups, 'half.sqlite.part'), 'half');
    expect(new Set([first.path, second.path]).size).toBe(2);
    const mine = { path: named, bytes: first.bytes, createdAt: at(6) };
    expect(listBackups(backups)).toEqual([third, mine, first, second]);
  });

  it('that does not fit leaves no half of itself, and the database at work', async () => {
    const { database, events, backups } = setUp();
    mkdirSync(backups, { recursive: true });
    const folder = join(backups, 'file');
    writeFileSync(folder, '');
    await expect(makeBackup(database, folder, new Date(at(5)))).rejects.toEqual(code('read-only'));
    const closed = new Database(new SQLite(':memory:'));
    closed.close();
    await expect(makeBackup(closed, backups, new Date(at(5)))).rejects.toThrow();
    expect(readdirSync(backups)).toEqual(['file']);
    expect(events.append(newLabel())).toBe('added');
  });

  it('is verified before it is trusted', async () => {
    const { database, backups } = setUp();
    const { path } = await makeBackup(database, backups, new Date(at(5)));
    expect(() => verifyBackup(path, migrations)).not.toThrow();
    const bytes = readFileSync(path);
    const write = (name: string, content: Uint8Array | string) => {
      writeFileSync(join(backups, name), content);
      return join(backups, name);
    };
    const middle = Math.floor(bytes.length / 8192) * 4096;
    const damaged = Buffer.from(bytes);
    damaged.fill(7, middle, middle + 4096);
    expect(() => verifyBackup(write('damaged', damaged), migrations)).toThrow(code('corrupt-file'));
    const cut = write('cut', bytes.subarray(0, middle));
    expect(() => verifyBackup(cut, migrations)).toThrow(code('corrupt-file'));
    const text = write('text', 'this is a text, and no database at all'.repeat(40));
    expect(() => verifyBackup(text, migrations)).toThrow(code('corrupt-file'));
    expect(() => verifyBackup(write('empty', ''), migrations)).toThrow(code('corrupt-file'));
    const other = join(backups, 'other');
    const connection = new SQLite(other);
    connection.exec('CREATE TABLE notes (x TEXT)');
    connection.close();
    expect(() => verifyBackup(other, migrations)).toThrow(code('corrupt-file'));
    const newer = write('newer', bytes);
    const later = new SQLite(newer);
    later.pragma('user_version = 99');
    later.close();
    expect(() => verifyBackup(newer, migrations)).toThrow(code('newer-database'));
    expect(existsSync(`${newer}-wal`)).toBe(false);
  });
});
