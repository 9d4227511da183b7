import { type FileTree } from '../file-tree';
import { type OnDisk } from './decode';
import { maxFileBytes } from './limits';

/** Bytes of a file that is read from the disk piece by piece, where it lies there by itself. */
const largeBytes = 8 * 2 ** 20;

/** A file's content, or where it lies: a large one need not be in memory as a whole. */
export type Content = Uint8Array | OnDisk;

/**
 * @param bytes as the tree states them
 * @param limit bytes; a longer file is refused
 */
export async function contentOf(
  tree: FileTree,
  file: string,
  bytes: number,
  limit = maxFileBytes,
): Promise<Content> {
  const place = bytes > largeBytes && bytes <= limit ? await tree.place(file) : null;
  return place === null ? tree.read(file, limit) : { path: place };
}
