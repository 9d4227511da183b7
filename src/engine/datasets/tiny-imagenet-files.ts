import path from 'node:path';
import type { FileTree } from './file-tree';
import { FolderTree } from './folder-tree';
import { notThis } from './refusal';
import { findTop } from './top-folder';
import { ZipTree } from './zip-tree';

export const tinyImagenetForms = 'tiny-imagenet-200.zip or its folder tiny-imagenet-200';

/** The list that makes a folder the top of the distribution. */
const mark = 'wnids.txt';

/**
 * Open an archive or folder at the distribution's top, a few folders deep at most.
 *
 * @throws StudioError `invalid-input` where there is no wnids.txt
 */
export async function openTinyImagenet(
  container: 'folder' | 'zip',
  file: string,
  signal: AbortSignal | undefined,
): Promise<FileTree> {
  const tree = container === 'folder' ? new FolderTree(file) : await ZipTree.open(file, signal);
  try {
    const top = await findTop(tree, ({ files }) => files.has(mark));
    if (top) return top;
    const what = container === 'folder' ? 'a folder' : 'a zip file';
    throw notThis(path.basename(file), `${what} without ${mark}`, tinyImagenetForms);
  } catch (error) {
    await tree.close();
    throw error;
  }
}
