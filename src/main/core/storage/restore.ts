import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../shared/errors';
import { verifyBackup } from './backup';
import { freshBackupPath, removeDatabase } from './backup-file';
import { renameDurably, syncPath } from './durable';
import { storageError } from './storage-error';

const pendingSchema = z.object({
  /** The name of the backup. */
  from: z.string(),
  /** Where the present database goes, in the backups' folder. */
  kept: z.string(),
  at: z.string(),
});
export type PendingRestore = z.output<typeof pendingSchema>;

/** For tests: called after each step that a power cut could follow. */
export type AfterStep = (step: string) => void;

const names = (directory: string) => ({
  studio: join(directory, 'studio.sqlite'),
  backups: join(directory, 'backups'),
  /** The verified copy of the backup. */
  copy: join(directory, 'restore.sqlite'),
  /** Says that the copy is to be put in place: a restore is pending once this is there. */
  note: join(directory, 'restore.json'),
});

/**
 * Ask for a backup to be put in place at the next start. It is copied and verified first, so that
 * it may go away afterwards; a restore asked for before is given up. Throws `not-found`,
 * `corrupt-file` or `newer-database`, and changes nothing then.
 */
export function requestRestore(options: {
  directory: string;
  backup: string;
  migrations: string;
  at: Date;
}): PendingRestore {
  const { directory, migrations, at } = options;
  const backup = resolve(options.backup);
  const { studio, backups, copy, note } = names(directory);
  const part = `${copy}.part`;
  try {
    if (backup === studio) {
      throw new StudioError({
        code: 'invalid-input',
        message: 'This is the database in use; accepted: a backup of it.',
        field: 'path',
        value: JSON.stringify(options.backup),
      });
    }
    if (!existsSync(backup)) {
      throw new StudioError({
        code: 'not-found',
        message: `There is no backup ${backup}: choose one that is listed.`,
      });
    }
    removeDatabase(part);
    copyFileSync(backup, part);
    // Not of our own backups, but of a database that somebody copied while it was in use.
    if (existsSync(`${backup}-wal`)) copyFileSync(`${backup}-wal`, `${part}-wal`);
    verifyBackup(part, migrations);
    mkdirSync(backups, { recursive: true });
    const kept = freshBackupPath(backups, 'before-restore', at);
    const pending = { from: basename(backup), kept: basename(kept), at: at.toISOString() };
    cancelRestore(directory);
    renameDurably(part, copy);
    writeFileSync(`${note}.part`, JSON.stringify(pending));
    syncPath(`${note}.part`);
    renameDurably(`${note}.part`, note);
    return { ...pending, kept };
  } catch (error) {
    removeDatabase(part);
    rmSync(`${note}.part`, { force: true });
    // A copy without its note would wait there for nothing.
    if (!existsSync(note)) removeDatabase(copy);
    throw storageError(error, directory);
  }
}

/** Give up what is pending; the database in use stays. */
export function cancelRestore(directory: string): void {
  const { copy, note } = names(directory);
  rmSync(note, { force: true });
  syncPath(directory);
  removeDatabase(copy);
}

/**
 * Put a pending backup in place: the present database goes to `kept`, the copy takes its name. For
 * the writer, before it opens the database. A death after any step leaves a state from which this
 * goes on. Answers with what was (or had been) put in place, until `finishRestore`.
 */
export function applyRestore(
  directory: string,
  migrations: string,
  afterStep: AfterStep = () => undefined,
): PendingRestore | null {
  const { studio, backups, copy, note } = names(directory);
  removeDatabase(`${copy}.part`);
  rmSync(`${note}.part`, { force: true });
  const pending = readNote(note);
  if (!pending) {
    cancelRestore(directory);
    return null;
  }
  const kept = join(backups, pending.kept);
  if (!existsSync(copy)) return { ...pending, kept };
  try {
    verifyBackup(copy, migrations);
  } catch (error) {
    cancelRestore(directory);
    throw error;
  }
  mkdirSync(backups, { recursive: true });
  afterStep('verified');
  // A log that a killed process left goes with its database, and never stays beside another one.
  for (const suffix of ['', '-wal', '-shm']) {
    if (!existsSync(`${studio}${suffix}`)) continue;
    renameSync(`${studio}${suffix}`, `${kept}${suffix}`);
    afterStep(`kept${suffix}`);
  }
  syncPath(backups);
  syncPath(directory);
  renameDurably(copy, studio);
  afterStep('placed');
  return { ...pending, kept };
}

/** The restored database was opened and told of its restoration: nothing is pending any more. */
export function finishRestore(directory: string): void {
  rmSync(names(directory).note, { force: true });
  syncPath(directory);
}

function readNote(path: string): PendingRestore | null {
  if (!existsSync(path)) return null;
  try {
    const note = pendingSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return { ...note, kept: basename(note.kept) };
  } catch {
    return null;
  }
}
