import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Database, openDatabase, openReadOnly } from '../../../../src/main/core/storage/database';
import { storageError } from '../../../../src/main/core/storage/storage-error';
import { memoryDatabase, migrations, temporaryFolder } from './helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });
const anyRow = z.record(z.string(), z.unknown());

describe('database', () => {
  it('writes durably and checks references', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const database = openDatabase({ path, migrations });
    expect(database.get(anyRow, 'PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(database.get(anyRow, 'PRAGMA synchronous')).toEqual({ synchronous: 2 });
    expect(database.get(anyRow, 'PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 });
    expect(() =>
      database.run(`INSERT INTO model_epochs VALUES ('none', 0, 1, 1, 1, 1, NULL, NULL)`),
    ).toThrow(code('conflict'));
    database.close();
  });

  it('reads beside a writer, and refuses to write there', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const writer = openDatabase({ path, migrations });
    const reader = openReadOnly({ path, migrations });
    writer.run(`INSERT INTO methods VALUES ('a', 'A', 'gradient', 'now')`);
    expect(reader.all(anyRow, 'SELECT id FROM methods')).toEqual([{ id: 'a' }]);
    expect(() => reader.run('DELETE FROM methods')).toThrow(code('read-only'));
    reader.close();
    writer.close();
    const alone = openReadOnly({ path, migrations });
    expect(alone.all(anyRow, 'SELECT id FROM methods')).toEqual([{ id: 'a' }]);
    alone.close();
  });

  it('says that nothing is there to read', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    expect(() => openReadOnly({ path, migrations })).toThrow(code('not-found'));
  });

  it('rolls a failed transaction back as a whole, nested ones with it', () => {
    const database = memoryDatabase();
    const insert = (name: string) =>
      database.run(`INSERT INTO methods VALUES (@name, @name, @name, 'now')`, { name });
    expect(() =>
      database.transaction(() => {
        insert('a');
        database.transaction(() => insert('b'));
        insert('a');
      }),
    ).toThrow(code('conflict'));
    expect(database.all(anyRow, 'SELECT id FROM methods')).toEqual([]);
  });

  it('refuses a damaged file and a file that is no database', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const database = openDatabase({ path, migrations });
    database.transaction(() => {
      for (let i = 0; i < 500; i += 1) {
        const name = `${i}`.padStart(200, 'x');
        database.run(`INSERT INTO methods VALUES (@name, @name, @name, 'now')`, { name });
      }
    });
    database.close();
    const bytes = readFileSync(path);
    const middle = Math.floor(bytes.length / 2 / 4096) * 4096;
    writeFileSync(
      path,
      Buffer.concat([
        bytes.subarray(0, middle),
        Buffer.alloc(8192, 7),
        bytes.subarray(middle + 8192),
      ]),
    );
    expect(() => openDatabase({ path, migrations })).toThrow(code('corrupt-file'));
    truncateSync(path, 0);
    writeFileSync(path, 'this is a text, and long enough to be looked at as a header'.repeat(40));
    expect(() => openDatabase({ path, migrations })).toThrow(code('corrupt-file'));
  });

  it('says that the disk is full', () => {
    const connection = new SQLite(join(temporaryFolder(), 'full.sqlite'));
    connection.exec('CREATE TABLE t (x TEXT)');
    connection.pragma('max_page_count = 3');
    const database = new Database(connection);
    const fill = () => {
      for (let i = 0; i < 100; i += 1)
        database.run('INSERT INTO t VALUES (@x)', { x: 'x'.repeat(4000) });
    };
    expect(fill).toThrow(code('disk-full'));
    database.close();
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(storageError(full, 'file')).toEqual(code('disk-full'));
    const denied = Object.assign(new Error('open'), { code: 'EROFS' });
    expect(storageError(denied, 'file')).toEqual(code('read-only'));
    const other = new Error('something else');
    expect(storageError(other, 'file')).toBe(other);
  });

  it('does not trust a row', () => {
    const database = memoryDatabase();
    database.run(`INSERT INTO methods VALUES ('a', 'A', 'gradient', 'now')`);
    expect(() => database.get(z.object({ id: z.int() }), 'SELECT id FROM methods')).toThrow(
      code('corrupt-file'),
    );
  });
});
