import path from 'node:path';
import { type FileState, type FileTree, join, type Listing } from './file-tree';
import { FolderTree } from './folder-tree';
import { refusal, unusableFile } from './refusal';
import { ZipTree } from './zip-tree';

/** Folders below the one given: archives are packed again within folders of their own. */
const deepest = 3;
/** Folders looked into, so that somebody's whole home is not read for a dataset. */
const mostFolders = 2000;

/** What is opened, and what it is to be. */
export interface TopRequest {
  readonly container: 'folder' | 'zip';
  readonly file: string;
  readonly signal: AbortSignal | undefined;
  /** Whether a folder's names are those of the distribution; may throw to refuse. */
  readonly isTop: (listing: Listing, label: string) => boolean;
  /** What a container of such a kind is where it holds none: 'a zip file without …'. */
  readonly otherwise: (kind: 'folder' | 'zip file') => string;
  /** What can be opened instead. */
  readonly accepted: string;
}

/**
 * Open a folder or zip where a distribution begins in it, a few folders deep at most.
 *
 * @throws StudioError `invalid-input` where there is none, or it is another one
 */
export async function openTop(request: TopRequest): Promise<FileTree> {
  const { container, file, signal } = request;
  const tree = container === 'folder' ? new FolderTree(file) : await ZipTree.open(file, signal);
  try {
    const top = await findTop(tree, (listing) => request.isTop(listing, tree.label));
    if (top) return top;
    const what = request.otherwise(container === 'folder' ? 'folder' : 'zip file');
    throw unusableFile(path.basename(file), what, request.accepted);
  } catch (error) {
    await tree.close();
    throw error;
  }
}

/**
 * The tree from the folder on that a distribution begins in: the shallowest that is one, at most
 * three folders down. What cannot be listed is told only where there is no other.
 *
 * @param isTop whether a folder's names are those of the distribution; may throw to refuse
 * @returns null where there is none
 * @throws StudioError `corrupt-file` where two are equally deep
 */
async function findTop(
  tree: FileTree,
  isTop: (listing: Listing) => boolean,
): Promise<FileTree | null> {
  let refused: unknown = null;
  let level = [''];
  let seen = 0;
  for (let depth = 0; depth <= deepest && level.length > 0; depth += 1) {
    const tops: string[] = [];
    const below: string[] = [];
    for (const folder of level.slice(0, mostFolders - seen)) {
      seen += 1;
      try {
        const listing = await tree.list(folder);
        if (!listing) continue;
        if (isTop(listing)) tops.push(folder);
        for (const name of listing.folders) below.push(join(folder, name));
      } catch (error) {
        refused ??= error;
      }
    }
    const [top] = tops;
    if (tops.length > 1) {
      const several = tops.map((folder) => folder || '.').join(' and ');
      throw refusal(tree.label, `it is in ${several}; choose one of them`);
    }
    if (top !== undefined) return top === '' ? tree : new Subtree(tree, top);
    level = below;
  }
  if (refused instanceof Error) throw refused;
  return null;
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

  state(file: string): Promise<FileState> {
    return this.#tree.state(join(this.#folder, file));
  }

  read(file: string, limit: number): Promise<Uint8Array> {
    return this.#tree.read(join(this.#folder, file), limit);
  }

  pieces(file: string, limit: number): AsyncIterable<Uint8Array> {
    return this.#tree.pieces(join(this.#folder, file), limit);
  }

  place(file: string): Promise<string | null> {
    return this.#tree.place(join(this.#folder, file));
  }

  close(): Promise<void> {
    return this.#tree.close();
  }
}
