import { valueAt } from '../../../shared/checked-reads';
import { plainText } from '../../../shared/identifying-text';
import { splitLines } from '../../../shared/text-encoding';
import { breathe } from '../../runtime/cancel';
import { join } from '../file-tree';
import { DiskImages } from '../image-store';
import { refusal } from '../refusal';
import { readList } from '../text-file';
import { type PackedForm, type PackedPart, type PackedRequest, unpackedFile } from './packed';
import { type Pixels, plainPixels } from './pixels';

const side = 32;
const plane = side * side;

/** A distribution in records of some labels and three colour planes. */
interface Records {
  readonly name: string;
  /** Its files, by their split. */
  readonly train: readonly string[];
  readonly validation: string;
  /** The lists of the classes that each of a record's labels counts, in their order. */
  readonly lists: readonly string[];
  /** The label that says the class, and the one for coarse classes. */
  readonly fine: number;
  readonly coarse: number | null;
}

/** https://www.cs.toronto.edu/~kriz/cifar.html, 'Binary version'. */
const distributions: readonly Records[] = [
  {
    name: 'CIFAR-100',
    train: ['train.bin'],
    validation: 'test.bin',
    lists: ['coarse_label_names.txt', 'fine_label_names.txt'],
    fine: 1,
    coarse: 0,
  },
  {
    name: 'CIFAR-10',
    train: [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`),
    validation: 'test_batch.bin',
    lists: ['batches.meta.txt'],
    fine: 0,
    coarse: null,
  },
];

const filesOf = ({ train, validation, lists }: Records) => [...train, validation, ...lists];

/** Which of them a folder holds: more than one file of it, for `test.bin` alone may be anything. */
const heldIn = (files: readonly string[]): Records | undefined =>
  distributions.find((each) => filesOf(each).filter((name) => files.includes(name)).length > 1);

/** Colours side by side from planes one after the other. */
function interleaved(planes: Uint8Array): Pixels {
  const data = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i += 1) {
    for (let c = 0; c < 3; c += 1) data[3 * i + c] = planes[c * plane + i] as number;
  }
  return plainPixels({ data, width: side, height: side, channels: 3 });
}

async function openRecords(request: PackedRequest) {
  const { tree, folder, coarse } = request;
  const found = await tree.list(folder);
  const records = heldIn([...(found?.files ?? [])]);
  if (!records) throw refusal(tree.label, 'its files are missing');
  const { name, lists, fine } = records;
  const missing = filesOf(records).find((file) => !found?.files.has(file));
  if (missing !== undefined) throw refusal(join(folder, missing), 'the file is missing');
  const which = coarse ? records.coarse : fine;
  if (which === null) throw refusal(tree.label, `${name} has no coarse classes`);
  const classes = splitLines(await readList(tree, join(folder, valueAt(lists, which))))
    .map(plainText)
    .filter(Boolean);
  if (classes.length === 0 || new Set(classes).size < classes.length) {
    throw refusal(join(folder, valueAt(lists, which)), 'its classes are none, or one comes twice');
  }
  const part = async (file: string, split: PackedPart['split']): Promise<PackedPart> => {
    const labels = lists.length;
    const { place, bytes } = await unpackedFile(request, file);
    const record = labels + 3 * plane;
    if (bytes === 0 || bytes % record !== 0) {
      const what = `its ${bytes} bytes are no whole number of ${record}-byte records`;
      throw refusal(join(folder, file), what);
    }
    const images = new DiskImages(place, bytes / record, record);
    const numbers = await labelsIn(images, which, request.signal);
    const stray = numbers.findIndex((label) => label >= classes.length);
    if (stray >= 0) {
      const last = classes.length - 1;
      const why = `image ${stray} has the label ${valueAt(numbers, stray)}; labels are 0 to ${last}`;
      throw refusal(join(folder, file), why);
    }
    const pixels = (stored: Uint8Array) => interleaved(stored.subarray(labels));
    return { file: join(folder, file), split, labels: numbers, images, pixels };
  };
  const parts: PackedPart[] = [];
  for (const file of records.train) parts.push(await part(file, 'train'));
  parts.push(await part(records.validation, 'validation'));
  const kind = records.coarse === null ? '' : ` ${coarse ? 'coarse' : 'fine'}`;
  return {
    classes,
    width: side,
    height: side,
    channels: 3 as const,
    parts,
    notes: [`These are ${name}’s ${classes.length}${kind} classes, in the order of their labels.`],
  };
}

/** One of the labels of each record. */
async function labelsIn(
  images: DiskImages,
  which: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const labels = new Uint8Array(images.count);
  const record = new Uint8Array(images.imageBytes);
  for (let index = 0; index < images.count; index += 1) {
    if (index % 1000 === 0) await breathe(signal);
    images.read(index, record, 0);
    labels[index] = valueAt(record, which);
  }
  return labels;
}

/** CIFAR-100's official binary version; CIFAR-10's has the same form. */
export const cifarForm: PackedForm = {
  words: 'CIFAR-100’s or CIFAR-10’s binary version',
  isIn: (files) => heldIn(files) !== undefined,
  hasCoarse: true,
  open: openRecords,
};
