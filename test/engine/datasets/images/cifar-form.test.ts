import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { imageRange } from '../../../../src/engine/datasets/image-store';
import { readStored } from '../../../../src/engine/datasets/stored';
import {
  cifar10BinaryFiles,
  cifar10Classes,
  cifar10Samples,
  writeTarball,
} from '../../../fixtures/cifar10';
import { withJunk, within } from '../../../fixtures/packers';
import { pattern } from '../../../fixtures/patterns';
import { type ArchiveFiles, writeFolder, writeZipFile } from '../../../fixtures/tiny-imagenet';
import { temporary } from '../support';
import { folderOf, made, refusal } from './support';

const [side, plane] = [32, 1024];
const fine = Array.from(
  { length: 100 },
  (_, i) => `fine_${String((7 * i) % 100).padStart(2, '0')}`,
);
const coarse = Array.from({ length: 20 }, (_, i) => `coarse ${(7 * i) % 20}`);

/** Image i is of fine class i modulo 100, and that of coarse class i modulo 20. */
function records(count: number): Buffer {
  const bytes = Buffer.alloc(count * (2 + 3 * plane));
  for (let i = 0; i < count; i += 1) {
    const start = i * (2 + 3 * plane);
    bytes[start] = i % 20;
    bytes[start + 1] = i % 100;
    const pixels = pattern(side, i % 100, i, 1);
    for (let at = 0; at < plane; at += 1) {
      for (let c = 0; c < 3; c += 1) bytes[start + 2 + c * plane + at] = pixels[3 * at + c] ?? 0;
    }
  }
  return bytes;
}

const files = (change: Record<string, Buffer | null> = {}): ArchiveFiles => {
  const all = {
    'train.bin': records(110),
    'test.bin': records(100),
    'coarse_label_names.txt': Buffer.from(`${coarse.join('\n')}\n\n`),
    'fine_label_names.txt': Buffer.from(`${fine.join('\n')}\n`),
    ...change,
  };
  return new Map(Object.entries(all).flatMap(([name, bytes]) => (bytes ? [[name, bytes]] : [])));
};

describe('CIFAR-100’s binary version', () => {
  test('comes in as it is, however it is packed, its fine classes by their labels', async () => {
    const folder = await writeFolder(path.join(temporary(), 'cifar'), files());
    const { dataset, outDir, classes, settings, notes } = await made(folder);
    expect(settings).toMatchObject({ size: 32, grayscale: false });
    expect(classes.map(({ name }) => name)).toEqual(fine);
    expect(classes[9]).toMatchObject({ train: 2, validation: 1 });
    expect(notes).toEqual([
      'These are CIFAR-100’s 100 fine classes, in the order of their labels.',
    ]);
    const { shape, train, validation } = await readStored({ dataset, datasetDir: outDir });
    expect([shape, train.count, validation.count]).toEqual([[32, 32, 3], 110, 100]);
    for (const i of [0, 57, 109]) {
      expect(train.labels[i]).toBe(i % 100);
      expect(imageRange(train.images, i, i + 1)).toEqual(pattern(side, i % 100, i, 1));
    }
    const official = withJunk(within('cifar-100-binary', files()));
    const home = temporary();
    for (const source of [
      await writeTarball(path.join(home, 'cifar-100-binary.tar.gz'), official),
      await writeZipFile(path.join(home, 'cifar.zip'), official),
    ]) {
      expect([source, (await made(source)).dataset]).toEqual([source, dataset]);
    }
  });

  test('has coarse classes, which other images have not', async () => {
    const folder = folderOf(files());
    const { classes, notes } = await made(folder, { coarse: true, size: 8, grayscale: true });
    expect(classes.map(({ name }) => name)).toEqual(coarse);
    expect(classes[3]).toMatchObject({ train: 6, validation: 5 });
    expect(notes.join()).toContain('20 coarse classes');
    const other = await refusal(folderOf(cifarTen()), { coarse: true });
    expect(other.message).toContain('CIFAR-10 has no coarse classes');
    const plain = folderOf([['a/1.png', 'no image']]);
    expect((await refusal(plain, { coarse: true })).message).toContain('accepted: CIFAR-100');
  });

  test('and CIFAR-10’s, in the order of its batches', async () => {
    const { dataset, outDir, classes } = await made(folderOf(cifarTen()));
    expect(classes.map(({ name }) => name)).toEqual(cifar10Classes);
    const { train } = await readStored({ dataset, datasetDir: outDir });
    const samples = cifar10Samples();
    expect(imageRange(train.images, 0, 100)).toEqual(
      Uint8Array.from(Buffer.concat(samples.train.map(({ pixels }) => pixels))),
    );
  });

  test.each<[string, Record<string, Buffer | null>, string]>([
    [
      'without a list',
      { 'fine_label_names.txt': null },
      'fine_label_names.txt is refused: the file',
    ],
    ['without its test', { 'test.bin': null }, 'test.bin is refused: the file is missing'],
    [
      'cut',
      { 'train.bin': records(2).subarray(0, 4000) },
      '4000 bytes are no whole number of 3074',
    ],
    ['empty', { 'test.bin': Buffer.alloc(0) }, '0 bytes are no whole'],
    ['of a label too many', { 'fine_label_names.txt': Buffer.from('a\nb\n') }, 'labels are 0 to 1'],
    [
      'of a class without an image',
      { 'train.bin': records(99) },
      `class ${fine[99]} has no training`,
    ],
    ['of a class twice', { 'fine_label_names.txt': Buffer.from('a\na\n') }, 'one comes twice'],
  ])('%s is refused by name', async (_, change, why) => {
    expect((await refusal(folderOf(files(change)))).message).toContain(why);
  });
});

const cifarTen = (): ArchiveFiles =>
  new Map([...cifar10BinaryFiles()].map(([name, bytes]) => [path.basename(name), bytes]));
