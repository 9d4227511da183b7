import { readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeJpeg } from '../../../src/engine/datasets/jpeg';
import { readDataset } from '../../../src/engine/datasets/read';
import { verifyStored } from '../../../src/engine/datasets/stored';
import { valueAt } from '../../../src/shared/checked-reads';
import { storedDatasetSchema } from '../../../src/shared/stored-dataset';
import { pattern } from '../../fixtures/patterns';
import {
  type ArchiveFiles,
  jpegOf,
  tinyImagenetFiles,
  wnid,
  writeFolder,
  writeZipFile,
} from '../../fixtures/tiny-imagenet';
import { content, imported, placeOf, refused, temporary } from './support';

let files: ArchiveFiles;
beforeAll(async () => {
  files = await tinyImagenetFiles();
});

const root = 'tiny-imagenet-200';
const top = (name: string) => `${root}/${name}`;
const zipOf = (change: (copy: ArchiveFiles) => void = () => undefined) => {
  const copy = new Map(files);
  change(copy);
  return writeZipFile(path.join(temporary(), `${root}.zip`), copy);
};
const textOf = (name: string) => String(files.get(top(name)));
const shape = [64, 64, 3] as const;

test('images, labels and names in the order of the archive’s lists', async () => {
  const { outDir, classes, train, validation } = await imported('tiny-imagenet', await zipOf());
  expect([train, validation]).toEqual([48, 20]);
  expect(classes).toEqual([
    { id: wnid(0), name: 'goldfish' },
    { id: wnid(1), name: 'Egyptian cat' },
    { id: wnid(2), name: 'school bus' },
    { id: wnid(3), name: 'lemon' },
  ]);
  const found = content(outDir);
  const labels = Array.from({ length: 48 }, (_, i) => Math.floor(i / 12));
  expect([...(found['train.labels'] ?? [])]).toEqual(labels);
  expect([...(found['validation.labels'] ?? [])]).toEqual(
    Array.from({ length: 20 }, (_, i) => i % 4),
  );
  // Image 10 of class 2 comes after image 9, not after image 1.
  const jpeg = files.get(top(`train/${wnid(2)}/images/${wnid(2)}_10.JPEG`)) ?? Buffer.alloc(0);
  const place = (2 * 12 + 10) * 12_288;
  const pixels = await decodeJpeg(jpeg, 'one', shape);
  expect(found['train.images']?.subarray(place, place + 12_288).equals(pixels)).toBe(true);
  const list = storedDatasetSchema.parse(JSON.parse(String(found['dataset.json'])));
  expect(list).toMatchObject({ complete: false, source: { kind: 'archive', published: false } });
  const dataset = await readDataset(placeOf('tiny-imagenet', outDir));
  expect(dataset.classes).toEqual(['goldfish', 'Egyptian cat', 'school bus', 'lemon']);
});

test('the folder, wherever its top is, gives what the zip gives', async () => {
  const zip = await imported('tiny-imagenet', await zipOf());
  const parent = await writeFolder(temporary(), files);
  // What other programs leave in folders is no part of the archive.
  writeFileSync(path.join(parent, top('val/images/.DS_Store')), '');
  for (const folder of [parent, path.join(parent, root)]) {
    const made = content((await imported('tiny-imagenet', folder)).outDir);
    const { 'dataset.json': list, ...store } = made;
    const { 'dataset.json': ziplist, ...zipped } = content(zip.outDir);
    expect(store).toEqual(zipped);
    expect(String(list).replace(/"source"[^}]*}/, '')).toBe(
      String(ziplist).replace(/"source"[^}]*}/, ''),
    );
  }
});

test('a subset by name, synonym or WordNet id', async () => {
  const source = await zipOf();
  const subset = { classes: ['Carassius auratus', wnid(3)], perClass: 5 };
  const { classes, train, validation, outDir } = await imported('tiny-imagenet', source, {
    subset,
  });
  expect(classes.map(({ name }) => name)).toEqual(['goldfish', 'lemon']);
  expect([train, validation]).toEqual([10, 10]);
  const all = content((await imported('tiny-imagenet', source)).outDir)['train.images'];
  const own = content(outDir)['train.images'];
  const bytes = 5 * 12_288;
  expect(own?.subarray(0, bytes).equals(all?.subarray(0, bytes) ?? own)).toBe(true);
  await refused('tiny-imagenet', source, 'invalid-input', 'subset.classes.0 is "wolf"', {
    subset: { classes: ['wolf', 'lemon'], perClass: null },
  });
});

test('classes of the same first synonym are told apart by their ids', async () => {
  const source = await zipOf((copy) => {
    const words = textOf('words.txt').replace('lemon', 'goldfish, another');
    copy.set(top('words.txt'), Buffer.from(words));
  });
  const { classes } = await imported('tiny-imagenet', source);
  expect(classes[0]?.name).toBe(`goldfish (${wnid(0)})`);
  expect(classes[3]?.name).toBe(`goldfish (${wnid(3)})`);
});

test('names of classes are in plain text, and found by any spelling that looks the same', async () => {
  const source = await zipOf((copy) => {
    const words = textOf('words.txt').replace(
      'goldfish',
      '\u00a0poisson dore\u0301\u2003, golden fish',
    );
    copy.set(top('words.txt'), Buffer.from(words));
  });
  const { classes } = await imported('tiny-imagenet', source);
  expect(classes[0]?.name).toBe('poisson dor\u00e9');
  const two = ['POISSON\u00a0DORE\u0301', wnid(1)];
  const subset = { classes: two, perClass: null };
  const chosen = await imported('tiny-imagenet', source, { subset });
  expect(chosen.classes.map(({ name }) => name)[0]).toBe('poisson dor\u00e9');
});

test('names of classes are read in UTF-16 and with the line ends of old Macs as well', async () => {
  const words = textOf('words.txt').replace('lemon', 'Grüne Zitrone, Zitrus');
  for (const bytes of [
    Buffer.from(`\ufeff${words}`, 'utf16le'),
    Buffer.from(words.replaceAll('\n', '\r')),
  ]) {
    const source = await zipOf((copy) => copy.set(top('words.txt'), bytes));
    const { classes } = await imported('tiny-imagenet', source);
    expect(classes[3]?.name).toBe('Grüne Zitrone');
    expect(classes[0]?.name).toBe('goldfish');
  }
});

describe('colours', () => {
  const pixels = pattern(64, 1, 0, 1);

  test('grayscale is the same in all channels', async () => {
    const jpeg = await jpegOf(pixels, 64, 'gray');
    expect((await sharp(jpeg).metadata()).channels).toBe(1);
    const rgb = await decodeJpeg(jpeg, 'gray', shape);
    const stored = await sharp(jpeg).toColourspace('b-w').raw().toBuffer();
    expect(rgb).toHaveLength(12_288);
    expect(rgb.every((value, i) => value === stored[Math.floor(i / 3)])).toBe(true);
  });

  test('CMYK becomes the product of complements', async () => {
    // Flat colours, which JPEG keeps: 70% cyan on 20% black.
    const ink = Buffer.alloc(64 * 64 * 4).map((_, i) => [179, 0, 0, 51][i % 4] ?? 0);
    const raw = { width: 64, height: 64, channels: 4 } as const;
    const jpeg = await sharp(ink, { raw })
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer()
      .catch(() => null);
    const own = jpeg ?? (await jpegOf(pixels, 64, 'cmyk'));
    expect((await sharp(own).metadata()).space).toBe('cmyk');
    const planes = await sharp(own)
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .raw()
      .toBuffer();
    const rgb = await decodeJpeg(own, 'cmyk', shape);
    for (let i = 0; i < 4096; i += 1) {
      const black = valueAt(planes, 4 * i + 3);
      for (let c = 0; c < 3; c += 1) {
        const product = ((255 - valueAt(planes, 4 * i + c)) * (255 - black)) / 255;
        expect(Math.abs(valueAt(rgb, 3 * i + c) - product)).toBeLessThanOrEqual(0.5);
      }
    }
  });
});

describe('refused', () => {
  const image = `train/${wnid(1)}/images/${wnid(1)}_4.JPEG`;
  const boxes = `train/${wnid(1)}/${wnid(1)}_boxes.txt`;
  const annotations = 'val/val_annotations.txt';
  const set = (name: string, text: string | Buffer) => (copy: ArchiveFiles) =>
    void copy.set(top(name), Buffer.from(text));
  const remove = (name: string) => (copy: ArchiveFiles) => void copy.delete(top(name));

  test.each<[string, (copy: ArchiveFiles) => void, string]>([
    ['no class names', remove('words.txt'), 'words.txt is refused'],
    ['a class without a name', set('words.txt', `${wnid(0)}\tgoldfish\n`), 'it does not name'],
    [
      'a class whose name holds what nobody sees',
      (copy) => set('words.txt', textOf('words.txt').replace('goldfish', 'gold\u200bfish'))(copy),
      'gold[U+200B]fish, holds invisible characters',
    ],
    [
      'class names in an encoding that is not known',
      (copy) =>
        set(
          'words.txt',
          Buffer.from(textOf('words.txt').replace('lemon', 'lim\u00e3o'), 'latin1'),
        )(copy),
      'words.txt is refused: it is not UTF-8 or UTF-16 (byte E3 in line 4)',
    ],
    ['no boxes list', remove(boxes), `${wnid(1)}_boxes.txt is refused`],
    ['no annotations', remove(annotations), `${annotations} is refused`],
    ['an image missing', remove(image), `${image} is refused: it is missing`],
    ['an image not listed', set(`${image}.jpeg`, 'x'), `${image}.jpeg is refused`],
    [
      'a class listed twice',
      (copy) => set('wnids.txt', `${textOf('wnids.txt')}${wnid(0)}\n`)(copy),
      'twice',
    ],
    [
      'a class without a folder',
      (copy) => {
        set('wnids.txt', `${textOf('wnids.txt')}n1\n`)(copy);
        set('words.txt', `${textOf('words.txt')}n1\tthing\n`)(copy);
      },
      'train/n1 is refused',
    ],
    ['a folder without a class', set('train/n1/n1_boxes.txt', ''), 'train/n1 is refused'],
    [
      'an image listed twice',
      (copy) => set(boxes, textOf(boxes).repeat(2))(copy),
      `it lists ${wnid(1)}_0.JPEG twice`,
    ],
    ['an id that is a path', set('wnids.txt', '../x\ny\n'), 'no WordNet id'],
    ['a listed path', set(boxes, '../../secret.JPEG\t0\t0\t1\t1\n'), 'no file name'],
    ['an unknown class', set(annotations, 'val_0.JPEG\tn1\t0\t0\t1\t1\n'), 'the class n1'],
    ['a line without a class', set(annotations, 'val_0.JPEG\n'), 'no line of such a list'],
    ['an image that is none', set(image, 'hello'), `${image} is refused: it is not a JPEG image`],
    ['an SVG', set(image, '<svg xmlns="http://www.w3.org/2000/svg"/>'), 'not a JPEG image'],
    [
      'a truncated image',
      (copy) => set(image, (files.get(top(image)) ?? Buffer.alloc(0)).subarray(0, -600))(copy),
      `${image} is refused: it is not a readable image`,
    ],
    [
      'an image too large in bytes',
      set(image, Buffer.alloc(2 ** 20 + 1)),
      'larger than 1,048,576 bytes',
    ],
  ])('an archive with %s', async (_, change, text) => {
    await refused('tiny-imagenet', await zipOf(change), 'corrupt-file', text);
  });

  test('an image of another size', async () => {
    const jpeg = await jpegOf(pattern(65, 1, 1, 1), 65, 'rgb');
    const source = await zipOf(set(image, jpeg));
    const text = `${image} is refused: its image is 65 × 65 pixels, not 64 × 64`;
    await refused('tiny-imagenet', source, 'corrupt-file', text);
  });

  test('a truncated archive', async () => {
    const source = await zipOf();
    writeFileSync(source, readFileSync(source).subarray(0, 100_000));
    await refused('tiny-imagenet', source, 'corrupt-file', `${root}.zip is refused`);
  });

  test('wrong datasets and containers', async () => {
    const other = await writeZipFile(
      path.join(temporary(), 'other.zip'),
      new Map([['cifar/data_batch_1.bin', Buffer.from('x')]]),
    );
    await refused('tiny-imagenet', other, 'invalid-input', 'a zip file without wnids.txt');
    await refused('tiny-imagenet', temporary(), 'invalid-input', 'a folder without wnids.txt');
  });

  test('symbolic links in a folder', async () => {
    const folder = await writeFolder(temporary(), files);
    unlinkSync(path.join(folder, top(image)));
    symlinkSync('/etc/passwd', path.join(folder, top(image)));
    await refused('tiny-imagenet', folder, 'corrupt-file', `${image} is refused: it is a symbolic`);
  });

  test('what the zip’s own list says: links, ways out, doubles, bombs', async () => {
    /** Change the archive's bytes: names and numbers of its headers have known places. */
    const patched = async (edit: (bytes: Buffer) => void) => {
      const source = await zipOf();
      const bytes = readFileSync(source);
      edit(bytes);
      writeFileSync(source, bytes);
      return source;
    };
    /** Start of the list's record of a file. */
    const record = (bytes: Buffer, name: string) => bytes.lastIndexOf(Buffer.from(name)) - 46;
    const bad = (source: string, text: string) =>
      refused('tiny-imagenet', source, 'corrupt-file', text);
    const rename = (to: (name: string) => string) =>
      patched((bytes) => bytes.write(to(top(image)), record(bytes, top(image)) + 46));
    await bad(await rename((name) => `../..${name.slice(5)}`), '../..');
    await bad(await rename((name) => `/${name.slice(1)}`), 'absolute path');
    await bad(await rename((name) => name.replace('_4', '_5')), '_5.JPEG is refused: it is in');
    await bad(
      await patched((bytes) => bytes.writeUInt16LE(0o120777, record(bytes, top(image)) + 40)),
      `${image} is refused: it is a symbolic link`,
    );
    // Declares fewer bytes than it unpacks to, then more than it may have.
    await bad(
      await patched((bytes) => bytes.writeUInt32LE(10, record(bytes, top(image)) + 24)),
      `${image} is refused`,
    );
    await bad(
      await patched((bytes) => bytes.writeUInt32LE(2 ** 31, record(bytes, top(image)) + 24)),
      `${image} is refused`,
    );
    await bad(
      await patched((bytes) => bytes.writeUInt16LE(1, record(bytes, top(image)) + 8)),
      `${image} is refused: it is encrypted`,
    );
    await bad(
      await patched((bytes) => bytes.writeUInt32LE(1, record(bytes, top(image)) + 16)),
      `${image} is refused: its CRC-32 is wrong`,
    );
  });
});

test('a stored dataset is verified against its list', async () => {
  const { outDir } = await imported('tiny-imagenet', await zipOf());
  const seen: number[] = [];
  await verifyStored(placeOf('tiny-imagenet', outDir), { report: (done) => seen.push(done) });
  expect(seen.at(-1)).toBe(68 * 12_289);
  const corrupt = (text: string) => ({
    data: { code: 'corrupt-file', message: expect.stringContaining(text) as string },
  });
  const file = path.join(outDir, 'train.images');
  const bytes = readFileSync(file);
  bytes[5000] = valueAt(bytes, 5000) ^ 1;
  writeFileSync(file, bytes);
  // Opening does not read the images; verifying does.
  await readDataset(placeOf('tiny-imagenet', outDir));
  await expect(verifyStored(placeOf('tiny-imagenet', outDir))).rejects.toMatchObject(
    corrupt('train.images is damaged: its SHA-256'),
  );
  writeFileSync(file, bytes.subarray(1));
  await expect(readDataset(placeOf('tiny-imagenet', outDir))).rejects.toMatchObject(
    corrupt('train.images is damaged: it has 589823 bytes, not 589824'),
  );
  writeFileSync(path.join(outDir, 'train.labels'), new Uint8Array(48).fill(9));
  writeFileSync(file, bytes);
  await expect(readDataset(placeOf('tiny-imagenet', outDir))).rejects.toMatchObject(
    corrupt('train.labels'),
  );
  writeFileSync(path.join(outDir, 'dataset.json'), '{}');
  await expect(readDataset(placeOf('tiny-imagenet', outDir))).rejects.toMatchObject(
    corrupt('dataset.json'),
  );
  await expect(readDataset(placeOf('tiny-imagenet', temporary()))).rejects.toMatchObject({
    data: {
      code: 'dataset-missing',
      message: expect.stringContaining('tiny-imagenet is not installed') as string,
    },
  });
});
