import { open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ExportFile } from '../../shared/export-file';
import { refuse, StudioError } from '../../shared/errors';
import { type App } from '../core/app';
import { copyWhole } from './output';

/** A file was refused for what is in it: the command line was not at fault. */
export class FileRefused extends StudioError {}

/** The whole path of a file that the command line names and that can be read. */
export async function namedFile(path: string, option = 'FILE'): Promise<string> {
  const whole = resolve(path);
  try {
    const handle = await open(whole);
    const found = await handle.stat().finally(() => handle.close());
    if (found.isFile()) return whole;
  } catch (error) {
    const reason = error instanceof Error ? ` (${error.message})` : '';
    throw refuse(option, path, `a file that can be read${reason}`);
  }
  throw refuse(option, path, 'a file, no folder and no pipe');
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
export async function writeExport(
  { files }: Files,
  out: string,
  file: ExportFile,
): Promise<string> {
  const path = resolve(out);
  const folder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const target = folder ? join(path, file.name) : path;
  return fetched(files, file, (path) => copyWhole(dirname(target), basename(target), path));
}

/** The text of an export. */
export const textOf = ({ files }: Files, file: ExportFile): Promise<string> =>
  fetched(files, file, (path) => readFile(path, 'utf8'));

/** Text as lines for stdout, which end where the text does. */
export const linesOf = (text: string): string[] => [text.replace(/\n$/, '')];

type Files = Pick<App, 'files'>;

/** Work with an export where it lies; it is deleted afterwards. */
export async function fetched<T>(
  files: App['files'],
  { file }: ExportFile,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const { path, release } = await files.take(file);
  try {
    return await work(path);
  } finally {
    await release();
  }
}
