import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { makeBackup } from '../../../../src/main/core/storage/backup';
import {
  type DataDirectory,
  openDataDirectory,
} from '../../../../src/main/core/storage/data-directory';
import { openReadOnly } from '../../../../src/main/core/storage/database';
import {
  applyRestore,
  cancelRestore,
  requestRestore,
} from '../../../../src/main/core/storage/restore';
import { AnnotatorModeRepository } from '../../../../src/main/core/studies/annotator-mode-repository';
import { settleRestored } from '../../../../src/main/core/studies/settle-restored';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import { StudyLogRepository } from '../../../../src/main/core/studies/study-log';
import { bundle } from '../jobs/bundle';
import { at, id, migrations, temporaryFolder } from './helpers';
import { newLabel, newStudy } from './rating-helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });
const study = id('study', 'a');

function open(path: string): DataDirectory {
  const now = () => new Date(at(0));
  const directory = openDataDirectory({
    path,
    migrations,
    mode: 'write',
    shell: 'test',
    now,
    settleRestored,
  });
  onTestFinished(() => directory.close());
  return directory;
}

const labels = (directory: DataDirectory) =>
  new RatingEventsRepository(directory.database).count(study);

/** A directory with two labels, a backup from when it had one, and that backup asked for. */
async function setUp() {
  const path = temporaryFolder();
  const directory = open(path);
  const events = new RatingEventsRepository(directory.database);
  new StudiesRepository(directory.database).insert(newStudy('a'));
  new AnnotatorModeRepository(directory.database).begin({
    study,
    passphrase: 'forgotten',
    beganAt: at(1),
  });
  events.append(newLabel({ image: 'in the backup' }));
  const backup = await makeBackup(directory.database, join(path, 'backups'), new Date(at(1)));
  events.append(newLabel({ image: 'after the backup' }));
  const request = (file = backup.path) =>
    requestRestore({ directory: path, backup: file, migrations, at: new Date(at(2)) });
  return { path, directory, backup, request };
}

const leftovers = (path: string) =>
  readdirSync(path).filter((name) => name.startsWith('restore') || name.includes('-wal'));

describe('a restore', () => {
  it('happens at the next start, and keeps what was there', async () => {
    const { path, directory, backup, request } = await setUp();
    const { kept } = request();
    rmSync(backup.path); // It was copied: it may go.
    expect(kept).toBe(join(path, 'backups', 'before-restore-2026-01-01T00-00-02.000Z.sqlite'));
    expect(labels(directory)).toBe(2);
    const events = new RatingEventsRepository(directory.database);
    events.append(newLabel({ image: 'after the request' }));
    directory.close();

    const restored = open(path);
    expect(labels(restored)).toBe(1);
    expect(leftovers(path).filter((name) => name.startsWith('restore'))).toEqual([]);
    expect(new StudyLogRepository(restored.database).entries(null)).toEqual([
      {
        study: null,
        action: 'backup.restored',
        detail:
          'studio-2026-01-01T00-00-01.000Z.sqlite; replaced: before-restore-2026-01-01T00-00-02.000Z.sqlite',
        at: at(2),
      },
    ]);
    expect(new AnnotatorModeRepository(restored.database).get()).toBeUndefined();
    restored.close();
    expect(labels(open(path))).toBe(1);
    const replaced = openReadOnly({ path: kept, migrations });
    expect(new RatingEventsRepository(replaced).count(study)).toBe(3);
    replaced.close();
  });

  it('can be taken back by restoring what was kept', async () => {
    const { path, directory, request } = await setUp();
    const { kept } = request();
    directory.close();
    open(path).close();
    requestRestore({ directory: path, backup: kept, migrations, at: new Date(at(3)) });
    expect(labels(open(path))).toBe(2);
  });

  it('is refused, with nothing changed, where the backup is none', async () => {
    const { path, directory, request } = await setUp();
    const text = join(path, 'text.sqlite');
    writeFileSync(text, 'no database at all, but long enough to have a header'.repeat(40));
    expect(() => request(text)).toThrow(code('corrupt-file'));
    expect(() => request(join(path, 'nothing.sqlite'))).toThrow(code('not-found'));
    expect(() => request(join(path, 'studio.sqlite'))).toThrow(code('invalid-input'));
    expect(leftovers(path).filter((name) => name.startsWith('restore'))).toEqual([]);
    request();
    expect(() => request(text)).toThrow(code('corrupt-file'));
    directory.close();
    expect(labels(open(path))).toBe(1); // The refused one did not give up the one before.
  });

  it('is given up when it is cancelled, and when its copy was damaged meanwhile', async () => {
    const { path, directory, request } = await setUp();
    request();
    cancelRestore(path);
    directory.close();
    const second = open(path);
    expect(labels(second)).toBe(2);
    request();
    writeFileSync(join(path, 'restore.sqlite'), 'damaged since'.repeat(400));
    second.close();
    expect(() => open(path)).toThrow(code('corrupt-file'));
    expect(labels(open(path))).toBe(2);
  });

  it('takes a copy of a database that was in use, with its log', async () => {
    const { path, directory, request } = await setUp();
    const copy = join(path, 'copied.sqlite');
    for (const suffix of ['', '-wal']) {
      copyFileSync(join(path, `studio.sqlite${suffix}`), `${copy}${suffix}`);
    }
    new RatingEventsRepository(directory.database).append(newLabel({ image: 'later' }));
    request(copy);
    directory.close();
    expect(labels(open(path))).toBe(2);
  });

  it('replaces a damaged database, and keeps it with its log', async () => {
    const { path, directory, request } = await setUp();
    const { kept } = request();
    directory.close();
    writeFileSync(join(path, 'studio.sqlite'), 'damaged');
    writeFileSync(join(path, 'studio.sqlite-wal'), 'a log of something else');
    expect(labels(open(path))).toBe(1);
    expect(existsSync(kept)).toBe(true);
  });
});

describe('a restore killed between its steps', () => {
  let built: Awaited<ReturnType<typeof bundle>>;
  beforeAll(async () => {
    const restore = new URL('../../../../src/main/core/storage/restore.ts', import.meta.url);
    built = await bundle({ restore: fileURLToPath(restore) });
  });
  afterAll(() => built.remove());

  async function killedAfter(path: string, step: string): Promise<void> {
    const script = `
      const { applyRestore } = await import(process.argv[1]);
      applyRestore(process.argv[2], process.argv[3], (step) => {
        if (step === process.argv[4]) process.kill(process.pid, 'SIGKILL');
      });`;
    const file = join(built.folder, 'restore.js');
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', script, file, path, migrations, step],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
  }

  for (const step of ['verified', 'kept', 'kept-wal', 'placed']) {
    it(`goes on after '${step}'`, async () => {
      const { path, directory, request } = await setUp();
      const { kept } = request();
      // What a killed process leaves: a database whose last labels are in its log alone.
      const left = temporaryFolder();
      for (const suffix of ['', '-wal']) {
        copyFileSync(join(path, `studio.sqlite${suffix}`), join(left, `studio${suffix}`));
      }
      directory.close();
      for (const suffix of ['', '-wal']) {
        copyFileSync(join(left, `studio${suffix}`), join(path, `studio.sqlite${suffix}`));
      }
      await killedAfter(path, step);
      // Killed twice at the same place, where that place is reached again.
      if (step === 'verified') await killedAfter(path, step);
      const restored = open(path);
      expect(labels(restored)).toBe(1);
      expect(new StudyLogRepository(restored.database).entries(null)).toHaveLength(1);
      expect(existsSync(`${kept}-wal`)).toBe(true);
      const replaced = openReadOnly({ path: kept, migrations });
      expect(new RatingEventsRepository(replaced).count(study)).toBe(2);
      replaced.close();
      restored.close();
      expect(leftovers(path)).toEqual([]);
      expect(labels(open(path))).toBe(1);
    });
  }

  it('is told once where it died before the note was removed', async () => {
    const { path, directory, request } = await setUp();
    request();
    const note = join(path, 'restore.json');
    copyFileSync(note, join(path, 'note'));
    directory.close();
    open(path).close();
    copyFileSync(join(path, 'note'), note);
    const again = open(path);
    expect(labels(again)).toBe(1);
    expect(new StudyLogRepository(again.database).entries(null)).toHaveLength(1);
    expect(existsSync(note)).toBe(false);
  });

  it('finds nothing to do where nothing was asked for', () => {
    const path = temporaryFolder();
    open(path).close();
    writeFileSync(join(path, 'restore.sqlite'), 'a copy whose note was never written');
    expect(applyRestore(path, migrations)).toBeNull();
    expect(existsSync(join(path, 'restore.sqlite'))).toBe(false);
    const connection = new SQLite(join(path, 'studio.sqlite'), { readonly: true });
    expect(connection.pragma('quick_check', { simple: true })).toBe('ok');
    connection.close();
  });
});
