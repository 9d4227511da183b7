import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Split } from '../../../shared/catalogue/datasets';
import { valueFor } from '../../../shared/checked-reads';
import { join, type Listing } from '../file-tree';
import { idxSizes, readIdx } from '../idx';
import { DiskImages } from '../image-store';
import { refusal } from '../refusal';
import { splitNamed } from './found';
import { knownClasses, type KnownClasses } from './idx-classes';
import { type PackedForm, type PackedImages, type PackedRequest, unpackedFile } from './packed';
import { type Pixels, plainPixels } from './pixels';

/** Their names as MNIST has them, with what its successors put before and the web makes of the dash. */
const named =
  /^(?:(.+)[-_.])?(train|training|t10k|test|val|validation)[-_.](images|labels)[-.]idx[13]-ubyte(?:\.gz)?$/i;

interface IdxName {
  /** What it is of: 'emnist-letters'; '': nothing stands before it. */
  readonly set: string;
  readonly part: string;
  readonly holds: 'images' | 'labels';
}

function idxName(file: string): IdxName | null {
  const found = named.exec(file);
  if (!found) return null;
  const [, set = '', part = '', holds = ''] = found;
  return {
    set: set.toLowerCase(),
    part: part.toLowerCase(),
    holds: holds.toLowerCase() === 'images' ? 'images' : 'labels',
  };
}

/** Images to test on, by MNIST's word for them, too. */
const splitOf = (part: string): Split =>
  part === 't10k' ? 'validation' : (splitNamed(part) ?? 'train');

/** The images of one split, by the names of their two files. */
interface Pair {
  readonly part: string;
  readonly images: string;
  readonly labels: string;
}

/** The pairs of the set that is meant, its training images first. */
function pairsOf({ tree, only }: PackedRequest, files: readonly string[]) {
  const names = files.flatMap((file) => {
    const name = idxName(file);
    return name ? [{ ...name, file }] : [];
  });
  const sets = [...new Set(names.map(({ set }) => set))].sort();
  const meant = only === null ? null : idxName(only);
  const [set = ''] = meant ? [meant.set] : sets;
  if (!meant && sets.length > 1) {
    throw refusal(
      tree.label,
      `it holds several sets of images, ${sets.map((each) => each || 'one without a name').join(', ')}; unpack it and name one file of images`,
    );
  }
  const own = names.filter((name) => name.set === set);
  const parts = [...new Set(own.map(({ part }) => part))];
  const pairs = parts.map((part): Pair => {
    const find = (holds: IdxName['holds']) => {
      const found = own.filter((name) => name.part === part && name.holds === holds);
      // Unpacked ones beside the others are the same.
      const [first] = found.sort((a, b) => a.file.length - b.file.length);
      if (first) return first.file;
      const whole = [set, part].filter(Boolean).join('-');
      throw refusal(
        `${whole}-${holds}-idx${holds === 'images' ? 3 : 1}-ubyte`,
        'the file is missing',
      );
    };
    return { part, images: find('images'), labels: find('labels') };
  });
  const bySplit = new Map(pairs.map((pair) => [splitOf(pair.part), pair]));
  if (bySplit.size < pairs.length) {
    const twice = pairs.map(({ images }) => images).join(' and ');
    throw refusal(tree.label, `${twice} are of one split; keep one of them`);
  }
  const ordered = (['train', 'validation'] as const).flatMap((split) => {
    const pair = bySplit.get(split);
    return pair ? [{ ...pair, split }] : [];
  });
  return { set, pairs: ordered };
}

/** One pair, its images on disk. */
async function openPair(
  request: PackedRequest,
  { images, labels, split }: Pair & { readonly split: Split },
) {
  const [file, list] = [images, labels].map((name) => join(request.folder, name)) as [
    string,
    string,
  ];
  const stored = await request.tree.read(list, maxLabels);
  const md5 = createHash('md5').update(stored).digest('hex');
  const labelBytes = await readFile((await unpackedFile(request, labels)).place);
  const refuse = (name: string) => (why: string) => refusal(name, why);
  const [count = 0] = idxSizes(labelBytes, 1, refuse(list));
  const { place, bytes } = await unpackedFile(request, images);
  const handle = await open(place, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(head), 0, head, 0);
  await handle.close();
  const [found = 0, height = 0, width = 0] = idxSizes(
    buffer.subarray(0, bytesRead),
    3,
    refuse(file),
  );
  if (found !== count) throw refusal(file, `it holds ${found} images, and ${list} ${count} labels`);
  if (height === 0 || width === 0 || height > longest || width > longest) {
    throw refusal(
      file,
      `its images are ${width} × ${height}; accepted: sides from 1 to ${longest}`,
    );
  }
  if (bytes !== head + count * height * width) {
    const values = count * height * width;
    throw refusal(file, `it has ${bytes - head} bytes of values, not ${values}`);
  }
  const numbers = readIdx(labelBytes, [count], refuse(list));
  const pixels = new DiskImages(place, count, height * width, head);
  return { file, list, md5, split, numbers, width, height, pixels };
}

/** Bytes before the first image: the magic number and three sizes. */
const head = 16;
/** Pixels of a side. */
const longest = 4096;
const maxLabels = 16 * 2 ** 20;

/** Of images whose rows and columns are exchanged. */
const transposed = ({ data, width, height, channels }: Pixels): Pixels => ({
  data,
  channels,
  start: 0,
  width: height,
  height: width,
  right: width * channels,
  down: channels,
});

async function openIdx(request: PackedRequest): Promise<PackedImages> {
  const { files }: Listing = (await request.tree.list(request.folder)) ?? nothing;
  const { set, pairs } = pairsOf(request, [...files]);
  const opened = [];
  for (const pair of pairs) opened.push(await openPair(request, pair));
  const [first, ...others] = opened;
  if (!first) throw refusal(request.tree.label, 'its files are missing');
  const { width, height } = first;
  const odd = others.find((each) => each.width !== width || each.height !== height);
  if (odd) {
    throw refusal(
      odd.file,
      `its images are ${odd.width} × ${odd.height}, not ${width} × ${height}`,
    );
  }
  const used = new Set(opened.flatMap(({ numbers }) => [...new Set(numbers)]));
  const numbers = [...used].sort((a, b) => a - b);
  const known = knownClasses({
    set,
    sums: opened.map(({ md5 }) => md5),
    // Its own name and two folders above, as 'FashionMNIST/raw'.
    place: [...request.path.split(path.sep).slice(-3), request.folder].join('/'),
    numbers,
  });
  const classOf = new Map(numbers.map((number, i) => [number, i]));
  return {
    classes: numbers.map((number) => known?.names.get(number) ?? String(number)),
    ...(known?.transposed ? { width: height, height: width } : { width, height }),
    channels: 1,
    parts: opened.map((each) => ({
      file: each.file,
      split: each.split,
      labels: Uint8Array.from(each.numbers, (number) => valueFor(classOf, number)),
      images: each.pixels,
      pixels: (data) => {
        const plain = plainPixels({ data, width, height, channels: 1 });
        return known?.transposed ? transposed(plain) : plain;
      },
    })),
    notes: notesOn(known, numbers),
  };
}

const nothing: Listing = { files: new Set(), folders: new Set() };

function notesOn(known: KnownClasses | null, numbers: readonly number[]): string[] {
  const called = known
    ? `The classes are named as those of ${known.name}, known by ${known.by}.`
    : 'The classes are called by their numbers: the files do not name them.';
  const first = numbers[0] ?? 0;
  return [
    called,
    ...(first > 0 ? [`The labels begin at ${first}, which is class 0 here.`] : []),
    ...(known?.transposed
      ? [
          `The files of ${known.name} have rows and columns exchanged: the images are turned upright.`,
        ]
      : []),
  ];
}

/** IDX files of gray images and their labels, as MNIST, Fashion-MNIST, KMNIST and EMNIST have them. */
export const idxForm: PackedForm = {
  words:
    'IDX files (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-…; as they are or with .gz)',
  isIn: (files) => files.some((file) => idxName(file)?.holds === 'images'),
  hasCoarse: false,
  open: openIdx,
};
