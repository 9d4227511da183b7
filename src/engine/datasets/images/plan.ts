import { type OwnImages } from '../../../shared/catalogue/own-images';
import { valueAt, valueFor } from '../../../shared/checked-reads';
import { byCodePoint } from '../../../shared/code-points';
import { datasetManifestFile } from '../../../shared/dataset-archive';
import { type RefusedImage } from '../../../shared/imported-images';
import { seededPermutation } from '../../../shared/selection';
import { refusal } from '../refusal';
import { findInFolders } from './class-folders';
import { type Found, type FoundImage } from './found';
import { findInList } from './labels';
import { maxClasses } from './limits';
import { foundIn } from './packed';
import { type ImageSource } from './source';

/** An image to be decoded. */
export interface PlannedImage {
  readonly file: string;
  /** Its number among several in that file. */
  readonly index: number | null;
  readonly label: number;
  /** Where its mask lies in the tree, where a list says so. */
  readonly mask: string | null;
}

/** What will be written, if every image can be read. */
export interface ImagePlan {
  /** In the order of their labels: that of their code points, unless the source or an export has another. */
  readonly classes: readonly string[];
  /** By path, in the order of code points; of many in one file, and of an export, in its own. */
  readonly train: readonly PlannedImage[];
  readonly validation: readonly PlannedImage[];
  readonly refused: readonly RefusedImage[];
  readonly notes: readonly string[];
  /** Whether the images came with their split; else a share was split off. */
  readonly splitGiven: boolean;
}

/**
 * Find the images of a source and give each its class and split. Where no image has the validation
 * split, a share of each class is split off, drawn from (seed, class).
 *
 * @throws StudioError `corrupt-file` naming the file, folder, line or class that is refused; `cancelled`
 */
export async function planImages(
  { tree, top, list, packed, manifest }: ImageSource,
  settings: Pick<OwnImages, 'validation' | 'seed'>,
  signal?: AbortSignal,
): Promise<ImagePlan> {
  if (packed !== null) return planOf(foundIn(packed), tree.label, settings, null);
  const found =
    list === null
      ? await findInFolders(tree, top, signal)
      : await findInList(tree, top, list, signal);
  return planOf(found, list?.name ?? tree.label, settings, manifest?.classes ?? null);
}

/** @param own the classes of an export, in its order; its images stay in the order of its list */
function planOf(
  found: Found,
  label: string,
  settings: Pick<OwnImages, 'validation' | 'seed'>,
  own: readonly string[] | null,
): ImagePlan {
  const order = own ?? found.classes ?? null;
  const images = order === null ? inOrder(found.images) : found.images;
  const named = new Set(images.map(({ className }) => className));
  if (own !== null) requireStated(named, own, label);
  const classes = order ?? [...named].sort(byCodePoint);
  if (classes.length < 2) throw refusal(label, `its only class is ${valueAt(classes, 0)}`);
  if (classes.length > maxClasses) {
    const [count, most] = [classes.length, maxClasses].map((n) => n.toLocaleString('en'));
    throw refusal(label, `it has ${count} classes, more than ${most}`);
  }
  const labels = new Map(classes.map((name, i) => [name, i]));
  const validated = images.some((image) => image.split === 'validation');
  const split = validated
    ? images.map((image) => image.split === 'validation')
    : splitOff(images, classes, settings);
  const planned = images.map(({ file, className, index = null, mask = null }) => ({
    file,
    index,
    mask,
    label: valueFor(labels, className),
  }));
  const train = planned.filter((_, i) => split[i] === false);
  const validation = planned.filter((_, i) => split[i] === true);
  const trained = new Set(train.map((image) => image.label));
  const untrained = classes.find((_, i) => !trained.has(i));
  if (untrained !== undefined) {
    throw refusal(label, `the class ${untrained} has no training image`);
  }
  if (validation.length === 0) {
    throw refusal(label, 'no class has two images, of which one could validate');
  }
  const stated = images.some((image) => image.split !== null);
  const notes =
    stated && !validated
      ? [
          ...found.notes,
          `No image was given for validation: a share of ${settings.validation} of each class is split off.`,
        ]
      : found.notes;
  return { classes, train, validation, refused: found.refused, notes, splitGiven: validated };
}

function requireStated(named: ReadonlySet<string>, stated: readonly string[], label: string): void {
  const known = new Set(stated);
  const unknown = [...named].find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw refusal(label, `its class ${unknown} is none of those that ${datasetManifestFile} names`);
}

/** By path, whatever order a list or a disk has them in; names composed or not are the same. */
function inOrder(images: readonly FoundImage[]): readonly FoundImage[] {
  return images
    .map((image) => ({ image, key: image.file.normalize() }))
    .sort((a, b) => byCodePoint(a.key, b.key) || byCodePoint(a.image.file, b.image.file))
    .map(({ image }) => image);
}

/** Which images validate: of each class its share, at least one and never all. */
function splitOff(
  images: readonly FoundImage[],
  classes: readonly string[],
  { validation: share, seed }: Pick<OwnImages, 'validation' | 'seed'>,
): boolean[] {
  const members = new Map(classes.map((name) => [name, [] as number[]]));
  images.forEach(({ className }, i) => valueFor(members, className).push(i));
  const chosen = images.map(() => false);
  for (const [name, own] of members) {
    const count = Math.min(own.length - 1, Math.max(1, Math.round(share * own.length)));
    const order = seededPermutation(own.length, seed, 'validation split', name);
    for (const position of order.slice(0, count)) chosen[valueAt(own, position)] = true;
  }
  return chosen;
}
