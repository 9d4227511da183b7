import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { listBackups, verifyBackup } from '../../../../src/main/core/storage/backup';
import { openDatabase } from '../../../../src/main/core/storage/database';
import { listMigrations } from '../../../../src/main/core/storage/migrations';
import { digestOf, shapeOf, tablesOf } from '../../../../src/main/core/storage/table-digest';
import { RatersRepository } from '../../../../src/main/core/studies/raters-repository';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import { defaultQuestions } from '../../../../src/shared/ratings/questions';
import { coreOn } from '../core-on';
import { bundle } from '../jobs/bundle';
import { addSampleStudy, studyId } from '../studies/archive/sample-study';
import { at, id, migrations, temporaryFolder } from './helpers';
import { newLabel } from './rating-helpers';

/** The version before. */
const before = listMigrations(migrations).findIndex(({ name }) => name.endsWith('-questions.sql'));
const guarded = ['rating_events', 'trials'];

/** A copy of the first so many migrations, the last of them changed. */
function migrationsUpTo(count: number, change = (sql: string): string => sql): string {
  const folder = join(temporaryFolder(), 'migrations');
  mkdirSync(folder);
  for (const { number, name, path } of listMigrations(migrations).slice(0, count)) {
    if (number < count) copyFileSync(path, join(folder, name));
    else writeFileSync(join(folder, name), change(readFileSync(path, 'utf8')));
  }
  return folder;
}

/** Read beside whoever has it open. */
function reading<T>(path: string, read: (connection: SQLite.Database) => T): T {
  const connection = new SQLite(path, { readonly: true, fileMustExist: true });
  try {
    return read(connection);
  } finally {
    connection.close();
  }
}

const digest = (path: string, tables: readonly string[]): string =>
  reading(path, (connection) =>
    digestOf(
      connection,
      tables.map((table) => shapeOf(connection, table)),
    ),
  );
const version = (path: string): unknown =>
  reading(path, (connection) => connection.pragma('user_version', { simple: true }));
const sequence = (path: string): unknown =>
  reading(path, (connection) => connection.prepare('SELECT * FROM sqlite_sequence').all());
const rows = (path: string, table: string): unknown =>
  reading(path, (connection) => connection.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());

/**
 * A data directory of the version before with a rated study: changed labels, repeats, checks, a
 * withdrawal, an erased rater whose ids are never given out again, and values at the ends of doubles.
 */
async function ofBefore(): Promise<{ folder: string; path: string }> {
  const folder = temporaryFolder();
  const { core, close } = coreOn(folder, migrationsUpTo(before));
  await addSampleStudy(core);
  core.ratingEvents.append(
    newLabel({ study: studyId, rater: 'R1', responseMs: 0.1 + 0.2, zoom: -0, monotonicMs: 5e-324 }),
  );
  core.ratingEvents.append(newLabel({ rater: 'R-last' }));
  core.ratingEvents.eraseRater(id('study', 'a'), 'R-last');
  close();
  return { folder, path: join(folder, 'studio.sqlite') };
}

let folder: string;
let path: string;
beforeEach(async () => ({ folder, path } = await ofBefore()));
const backups = () => listBackups(join(folder, 'backups'));
const now = () => new Date(at(7));

describe('the migration that frees questions and scales', () => {
  it('keeps every row, id and number of the version before, bit by bit', () => {
    const [kept, counted] = [digest(path, guarded), sequence(path)];
    const held = guarded.map((table) => rows(path, table));
    openDatabase({ path, migrations, now }).close();
    expect(version(path)).toBe(listMigrations(migrations).length);
    expect(digest(path, guarded)).toBe(kept);
    expect(guarded.map((table) => rows(path, table))).toEqual(held);
    expect(sequence(path)).toEqual(counted);
    expect(counted).toEqual([{ name: 'rating_events', seq: (held[0] as unknown[]).length + 1 }]);
    expect(
      reading(path, (connection) => connection.prepare('PRAGMA integrity_check').all()),
    ).toEqual([{ integrity_check: 'ok' }]);
  });

  it('keeps the table append-only, and takes other questions and scales', () => {
    const database = openDatabase({ path, migrations, now });
    for (const sql of [
      'DELETE FROM rating_events',
      'UPDATE rating_events SET score = 1',
      'INSERT OR REPLACE INTO rating_events SELECT * FROM rating_events LIMIT 1',
    ]) {
      expect(() => database.run(sql)).toThrow('append-only');
    }
    const events = new RatingEventsRepository(database);
    const last = Math.max(...events.all(studyId).map((event) => event.id));
    expect(events.append(newLabel({ study: studyId, question: 'trust', score: 9 }))).toBe('added');
    // The id of the erased event is not given out again.
    expect(events.all(studyId).at(-1)?.id).toBe(last + 2);
    for (const wrong of [{ score: 0 }, { score: 10 }, { score: 2.5 }, { question: '' }]) {
      expect(() => events.append(newLabel({ study: studyId, ...wrong }))).toThrow();
    }
    const raters = new RatersRepository(database);
    expect(raters.trials(id('rater', 'a')).length).toBeGreaterThan(20);
    const study = new StudiesRepository(database).get(studyId);
    expect(study?.config?.questions).toEqual(defaultQuestions);
    expect(study?.questions).toBeNull();
    database.close();
  });

  it('puts a verified copy of the version before among the backups first', () => {
    const all = reading(path, (connection) => tablesOf(connection));
    const kept = digest(path, all);
    openDatabase({ path, migrations, now }).close();
    const [backup, another] = backups();
    expect(another).toBeUndefined();
    expect(backup?.path).toBe(
      join(folder, 'backups', 'before-update-2026-01-01T00-00-07.000Z.sqlite'),
    );
    expect(backup?.createdAt).toBe(at(7));
    const copy = backup?.path ?? '';
    expect(version(copy)).toBe(before);
    expect(digest(copy, all)).toBe(kept);
    for (const table of all)
      expect(rows(copy, table)).toHaveLength((rows(copy, table) as []).length);
    expect(() => verifyBackup(copy, migrations)).not.toThrow();
    // It can take the database's place, and is brought to this version then.
    copyFileSync(copy, join(temporaryFolder(), 'studio.sqlite'));
    const database = openDatabase({ path: copy, migrations, now });
    expect(new RatingEventsRepository(database).count(studyId)).toBeGreaterThan(0);
    database.close();
    openDatabase({ path, migrations, now }).close();
    expect(backups()).toHaveLength(1);
  });

  it('makes no copy where there is nothing yet', () => {
    const fresh = temporaryFolder();
    openDatabase({ path: join(fresh, 'studio.sqlite'), migrations, now }).close();
    expect(readdirSync(fresh)).toEqual(['studio.sqlite']);
  });

  it.each([
    ['a row is lost', 'FROM rating_events ORDER BY id;', 'FROM rating_events WHERE id > 1;'],
    [
      'the last bit of a number changes',
      'SELECT id, event, study, rater, action, dataset, image, method, question,\n  kind, repeat, score, session, trial, response_ms,',
      'SELECT id, event, study, rater, action, dataset, image, method, question,\n  kind, repeat, score, session, trial, response_ms * (1 + 3e-16),',
    ],
    [
      'the ids of erased events would be given out again',
      "INSERT INTO sqlite_sequence (name, seq)\nSELECT 'rating_events_rebuilt', seq FROM sqlite_sequence WHERE name = 'rating_events';",
      '',
    ],
    [
      'an order loses its check',
      'check_kind, expected_low, expected_high\nFROM trials',
      'NULL, expected_low, expected_high\nFROM trials',
    ],
  ])('is refused and undone where %s', (_, written, instead) => {
    const changed = migrationsUpTo(before + 1, (sql) => {
      expect(sql).toContain(written);
      return sql.replace(written, instead);
    });
    const all = reading(path, (connection) => tablesOf(connection));
    const kept = digest(path, all);
    expect(() => openDatabase({ path, migrations: changed, now })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/was not brought to this version.*rating_events, trials/),
      }),
    );
    expect(version(path)).toBe(before);
    expect(digest(path, all)).toBe(kept);
    expect(backups()).toHaveLength(1);
    // The migration as it is goes through after that.
    openDatabase({ path, migrations, now }).close();
    expect(digest(path, guarded)).toBe(digest(backups()[0]?.path ?? '', guarded));
  });

  it('stops where no copy can be kept, and changes nothing', () => {
    const kept = digest(path, guarded);
    writeFileSync(join(folder, 'backups'), 'a file where the folder is to be');
    expect(() => openDatabase({ path, migrations, now })).toThrow();
    expect(version(path)).toBe(before);
    expect(digest(path, guarded)).toBe(kept);
  });
});

describe('a process that is killed within the migration', () => {
  let built: Awaited<ReturnType<typeof bundle>>;
  beforeAll(async () => {
    const source = new URL('../../../../src/main/core/storage/migrations.ts', import.meta.url);
    built = await bundle({ migrations: fileURLToPath(source) });
  });
  afterAll(() => built.remove());

  it.each([
    ['the rows are copied', 'DROP TABLE rating_events;', 'SELECT die(); DROP TABLE rating_events;'],
    [
      'the table has its name',
      'CREATE TABLE trials_rebuilt',
      'SELECT die(); CREATE TABLE trials_rebuilt',
    ],
    ['all is rebuilt', 'CREATE INDEX trials_by_pair', 'SELECT die(); CREATE INDEX trials_by_pair'],
  ])('leaves the database of before once %s', async (_, written, instead) => {
    const deadly = migrationsUpTo(before + 1, (sql) => sql.replace(written, instead));
    const kept = digest(path, guarded);
    const script = `
      const { default: SQLite } = await import('better-sqlite3');
      const { migrate } = await import(process.argv[1]);
      const connection = new SQLite(process.argv[2]);
      connection.function('die', () => process.kill(process.pid, 'SIGKILL'));
      migrate(connection, process.argv[3]);`;
    const file = join(built.folder, 'migrations.js');
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', script, file, path, deadly],
      { cwd: built.folder, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    const open = new SQLite(path);
    expect(open.pragma('user_version', { simple: true })).toBe(before);
    open.close();
    expect(digest(path, guarded)).toBe(kept);
    openDatabase({ path, migrations, now }).close();
    expect(digest(path, guarded)).toBe(kept);
    expect(version(path)).toBe(listMigrations(migrations).length);
  });
});
