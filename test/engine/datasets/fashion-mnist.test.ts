import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../../src/engine/datasets/read';
import { imageRange } from '../../../src/engine/datasets/image-store';
import { idx } from '../../fixtures/idx';
import { content, imported, placeOf, refused, temporary } from './support';

const dataset = 'fashion-mnist';

/** So many images, image i of class i modulo 10 with all its pixels i. */
function files(prefix: string, count: number): Record<string, Buffer> {
  const numbers = Uint8Array.from({ length: count }, (_, i) => i);
  const pixels = Uint8Array.from({ length: count * 784 }, (_, at) => Math.floor(at / 784));
  return {
    [`${prefix}-images-idx3-ubyte`]: idx([count, 28, 28], pixels),
    [`${prefix}-labels-idx1-ubyte`]: idx(
      [count],
      numbers.map((i) => i % 10),
    ),
  };
}

function written(change: Record<string, Buffer | null> = {}, packed = false): string {
  const folder = path.join(temporary(), 'fashion', 'data');
  mkdirSync(folder, { recursive: true });
  const all = { ...files('train', 40), ...files('t10k', 20), ...change };
  for (const [name, bytes] of Object.entries(all)) {
    if (bytes === null) continue;
    const place = path.join(folder, packed ? `${name}.gz` : name);
    writeFileSync(place, packed ? gzipSync(bytes) : bytes);
  }
  // The folder may lie within the one that is chosen.
  return path.dirname(folder);
}

describe('Fashion-MNIST from IDX files', () => {
  test('is the same whether they are packed or not', async () => {
    const plain = await imported(dataset, written());
    const packed = await imported(dataset, written({}, true));
    expect(content(packed.outDir)).toEqual(content(plain.outDir));
    const { train, validation, shape, classes } = await readDataset(placeOf(dataset, plain.outDir));
    expect(shape).toEqual([28, 28, 1]);
    expect(classes.slice(0, 3)).toEqual(['T-shirt/top', 'Trouser', 'Pullover']);
    expect([train.count, validation.count]).toEqual([40, 20]);
    expect([...train.labels.subarray(9, 12)]).toEqual([9, 0, 1]);
    const [image] = [await imageRange(train.images, 13, 14)];
    expect(new Set(image)).toEqual(new Set([13]));
  });

  test('can be cut to some classes and images', async () => {
    const subset = { classes: ['bag', 'Sneaker'], perClass: 2 };
    const { classes, train, validation } = await imported(dataset, written(), { subset });
    expect(classes.map(({ name }) => name)).toEqual(['Sneaker', 'Bag']);
    expect([train, validation]).toEqual([4, 4]);
  });

  test.each([
    ['without its images', { 't10k-images-idx3-ubyte': null }, 'the file is missing'],
    ['of other images', { 'train-images-idx3-ubyte': idx([40, 2], new Uint8Array(80)) }, 'magic'],
    ['of fewer labels', { 'train-labels-idx1-ubyte': idx([3], new Uint8Array(3)) }, 'holds [40,'],
    [
      'of a class too many',
      { 't10k-labels-idx1-ubyte': idx([20], new Uint8Array(20).fill(10)) },
      'labels are 0 to 9',
    ],
  ])('%s is refused by the file', async (_, change, why) => {
    await refused(dataset, written(change), 'corrupt-file', why);
  });

  test('that is no gzip is refused, and so is another folder', async () => {
    const folder = path.join(written({}, true), 'data');
    writeFileSync(path.join(folder, 'train-labels-idx1-ubyte.gz'), 'no gzip');
    await refused(dataset, folder, 'corrupt-file', 'train-labels-idx1-ubyte.gz');
    await refused(dataset, temporary(), 'invalid-input', 'train-images-idx3-ubyte');
  });
});
