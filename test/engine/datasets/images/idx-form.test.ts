import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { imageRange } from '../../../../src/engine/datasets/image-store';
import { fitted } from '../../../../src/engine/datasets/images/fit';
import { plainPixels } from '../../../../src/engine/datasets/images/pixels';
import { readStored } from '../../../../src/engine/datasets/stored';
import { writeTarball } from '../../../fixtures/cifar10';
import { idx } from '../../../fixtures/idx';
import { within, withJunk } from '../../../fixtures/packers';
import { type ArchiveFiles, writeFolder, writeZipFile } from '../../../fixtures/tiny-imagenet';
import { temporary } from '../support';
import { folderOf, made, refusal } from './support';

const [height, width] = [12, 12];

/** Image i of a split: a different byte at each place. */
const imageOf = (i: number) =>
  Uint8Array.from({ length: height * width }, (_, at) => (31 * i + 7 * at) % 251);

/** The pair of files of some images, `labels` theirs. */
function pair(prefix: string, labels: readonly number[]): [string, Buffer][] {
  const pixels = Buffer.concat(labels.map((_, i) => imageOf(i)));
  return [
    [`${prefix}-images-idx3-ubyte`, idx([labels.length, height, width], pixels)],
    [`${prefix}-labels-idx1-ubyte`, idx([labels.length], Uint8Array.from(labels))],
  ];
}

const files = (set = '', first = 0): ArchiveFiles =>
  new Map([
    ...pair(
      `${set}train`,
      [3, 0, 1, 2, 3, 0].map((label) => label + first),
    ),
    ...pair(
      `${set}t10k`,
      [0, 3, 2].map((label) => label + first),
    ),
  ]);

const gzipped = (all: ArchiveFiles): ArchiveFiles =>
  new Map([...all].map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]));

describe('IDX files', () => {
  test('come in as they are, however they are packed, each image in its place', async () => {
    const home = temporary();
    const target = (name: string) => path.join(home, name);
    const { dataset, outDir, classes, notes, settings } = await made(
      await writeFolder(target('plain'), files()),
    );
    expect(settings).toMatchObject({ size: 12, grayscale: true });
    expect(classes).toEqual([
      { name: '0', train: 2, validation: 1 },
      { name: '1', train: 1, validation: 0 },
      { name: '2', train: 1, validation: 1 },
      { name: '3', train: 2, validation: 1 },
    ]);
    expect(notes).toEqual(['The classes are called by their numbers: the files do not name them.']);
    const stored = await readStored({ dataset, datasetDir: outDir });
    expect(stored.shape).toEqual([12, 12, 1]);
    expect([...stored.train.labels]).toEqual([3, 0, 1, 2, 3, 0]);
    expect([...stored.validation.labels]).toEqual([0, 3, 2]);
    for (const i of [0, 2, 5]) {
      expect(imageRange(stored.train.images, i, i + 1)).toEqual(imageOf(i));
    }
    const dots = new Map(
      [...gzipped(files())].map(([name, bytes]) => [name.replace('-idx', '.idx'), bytes]),
    );
    const both = new Map([...files(), ...gzipped(files())]);
    const sources = [
      await writeFolder(target('packed'), gzipped(files())),
      await writeFolder(target('dots'), dots),
      await writeFolder(target('both'), withJunk(within('raw', both))),
      await writeZipFile(target('files.zip'), within('a/b', withJunk(files()))),
      await writeTarball(target('files.tar.gz'), gzipped(files())),
      path.join(target('plain'), 'train-images-idx3-ubyte'),
      path.join(target('packed'), 'train-images-idx3-ubyte.gz'),
    ];
    for (const source of sources) {
      expect([source, (await made(source)).dataset]).toEqual([source, dataset]);
    }
  });

  test('go through the fit where a size is asked for', async () => {
    const { dataset, outDir } = await made(folderOf(files()), { size: 20, fit: 'stretch' });
    const { shape, train } = await readStored({ dataset, datasetDir: outDir });
    expect(shape).toEqual([20, 20, 1]);
    const image = plainPixels({ data: imageOf(4), width, height, channels: 1 });
    const asked = { size: 20, fit: 'stretch' } as const;
    expect(imageRange(train.images, 4, 5)).toEqual(fitted(image, asked));
  });

  test('of EMNIST are turned, and their classes named by their labels', async () => {
    const { dataset, outDir, classes, notes } = await made(folderOf(files('emnist-letters-', 1)));
    expect(classes.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(notes).toEqual([
      'The classes are named as those of EMNIST (letters), known by the names of the files.',
      'The labels begin at 1, which is class 0 here.',
      'The files of EMNIST (letters) have rows and columns exchanged: the images are turned upright.',
    ]);
    const { train } = await readStored({ dataset, datasetDir: outDir });
    const stored = imageOf(1);
    const turned = Uint8Array.from(stored, (_, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return stored[x * width + y] ?? 0;
    });
    expect(imageRange(train.images, 1, 2)).toEqual(turned);
    const balanced = await made(folderOf(pairs('emnist-balanced-', [9, 10, 36, 46])));
    expect(balanced.classes.map(({ name }) => name)).toEqual(['9', 'A', 'a', 't']);
    const byClass = await made(folderOf(pairs('emnist-byclass-', [35, 36, 61])));
    expect(byClass.classes.map(({ name }) => name)).toEqual(['Z', 'a', 'z']);
  });

  test('of MNIST’s names are known by their folder, if their labels fit it', async () => {
    const place = path.join(temporary(), 'FashionMNIST', 'raw');
    const fashion = await made(await writeFolder(place, gzipped(files())));
    expect(fashion.classes.map(({ name }) => name)).toEqual([
      ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress'],
    ]);
    expect(fashion.notes[0]).toContain('those of Fashion-MNIST, known by the name of the folder');
    const zip = await writeZipFile(path.join(temporary(), 'kmnist.zip'), files());
    expect((await made(zip)).classes.map(({ name }) => name)).toEqual(['o', 'ki', 'su', 'tsu']);
    const other = path.join(temporary(), 'kmnist');
    const { classes } = await made(await writeFolder(other, new Map(pairs('', [8, 9, 10]))));
    expect(classes.map(({ name }) => name)).toEqual(['8', '9', '10']);
  });

  test('of one split alone are split by seed', async () => {
    const labels = Array.from({ length: 20 }, (_, i) => i % 2);
    const { classes, notes } = await made(folderOf(pair('train', labels)), { validation: 0.3 });
    expect(classes).toEqual([
      { name: '0', train: 7, validation: 3 },
      { name: '1', train: 7, validation: 3 },
    ]);
    expect(notes.join()).toContain('No image was given for validation');
  });

  const without = (name: string) => [...files()].filter(([file]) => file !== name);
  const changed = (name: string, bytes: Buffer) => [...without(name), [name, bytes] as const];
  const images = 'train-images-idx3-ubyte';
  const labels = 't10k-labels-idx1-ubyte';
  test.each<[string, Iterable<readonly [string, Buffer]>, string]>([
    ['without its labels', without(labels), `${labels} is refused: the file is missing`],
    ['of other counts', changed(labels, idx([2], new Uint8Array(2))), 'holds 3 images, and'],
    ['that end early', changed(images, idx([6, 12, 12], new Uint8Array(99))), '99 bytes of'],
    ['that go on', changed(labels, idx([3], new Uint8Array(9))), 'has 9 bytes of values, not 3'],
    ['of other values', changed(images, Buffer.alloc(40, 9)), 'its magic number is'],
    ['that are empty', changed(images, Buffer.alloc(0)), 'ends inside its header'],
    ['of no gzip', changed(images, Buffer.from([0x1f, 0x8b, 1, 2])), 'cannot be unpacked'],
    ['of no pixels', changed(images, idx([6, 0, 12], new Uint8Array(0))), 'are 12 × 0; accepted'],
    [
      'of two sizes',
      changed('t10k-images-idx3-ubyte', idx([3, 12, 10], new Uint8Array(360))),
      'its images are 10 × 12, not 12 × 12',
    ],
    ['of two tests', [...files(), ...pair('test', [1])], 'are of one split'],
    [
      'of several sets',
      [...files('emnist-mnist-'), ...files()],
      'one without a name, emnist-mnist',
    ],
  ])('%s are refused by name', async (_, all, why) => {
    expect((await refusal(folderOf(all))).message).toContain(why);
  });

  test('one of several sets is meant by a file of it', async () => {
    const folder = folderOf([...files('emnist-mnist-'), ...files('emnist-letters-', 1)]);
    const { classes } = await made(path.join(folder, 'emnist-letters-train-images-idx3-ubyte'));
    expect(classes.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    const odd = folderOf(pairs('', [0, 1]));
    writeFileSync(path.join(odd, images), idx([2, 6, 12], new Uint8Array(144)));
    writeFileSync(path.join(odd, 't10k-images-idx3-ubyte'), idx([2, 6, 12], new Uint8Array(144)));
    expect((await refusal(odd)).message).toContain('12 × 6, which have no side of their own');
    expect((await made(odd, { size: 8 })).settings.size).toBe(8);
  });
});

/** The files of a set whose two splits have these labels. */
const pairs = (set: string, labels: readonly number[]): [string, Buffer][] => [
  ...pair(`${set}train`, labels),
  ...pair(`${set}t10k`, labels),
];
