import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type FileTree, FolderTree, join, type Listing } from './file-tree';
import { notThis } from './refusal';
import { ZipTree } from './zip-tree';

export const tinyImagenetForms = 'tiny-imagenet-200.zip or its folder tiny-imagenet-200';

/** The list that makes a folder the top of the distribution. */
const mark = 'wnids.txt';

/**
 * Open an archive or folder at the distribution's top, wherever it is one or no folder deep.
 *
 * @throws StudioError `invalid-input` where there is no wnids.txt
 */
export async function openTinyImagenet(
  container: 'folder' | 'gzip' | 'zip',
  file: string,
  signal: AbortSignal | undefined,
): Promise<FileTree> {
  if (container === 'folder') {
    for (const folder of [file, path.join(file, 'tiny-imagenet-200')]) {
      const found = await stat(path.join(folder, mark)).catch(() => null);
      if (found?.isFile()) return new FolderTree(folder);
    }
    throw notThis(path.basename(file), `a folder without ${mark}`, tinyImagenetForms);
  }
  const tree = await ZipTree.open(file, signal);
  const top = await tree.list('');
  for (const folder of ['', ...(top?.folders ?? [])]) {
    if ((await tree.list(folder))?.files.has(mark)) return new Subtree(tree, folder);
  }
  await tree.close();
  throw notThis(tree.label, `a zip file without ${mark}`, tinyImagenetForms);
}

/** A folder of a tree as a tree. */
class Subtree implements FileTree {
  readonly label: string;
  readonly #tree: FileTree;
  readonly #folder: string;

  constructor(tree: FileTree, folder: string) {
    this.label = tree.label;
    this.#tree = tree;
    this.#folder = folder;
  }

  list(folder: string): Promise<Listing | null> {
    return this.#tree.list(folder === '' ? this.#folder : join(this.#folder, folder));
  }

  size(file: string): Promise<number> {
    return this.#tree.size(join(this.#folder, file));
  }

  read(file: string, limit: number): Promise<Uint8Array> {
    return this.#tree.read(join(this.#folder, file), limit);
  }

  close(): Promise<void> {
    return this.#tree.close();
  }
}
