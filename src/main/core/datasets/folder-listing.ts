import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { reasonOf, refuse } from '../../../shared/errors';
import { type RouteOutput } from '../../../shared/routes';

export type FolderListing = RouteOutput<'files.list'>;
type Entry = FolderListing['entries'][number];

const list = /\.(csv|tsv|txt)$/i;
const archive = /\.(zip|tar\.gz|tgz|tar)$/i;

/**
 * The folders and archives in a folder of this machine, folders first, hidden ones left out.
 *
 * @param path absolute, or null for the home folder
 * @param lists whether lists of labels count, too
 * @throws StudioError `invalid-input` naming `path`
 */
export async function listFolder(path: string | null, lists = false): Promise<FolderListing> {
  if (path !== null && !isAbsolute(path))
    throw refuse('path', path, 'an absolute path of a folder');
  const folder = resolve(path ?? homedir());
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw refuse('path', folder, `a folder that can be read (${reasonOf(error)})`);
  }
  const found = await Promise.all(
    names.filter((name) => !name.startsWith('.')).map((name) => entryOf(folder, name, lists)),
  );
  const entries = found
    .filter((entry) => entry !== null)
    .sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, 'en', { numeric: true }));
  const parent = dirname(folder);
  return { path: folder, parent: parent === folder ? null : parent, entries };
}

const order = ({ kind }: Entry) => (kind === 'folder' ? 0 : 1);

/** Null for anything else, and for what is gone or may not be looked at. */
async function entryOf(folder: string, name: string, lists: boolean): Promise<Entry | null> {
  const found = await stat(join(folder, name)).catch(() => null);
  if (found?.isDirectory()) return { name, kind: 'folder', bytes: 0 };
  if (found?.isFile() && archive.test(name)) return { name, kind: 'archive', bytes: found.size };
  if (lists && found?.isFile() && list.test(name)) return { name, kind: 'list', bytes: found.size };
  return null;
}
