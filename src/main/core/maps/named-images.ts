import { readFile } from 'node:fs/promises';
import { type Split } from '../../../shared/catalogue/datasets';
import { valueAt } from '../../../shared/checked-reads';
import { delimiterCharacters } from '../../../shared/csv-reading';
import { refuse, StudioError } from '../../../shared/errors';
import { formatBytes } from '../../../shared/format/bytes';
import { formatCount } from '../../../shared/format/counts';
import { type NamedImages } from '../../../shared/named-images';
import { readText } from '../../../shared/text-encoding';
import { type DatasetsService } from '../datasets/datasets-service';
import { imageNames } from '../datasets/image-names';
import { splitCellsByParts } from '../export/csv/cells';
import { type UploadedFile, type UploadStore } from '../storage/transit/upload-store';

interface Parts {
  readonly dataDir: string;
  readonly datasets: DatasetsService;
  readonly uploads: UploadStore;
}

/** Titles of the column that names the images. */
const titles = ['image', 'index', 'path', 'name', 'file', 'filename'];
/** Bytes of a list, which is read as a whole: a million paths of a hundred letters have fewer. */
const longestList = 128 * 2 ** 20;

/**
 * The images that are named, as indices in the order named.
 *
 * @throws StudioError `invalid-input` naming the line, and what there is, for a list that names no images, a
 *   name or an index that the split does not have, and an image twice
 */
export async function resolveImages(
  parts: Parts,
  dataset: string,
  split: Split,
  images: NamedImages,
): Promise<Int32Array> {
  const { name, ...counts } = await parts.datasets.counts(dataset);
  const size = counts[split];
  const what = `${name} has ${formatCount(size)} ${split} images`;
  if (images.kind === 'all') {
    if (size === 0) throw refuse('images', 'all', `nothing: ${what}`);
    return Int32Array.from({ length: size }, (_, image) => image);
  }
  if (images.kind === 'indices') {
    return checked(images.indices, (i) => `images.${i}`, size, what);
  }
  // A line more than there are images is a mistake that is told by its number below; many are another list.
  const most = 2 * size + 1000;
  const { file, cells } = await parts.uploads.read(images.upload, (list) => listOf(list, most));
  const lineOf = (i: number) => `${file}, line ${valueAt(cells, i).line}`;
  if (cells.every(({ text }) => /^\d{1,9}$/.test(text))) {
    const indices = cells.map(({ text }) => Number(text));
    return checked(indices, lineOf, size, what);
  }
  const find = await imageNames(parts.dataDir, dataset, split);
  if (find === null) {
    throw refuse(
      lineOf(0),
      valueAt(cells, 0).text,
      `an image index: the names that the images of ${name} came by are not known; ${what}, which count from 0`,
    );
  }
  const indices = cells.map(({ text }, i) => {
    const found = find(text);
    if (found.length === 1) return valueAt(found, 0);
    const accepted =
      found.length === 0
        ? `a path of an image of the ${split} split, below what was imported, or its last part`
        : `a whole path: ${formatCount(found.length)} images of the ${split} split are called so`;
    throw refuse(lineOf(i), text, accepted);
  });
  return checked(indices, lineOf, size, what);
}

function checked(
  indices: readonly number[],
  field: (place: number) => string,
  size: number,
  what: string,
): Int32Array {
  const seen = new Map<number, number>();
  indices.forEach((image, i) => {
    if (image >= size) {
      throw refuse(field(i), image, `an image index from 0 to ${size - 1}: ${what}`);
    }
    const before = seen.get(image);
    if (before !== undefined) {
      throw refuse(field(i), image, `each image once: it stands at ${field(before)} too`);
    }
    seen.set(image, i);
  });
  return Int32Array.from(indices);
}

interface Cell {
  readonly line: number;
  readonly text: string;
}

/** The column of a list that names images, its title, where it has one, left out. */
async function listOf(
  { name: file, path, bytes }: UploadedFile,
  most: number,
): Promise<{ readonly file: string; readonly cells: readonly Cell[] }> {
  const accepted = `a list of images, one a line: indices or names, in a column called ${titles.slice(0, 4).join(', ')} where there are several`;
  if (bytes > longestList) {
    throw refuse('images', file, `${accepted}, of at most ${formatBytes(longestList)}`);
  }
  const { text } = readText(await readFile(path));
  const head = text.slice(0, text.indexOf('\n') + 1 || undefined);
  const delimiter =
    Object.values(delimiterCharacters).find((character) => head.includes(character)) ?? ',';
  const cells: Cell[] = [];
  let column: number | null = null;
  for (const { line, cells: all } of splitCellsByParts(text, delimiter)) {
    if (all.every((cell) => cell.trim() === '')) continue;
    if (column === null) {
      const titled = all.findIndex((cell) => titles.includes(cell.trim().toLowerCase()));
      column = Math.max(0, titled);
      if (titled >= 0) continue;
    }
    if (cells.length === most) {
      throw refuse('images', file, `a list of fewer than ${formatCount(most)} lines: ${accepted}`);
    }
    cells.push({ line, text: (all[column] ?? '').trim() });
  }
  const empty = cells.find(({ text: cell }) => cell === '');
  if (empty) throw refuse(`${file}, line ${empty.line}`, '', 'an image index or a name');
  if (cells.length === 0) {
    throw new StudioError({
      code: 'invalid-input',
      message: `${file} names no image; accepted: ${accepted}.`,
      field: 'images',
      value: file,
      accepted,
    });
  }
  return { file, cells };
}
