import { join, resolve } from 'node:path';
import { refuse } from '../../shared/errors';
import {
  OutputFolder,
  type Replaced,
  writeOutputFolder,
  type Written,
} from '../core/export/folder/output-folder';
import {
  fileObstacle,
  folderObstacle,
  inputObstacle,
  linkedFile,
  namesFolder,
} from '../core/export/folder/places';
import { type WholeSource, writeWholeFile } from '../core/export/folder/whole-file';
import { type CommandContext } from './context';

/** An empty path would mean the current folder. */
function pathOf(text: string, option: string, what: string): string {
  if (text.trim() === '') throw refuse(option, text, what);
  return resolve(text);
}

/** The path of a file or folder that a command reads, found to be there. */
export async function inputPath(text: string, what: string, option = 'FILE'): Promise<string> {
  const path = pathOf(text, option, what);
  const why = await inputObstacle(path);
  if (why !== null) throw refuse(option, text, `${what} (${why})`);
  return path;
}

const field = '--out';

/**
 * The path of a folder that a command writes, tried before any work.
 *
 * @param names what will be written there, as far as it is known by then
 */
export async function outFolder(text: string, names: readonly string[] = []): Promise<string> {
  const path = pathOf(text, field, 'the path of a folder');
  const why = await folderObstacle(path);
  if (why !== null) throw refuse(field, text, `a folder that can be written, or made (${why})`);
  await OutputFolder.check({ path, field }, names);
  return path;
}

/** The path of a file that a command writes, tried before any work. */
export interface OutFile {
  /** Writes it, to the path given or under its own name into a folder given; answers with its path. */
  write(file: { name: string } & WholeSource): Promise<string>;
}

export async function outFile(text: string): Promise<OutFile> {
  const what = 'a file that can be written, or a folder to write it to';
  const path = pathOf(text, field, what);
  // Which name it gets in a folder is known later; that something can be written there, now.
  const inFolder = await namesFolder(path, text);
  const why = inFolder ? await folderObstacle(path) : await fileObstacle(path);
  if (why !== null) throw refuse(field, text, `${what} (${why})`);
  return {
    async write({ name, ...source }) {
      const target = await linkedFile(inFolder ? join(path, name) : path);
      const late = await fileObstacle(target);
      if (late !== null) throw refuse(field, target, `${what} (${late})`);
      await writeWholeFile(target, source);
      return target;
    },
  };
}

/** The files of one result into the folder of `--out`; what it held before is said. */
export async function writeInto<T>(
  { say }: Pick<CommandContext, 'say'>,
  path: string,
  work: (folder: OutputFolder) => Promise<T>,
): Promise<Written & { readonly value: T }> {
  const written = await writeOutputFolder({ path, field }, work);
  if (written.replaced) for (const line of replacedLines(path, written.replaced)) say(line);
  return written;
}

function replacedLines(path: string, { results, files, kept }: Replaced): string[] {
  const count = files === 1 ? 'its file is' : `its ${files} files are`;
  return [
    `${path} held ${results.join(' and ')}: ${count} replaced.`,
    ...(kept.length === 0
      ? []
      : [`Changed since they were written, and left there: ${kept.join(', ')}.`]),
  ];
}
