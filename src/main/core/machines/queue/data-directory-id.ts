import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { fileFailure, StudioError } from '../../../../shared/errors';
import { alone } from '../../storage/alone';
import { makeFolder } from '../../storage/make-folder';
import { type MachinesFolder } from '../machines-folder';
import { writeSecret } from '../secret-file';
import { forgetQueue, readQueue } from './queue-file';

type IdFolder = Pick<MachinesFolder, 'root' | 'id' | 'joins' | 'listener' | 'original' | 'queue'>;

/** Where the folder of the id lay when it was last asked for, and which it was. */
const placeSchema = z.object({ path: z.string(), device: z.string(), inode: z.string() });
type Place = z.infer<typeof placeSchema>;

interface Kept {
  readonly id: string;
  /** Null: of a time when none was kept. */
  readonly place: Place | null;
}

/**
 * The data directory's id in the queue, made when it is first asked for: 12 letters and digits. Whoever
 * asks at the same time, in whatever process, gets the same. It stays when the directory is moved within its
 * disk, or put back from a backup in its place. At another path of another folder it is a copy: that gets an
 * id of its own, and lets nobody in whom the original lets in. A move to another disk looks the same; so
 * what the original had is set aside, not deleted (`copiedNote`). Whatever lies in its place counts as itself.
 *
 * @throws StudioError `corrupt-file` where the file holds something else
 */
export function dataDirectoryId(folder: IdFolder): string {
  const kept = read(folder);
  if (kept === null) return made(folder);
  const here = placeOf(folder);
  if (kept.place && isSamePath(kept.place, here) && isSameFolder(kept.place, here)) return kept.id;
  if (isCopy(kept, here)) return left(folder, here);
  writeSecret(folder.id, fileOf(kept.id, here));
  return kept.id;
}

/** The same, null where nobody asked for it yet: of a copy, nobody did. */
export function knownDataDirectoryId(folder: IdFolder): string | null {
  const kept = read(folder);
  return kept && !isCopy(kept, placeOf(folder)) ? kept.id : null;
}

/** A copy forgets whom the original let in; what cannot be told now is told to whoever asks for the id. */
export function leaveOriginal(folder: IdFolder): void {
  try {
    if (read(folder)) dataDirectoryId(folder);
  } catch {
    // See above.
  }
}

function read({ id: path }: Pick<IdFolder, 'id'>): Kept | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return null;
    throw fileFailure(error, path);
  }
  const [id = '', place] = text.trim().split('\n');
  try {
    if (/^[a-z0-9]{1,32}$/.test(id)) {
      return { id, place: place === undefined ? null : placeSchema.parse(JSON.parse(place)) };
    }
  } catch {
    // It is said below.
  }
  throw new StudioError({
    code: 'corrupt-file',
    message: `${path} does not hold the data directory’s id (letters and digits): put back the file as it was, or remove it; what waits in the queue is then put there anew, and joins must be made anew.`,
  });
}

function made(folder: IdFolder): string {
  const { id: path } = folder;
  const id = randomBytes(6).toString('hex');
  const own = `${path}.${id}.tmp`;
  try {
    makeFolder(dirname(path));
    writeFileSync(own, fileOf(id, placeOf(folder)));
    // Unlike a file that is being written, a link is there whole, and never takes another's place.
    linkSync(own, path);
    return id;
  } catch (error) {
    const first = isCode(error, 'EEXIST') ? read(folder) : null;
    if (first !== null) return first.id;
    throw fileFailure(error, path);
  } finally {
    rmSync(own, { force: true });
  }
}

/** The id is the first line, for people; the second is ours. In one file, so that no crash parts them. */
const fileOf = (id: string, place: Place): string => `${id}\n${JSON.stringify(place)}\n`;

function placeOf({ root }: Pick<IdFolder, 'root'>): Place {
  // A number would lose the last digits of some.
  const { dev, ino } = statSync(root, { bigint: true });
  return { path: realpathSync(root), device: String(dev), inode: String(ino) };
}

const isSamePath = (one: Place, other: Place): boolean => one.path === other.path;

const isSameFolder = (one: Place, other: Place): boolean =>
  one.device === other.device && one.inode === other.inode;

/** What was moved is the same folder, what was put back from a backup lies in the same place. */
const isCopy = ({ place }: Kept, here: Place): boolean =>
  place !== null && !isSamePath(place, here) && !isSameFolder(place, here);

/** Set aside what is the original's, and then alone have an id of its own. */
function left(folder: IdFolder, here: Place): string {
  return alone(`${folder.id}.lock`, () => {
    const kept = read(folder);
    if (kept === null) return made(folder);
    // Whoever asked at the same time did it.
    if (!isCopy(kept, here)) return kept.id;
    setAside(folder, kept.id);
    const id = randomBytes(6).toString('hex');
    writeSecret(folder.id, fileOf(id, here));
    return id;
  });
}

function setAside(folder: IdFolder, id: string): void {
  const { joins, listener, original } = folder;
  try {
    const there = [joins, listener].filter((path) => existsSync(path));
    if (there.length > 0) {
      const keptId = join(original, basename(folder.id));
      // Of a copy that was copied again, its own are those that may be missed; of one that was cut off, both.
      if (read({ id: keptId })?.id !== id) rmSync(original, { recursive: true, force: true });
      // Without a place it counts wherever it is put.
      writeSecret(keptId, `${id}\n`);
      for (const path of there) renameSync(path, join(original, basename(path)));
    }
  } catch (error) {
    throw fileFailure(error, folder.root);
  }
  // A trial runs for the original, whose id its user's rights end at.
  if (readQueue(folder)?.trial === true) forgetQueue(folder);
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
