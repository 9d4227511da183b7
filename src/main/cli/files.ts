import { open, readFile } from 'node:fs/promises';
import { type ExportFile } from '../../shared/export-file';
import { reasonOf, refuse, StudioError } from '../../shared/errors';
import { type App } from '../core/app';
import { inputPath, type OutFile } from './places';

/** A file was refused for what is in it: the command line was not at fault. */
export class FileRefused extends StudioError {}

/** The whole path of a file that the command line names and that can be read. */
export async function namedFile(text: string, option = 'FILE'): Promise<string> {
  const what = 'a file that can be read';
  const path = await inputPath(text, what, option);
  try {
    const handle = await open(path);
    const found = await handle.stat().finally(() => handle.close());
    if (found.isFile()) return path;
  } catch (error) {
    throw refuse(option, text, `${what} (${reasonOf(error)})`);
  }
  throw refuse(option, text, 'a file, no folder and no pipe');
}

/** What a file holds was refused: exit 1, as for everything that fails. */
export async function refusingFile<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StudioError ? new FileRefused(error.data, error) : error;
  }
}

/** Write an export whole, to where a command was told to. */
export const writeTo = (to: OutFile, { files }: Files, file: ExportFile): Promise<string> =>
  fetched(files, file, (copyOf) => to.write({ name: file.name, copyOf }));

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
