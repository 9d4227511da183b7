import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dataset } from '../../../src/engine/datasets/dataset';
import { memoryImages } from '../../../src/engine/datasets/image-store';
import { rankMaps } from '../../../src/engine/removal/rank-maps';
import { retrainingData } from '../../../src/main/engine-process/retraining';
import { encodeNpy } from '../../../src/shared/npy';
import { stratifiedIndices } from '../../../src/shared/selection';

const shape = [4, 4, 1] as const;
const split = (count: number) => ({
  // Every pixel of image i is i.
  images: memoryImages(
    Uint8Array.from({ length: count * 16 }, (_, i) => i >> 4),
    16,
  ),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 2),
  count,
});
const dataset: Dataset = {
  ...{ id: 'mnist', shape, classes: ['a', 'b'], files: [] },
  ...{ train: split(40), validation: split(20) },
};
const train = stratifiedIndices(dataset.train.labels, 10, 5, 'train-limit');
const validation = stratifiedIndices(dataset.validation.labels, 6, 3);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retraining-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of orders whose first pixel is `first`. */
function orders(name: string, indices: readonly number[], first = 0): string {
  const map = Float32Array.from({ length: indices.length * 16 }, (_, i) =>
    i % 16 === first ? 1 : 0,
  );
  const data = rankMaps(map, indices, 16, { seed: 0, split: 'train' });
  const path = join(folder, name);
  writeFileSync(path, encodeNpy({ shape: [indices.length, 16], data }));
  return path;
}

const retraining = (files: { train: string[]; validation: string[] }, level = 1 / 16) => ({
  ...{ level, keep: false, fill: 'dataset-mean' as const, seed: 3, images: 6, trainSeed: 5 },
  orders: files,
});
const data = (given: ReturnType<typeof retraining>) =>
  retrainingData(dataset, given, 10, [0.5], new AbortController().signal);

describe('what a model of a protocol that retrains sees', () => {
  it('the chosen images in the order of the files, without the pixels that come first', async () => {
    const files = {
      train: [orders('a', train.slice(0, 7), 2), orders('b', train.slice(7), 9)],
      validation: [orders('c', validation, 4)],
    };
    const seen = await data(retraining(files));
    expect([seen.train.count, seen.validation.count]).toEqual([10, 6]);
    const image = new Uint8Array(16);
    train.forEach((index, place) => {
      seen.train.images.read(place, image, 0);
      expect(image[0]).toBe(index);
      expect(seen.train.labels[place]).toBe(index % 2);
    });
    const removedFrom = (place: number, of: 'train' | 'validation') => {
      const pixels = new Float32Array(16);
      seen.prepare?.(pixels, Int32Array.of(place), { split: of, epoch: 3 });
      return [...pixels.entries()].filter(([, value]) => value !== 0);
    };
    expect(removedFrom(6, 'train')).toEqual([[2, 0.5]]);
    expect(removedFrom(7, 'train')).toEqual([[9, 0.5]]);
    expect(removedFrom(0, 'validation')).toEqual([[4, 0.5]]);
  });

  it('whole images at level 0, which need no orders', async () => {
    const seen = await data(retraining({ train: [], validation: [] }, 0));
    expect(seen.prepare).toBeUndefined();
    expect(seen.train.count).toBe(10);
  });

  it('nothing where the orders are of other images, or no orders', async () => {
    const whole = orders('whole', train);
    const few = orders('few', train.slice(1));
    const kept = orders('kept', validation);
    const refused = { data: { code: 'corrupt-file' } };
    for (const files of [
      { train: [few], validation: [kept] },
      { train: [whole, whole], validation: [kept] },
      { train: [whole], validation: [] },
    ]) {
      await expect(data(retraining(files))).rejects.toMatchObject(refused);
    }
    const floats = join(folder, 'floats');
    writeFileSync(floats, encodeNpy({ shape: [10, 16], data: new Float32Array(160) }));
    await expect(data(retraining({ train: [floats], validation: [kept] }))).rejects.toMatchObject(
      refused,
    );
  });
});
