import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StoreWriter } from '../../../src/engine/datasets/store-writer';
import { readStored } from '../../../src/engine/datasets/stored';
import { subsetOf } from '../../../src/engine/datasets/subset';
import { placeOf } from './support';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stored-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const shape = [64, 64, 3] as const;
const classes = 1000;

it('keeps labels of more than 256 classes', async () => {
  const writer = await StoreWriter.create(folder, shape, classes);
  const labels = [0, 255, 256, 257, 999];
  for (const [i, label] of labels.entries()) {
    await writer.add('train', new Uint8Array(64 * 64 * 3).fill(i), label);
  }
  await writer.add('validation', new Uint8Array(64 * 64 * 3), 998);
  await writer.finish('tiny-imagenet', {
    classes: Array.from({ length: classes }, (_, i) => ({ id: `c${i}`, name: `Class ${i}` })),
    complete: false,
    source: {
      kind: 'folder',
      name: 'made',
      bytes: null,
      md5: null,
      published: null,
      publishedAt: null,
    },
  });
  const dataset = await readStored(placeOf('tiny-imagenet', folder));
  expect([...dataset.train.labels]).toEqual(labels);
  expect([...dataset.validation.labels]).toEqual([998]);
  expect(dataset.classes).toHaveLength(classes);
  expect([...subsetOf(dataset.train, [4, 2]).labels]).toEqual([999, 256]);
});
