import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FileTree, Listing } from './file-tree';
import { idxSizes, readIdx } from './idx';
import type { ImportRequest } from './import-request';
import type { Importer } from './importer';
import { refusal, refusing } from './refusal';
import type { StoreContent, StoreWriter } from './store-writer';
import { SubsetWriter } from './subset-writer';
import { openTop } from './top-folder';

/** In the order of their labels (github.com/zalandoresearch/fashion-mnist). */
const names = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

const side = 28;
const forms =
  'a folder or ZIP of train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each as it is or with .gz';
/** The official training images have 47 MB. */
const maxBytes = 256 * 2 ** 20;
const splits = [
  { split: 'train', prefix: 'train' },
  { split: 'validation', prefix: 't10k' },
] as const;

const nameIn = ({ files }: Listing, name: string): string | null =>
  [name, `${name}.gz`].find((each) => files.has(each)) ?? null;

const openIdx = (container: 'folder' | 'zip', { path: file, signal }: ImportRequest) =>
  openTop({
    container,
    file,
    signal,
    isTop: (listing) => nameIn(listing, 'train-images-idx3-ubyte') !== null,
    otherwise: (kind) => `a ${kind} without train-images-idx3-ubyte`,
    accepted: forms,
  });

/** An IDX file, unpacked. */
async function load(tree: FileTree, listing: Listing, name: string) {
  const file = nameIn(listing, name);
  if (file === null) throw refusal(name, 'the file is missing');
  const bytes = await tree.read(file, maxBytes);
  if (!file.endsWith('.gz')) return { file, bytes };
  const unpack = () => promisify(gunzip)(bytes, { maxOutputLength: maxBytes });
  return { file, bytes: await refusing(file, 'it cannot be unpacked', unpack) };
}

async function importFashionMnist(
  tree: FileTree,
  request: ImportRequest,
  writer: StoreWriter,
): Promise<StoreContent> {
  const listing = (await tree.list('')) ?? { files: new Set<string>(), folders: new Set<string>() };
  const read = async (prefix: string) => {
    const labels = await load(tree, listing, `${prefix}-labels-idx1-ubyte`);
    const images = await load(tree, listing, `${prefix}-images-idx3-ubyte`);
    const refuse = (file: string) => (why: string) => refusal(file, why);
    const [count = 0] = idxSizes(labels.bytes, 1, refuse(labels.file));
    return {
      file: labels.file,
      labels: readIdx(labels.bytes, [count], refuse(labels.file)),
      pixels: readIdx(images.bytes, [count, side, side], refuse(images.file)),
    };
  };
  const parts = [];
  for (const { split, prefix } of splits) parts.push({ split, ...(await read(prefix)) });
  const total = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const kept = new SubsetWriter(names, total, request, writer);
  await writer.requireSpace(total);
  for (const part of parts) {
    for (const [index, label] of part.labels.entries()) {
      const start = index * side * side;
      await kept.offer(part, index, label, () => part.pixels.subarray(start, start + side * side));
    }
  }
  return kept.finish(tree.label);
}

/** Fashion-MNIST from IDX files, as Zalando Research distributes it. */
export const fashionMnistImporter: Importer = {
  id: 'fashion-mnist',
  forms,
  shape: [side, side, 1],
  classes: names.length,
  open: (container, request) =>
    container === 'folder' || container === 'zip' ? openIdx(container, request) : null,
  import: importFashionMnist,
};
