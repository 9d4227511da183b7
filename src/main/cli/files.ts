import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ExportFile } from '../../shared/export-file';
import { refuse, StudioError } from '../../shared/errors';
import { writeWhole } from './output';

/** A file was refused for what is in it: the command line was not at fault. */
export class FileRefused extends StudioError {}

/** The bytes of a file that the command line names. */
export async function readNamed(path: string, option = 'FILE'): Promise<Uint8Array> {
  try {
    return await readFile(resolve(path));
  } catch (error) {
    const reason = error instanceof Error ? ` (${error.message})` : '';
    throw refuse(option, path, `a file that can be read${reason}`);
  }
}

/** What a file holds was refused: exit 1, as for everything that fails. */
export async function refusingFile<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StudioError ? new FileRefused(error.data, error) : error;
  }
}

/** Write an export whole: to the file named, or under its own name into a folder that is there. */
export async function writeExport(out: string, file: ExportFile): Promise<string> {
  const path = resolve(out);
  const folder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const target = folder ? join(path, file.name) : path;
  return writeWhole(dirname(target), basename(target), bytesOf(file));
}

export const bytesOf = (file: ExportFile): Buffer => Buffer.from(file.data, 'base64');

/** Text of an export as lines for stdout, which end where the text does. */
export const linesOf = (file: ExportFile): string[] => [
  bytesOf(file).toString('utf8').replace(/\n$/, ''),
];
