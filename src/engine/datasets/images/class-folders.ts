import { type Split } from '../../../shared/catalogue/datasets';
import { byCodePoint } from '../../../shared/code-points';
import { type RefusedImage } from '../../../shared/imported-images';
import { breathe } from '../../runtime/cancel';
import { type FileTree, join, type Listing } from '../file-tree';
import { refusal } from '../refusal';
import {
  classNamed,
  type Found,
  type FoundImage,
  mayBeImage,
  notAnImage,
  splitNamed,
} from './found';
import { maskFoldersIn } from '../masks/mask-folder';
import { isNamedAsImage } from './format';
import { maxDepth, maxImages } from './limits';

/** Hidden files and folders, such as notebooks' checkpoints, are nobody's images. */
const isSeen = (name: string): boolean => !name.startsWith('.');

/** What a folder holds, hidden ones left out, each in the order of code points. */
export async function seenIn(
  tree: FileTree,
  folder: string,
): Promise<{ files: string[]; folders: string[] }> {
  const { files, folders } = (await tree.list(folder)) ?? nothing;
  const seen = (names: ReadonlySet<string>) => [...names].filter(isSeen).sort(byCodePoint);
  return { files: seen(files), folders: seen(folders) };
}
const nothing: Listing = { files: new Set(), folders: new Set() };

/**
 * The folders that are splits by their names. A class may be called so, too: beside other folders, one
 * that holds images itself is a class.
 */
export async function splitsIn(
  tree: FileTree,
  top: string,
  folders: readonly string[],
): Promise<readonly { readonly place: string; readonly split: Split }[]> {
  const named = folders.flatMap((name) => {
    const split = splitNamed(name);
    return split === null ? [] : [{ place: join(top, name), split }];
  });
  if (named.length === folders.length) return named;
  for (const { place } of named) {
    const { files, folders: below } = await seenIn(tree, place);
    if (below.length > 0 && !files.some(isNamedAsImage)) return named;
  }
  return [];
}

/**
 * Images in folders for each class, which may lie in folders `train`, `val`, `validation` and `test`.
 * Folders within a class's count to it.
 *
 * @param top where these folders lie in the tree
 * @throws StudioError `corrupt-file` naming the class's folder that holds no image or has no name for
 *   a class, or the top where it has no class; `cancelled`
 */
export async function findInFolders(
  tree: FileTree,
  top: string,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const masks = await maskFoldersIn(tree, top);
  const folders = (await seenIn(tree, top)).folders.filter((name) => !masks.includes(name));
  const named = await splitsIn(tree, top, folders);
  const others = folders.filter((name) => splitNamed(name) === null);
  const search = new Search(tree, signal, masks);
  if (named.length === 0) await search.classes(top, null);
  else await search.strays(top);
  for (const { place, split } of named) await search.classes(place, split);
  search.requireImages();
  const { images, refused } = search;
  const notes: string[] = [];
  if (named.length > 0 && others.length > 0) {
    const passed = others.map((name) => join(top, name)).join(', ');
    notes.push(`Passed over beside the splits: ${passed}.`);
  }
  const validating = named.filter(({ split }) => split === 'validation');
  if (validating.length > 1) {
    const places = validating.map(({ place }) => place).join(' and ');
    notes.push(`The images of ${places} validate together.`);
  }
  return { images, refused, notes };
}

class Search {
  readonly images: FoundImage[] = [];
  readonly refused: RefusedImage[] = [];
  readonly #tree: FileTree;
  readonly #signal: AbortSignal | undefined;
  /** Of every class the first folder, and whether it has an image. */
  readonly #classes = new Map<string, { readonly place: string; images: number }>();
  readonly #roots: string[] = [];
  /** Folders beside those of classes that are none. */
  readonly #passed: readonly string[];
  #seen = 0;

  constructor(tree: FileTree, signal: AbortSignal | undefined, passed: readonly string[]) {
    this.#tree = tree;
    this.#passed = passed;
    this.#signal = signal;
  }

  /** The class folders in a folder. */
  async classes(root: string, split: Split | null): Promise<void> {
    this.#roots.push(root);
    await this.strays(root);
    for (const folder of (await seenIn(this.#tree, root)).folders) {
      if (split === null && this.#passed.includes(folder)) continue;
      const place = join(root, folder);
      const named = classNamed(folder);
      if ('why' in named) throw refusal(place, named.why);
      const { name } = named;
      const known = this.#classes.get(name) ?? { place, images: 0 };
      this.#classes.set(name, known);
      known.images += await this.#below(place, name, split, 1);
    }
  }

  /** Images that lie beside folders of classes. */
  async strays(root: string): Promise<void> {
    for (const name of (await seenIn(this.#tree, root)).files) {
      if (!isNamedAsImage(name)) continue;
      this.refused.push({ path: join(root, name), reason: 'it lies in no class’s folder' });
    }
  }

  requireImages(): void {
    if (this.#classes.size === 0) {
      const where = this.#roots.map((root) => root || this.#tree.label).join(', ');
      throw refusal(
        where,
        'it has no folder for a class; accepted: CLASS/images, train/CLASS/images with validation/CLASS/images, or a list with the columns path and label',
      );
    }
    for (const [name, { place, images }] of this.#classes) {
      if (images === 0) throw refusal(place, `no image of the class ${name} is in it`);
    }
  }

  /** @returns how many may be images */
  async #below(
    folder: string,
    className: string,
    split: Split | null,
    depth: number,
  ): Promise<number> {
    if (depth > maxDepth) throw refusal(folder, `it lies more than ${maxDepth} folders deep`);
    const { files, folders } = await seenIn(this.#tree, folder);
    let count = 0;
    for (const name of files) {
      const file = join(folder, name);
      this.#seen += 1;
      if (this.#seen % 500 === 0) await breathe(this.#signal);
      if (!(await mayBeImage(this.#tree, file))) {
        this.refused.push({ path: file, reason: notAnImage });
        continue;
      }
      if (this.images.length === maxImages) {
        throw refusal(
          this.#tree.label,
          `it has more than ${maxImages.toLocaleString('en')} images`,
        );
      }
      this.images.push({ file, className, split });
      count += 1;
    }
    for (const name of folders) {
      count += await this.#below(join(folder, name), className, split, depth + 1);
    }
    return count;
  }
}
