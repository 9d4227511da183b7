import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileFailure, StudioError } from '../../../../shared/errors';
import { makeFolder } from '../../storage/make-folder';
import { type MachinesFolder } from '../machines-folder';

type IdFile = Pick<MachinesFolder, 'id'>;

/**
 * The data directory's id in the queue, made when it is first asked for and never changed: 12 letters
 * and digits. Whoever asks at the same time, in whatever process, gets the same.
 *
 * @throws StudioError `corrupt-file` where the file holds something else
 */
export function dataDirectoryId(folder: IdFile): string {
  return knownDataDirectoryId(folder) ?? made(folder);
}

/** The same, null where nobody asked for it yet. */
export function knownDataDirectoryId({ id: path }: IdFile): string | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return null;
    throw fileFailure(error, path);
  }
  const id = text.trim();
  if (/^[a-z0-9]{1,32}$/.test(id)) return id;
  throw new StudioError({
    code: 'corrupt-file',
    message: `${path} does not hold the data directory’s id (letters and digits): put back the file as it was, or remove it; what waits in the queue is then put there anew, and joins must be made anew.`,
  });
}

function made(folder: IdFile): string {
  const { id: path } = folder;
  const id = randomBytes(6).toString('hex');
  const own = `${path}.${id}.tmp`;
  try {
    makeFolder(dirname(path));
    writeFileSync(own, `${id}\n`);
    // Unlike a file that is being written, a link is there whole, and never takes another's place.
    linkSync(own, path);
    return id;
  } catch (error) {
    const first = isCode(error, 'EEXIST') ? knownDataDirectoryId(folder) : null;
    if (first !== null) return first;
    throw fileFailure(error, path);
  } finally {
    rmSync(own, { force: true });
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
