import type { DistributedClass } from './class-choice';
import { type FileTree, join } from './file-tree';
import { refusal } from './refusal';

/** One image of an archive and the class that it belongs to. */
export interface ListedImage {
  readonly file: string;
  readonly label: number;
}

export interface ClassFolders {
  /** Every class of the archive; each has a folder. */
  readonly all: readonly DistributedClass[];
  /** Those wanted, in the order of their labels. */
  readonly classes: readonly DistributedClass[];
  /** Images and their classes as a list gives them that is still there; null: there is none. */
  readonly stated: readonly (readonly [string, string])[] | null;
}

/**
 * Images that lie in a folder for each class, in its folder `images` or in itself, in the order of
 * their names (val_2 before val_10).
 *
 * @throws StudioError `corrupt-file` naming the folder that is missing, empty or of no class, or the
 *   image that a list gives another class
 */
export async function listClassFolders(
  tree: FileTree,
  folder: string,
  { all, classes, stated }: ClassFolders,
): Promise<ListedImage[]> {
  const found = (await tree.list(folder))?.folders ?? new Set<string>();
  const stray = [...found].find((name) => !all.some(({ id }) => id === name));
  // The folder that the images were moved out of may still be there, with nothing in it.
  if (stray !== undefined && (stray !== 'images' || (await hasFiles(tree, join(folder, stray))))) {
    throw refusal(join(folder, stray), 'wnids.txt does not list the class');
  }
  const labels = new Map(classes.map(({ id }, label) => [id, label]));
  const images: { file: string; id: string }[] = [];
  for (const { id } of all) {
    const place = join(folder, id);
    if (!found.has(id)) {
      throw refusal(place, 'wnids.txt lists the class, and its folder is missing');
    }
    images.push(...(await classImages(tree, place)).map((file) => ({ file, id })));
  }
  if (stated) requireStated(images, stated);
  images.sort((a, b) => byName(a.file, b.file));
  return images.flatMap(({ file, id }) => {
    const label = labels.get(id);
    return label === undefined ? [] : [{ file, label }];
  });
}

/** The images of one class's folder by their names: in `images`, or else in the folder itself. */
export async function classImages(tree: FileTree, folder: string): Promise<string[]> {
  const listing = await tree.list(folder);
  const below = listing?.folders.has('images') ? join(folder, 'images') : folder;
  const here = [...(listing?.files ?? [])].filter(isImage);
  if (below !== folder && here[0] !== undefined) {
    throw refusal(join(folder, here[0]), 'it lies beside the folder images, not in it');
  }
  const files =
    below === folder ? here : [...((await tree.list(below))?.files ?? [])].filter(isImage);
  const odd = files.find((name) => !isJpeg(name));
  if (odd !== undefined) throw refusal(join(below, odd), 'it is not a JPEG image');
  if (files.length === 0) throw refusal(below, 'no image is in it');
  return files.map((name) => join(below, name)).sort(byName);
}

export const isJpeg = (name: string): boolean => /\.jpe?g$/i.test(name);
const isImage = (name: string): boolean =>
  isJpeg(name) || /\.(png|webp|gif|bmp|tiff?)$/i.test(name);

async function hasFiles(tree: FileTree, folder: string): Promise<boolean> {
  const listing = await tree.list(folder);
  return listing !== null && listing.files.size + listing.folders.size > 0;
}

/** That a list and the folders say the same. */
function requireStated(
  images: readonly { file: string; id: string }[],
  stated: NonNullable<ClassFolders['stated']>,
): void {
  const classOf = new Map(stated);
  for (const { file, id } of images) {
    const given = classOf.get(nameOf(file));
    if (given === undefined) throw refusal(file, 'val_annotations.txt does not list it');
    if (given !== id) throw refusal(file, `val_annotations.txt gives it the class ${given}`);
  }
  const present = new Set(images.map(({ file }) => nameOf(file)));
  const missing = stated.find(([name]) => !present.has(name));
  if (missing) throw refusal(missing[0], 'val_annotations.txt lists it, and it is in no folder');
}

const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1);
const natural = new Intl.Collator('en', { numeric: true });

/** Numbers within names by their size; equal names by their folders. */
function byName(a: string, b: string): number {
  return natural.compare(nameOf(a), nameOf(b)) || (a < b ? -1 : a > b ? 1 : 0);
}
