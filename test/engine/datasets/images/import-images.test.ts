import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStored, verifyStored } from '../../../../src/engine/datasets/stored';
import { imageRange } from '../../../../src/engine/datasets/image-store';
import { decodeImage } from '../../../../src/engine/datasets/images/decode';
import { fitted } from '../../../../src/engine/datasets/images/fit';
import { StudioError } from '../../../../src/shared/errors';
import { importedImagesFile, importedImagesSchema } from '../../../../src/shared/imported-images';
import { writeTarball } from '../../../fixtures/cifar10';
import { filesIn, ownFolder, shapesFolder } from '../../../fixtures/own';
import { within, withJunk } from '../../../fixtures/packers';
import { type ArchiveFiles, writeFolder, writeZipFile } from '../../../fixtures/tiny-imagenet';
import { temporary } from '../support';
import { dot, folderOf, made, refusal } from './support';

const classes = ['cross', 'disc', 'square', 'triangle'];
const notes = 'train/disc/notes.txt';
const notAnImage = 'it is not a JPEG, PNG, WebP, GIF or TIFF image';

async function writeTar(target: string, files: ArchiveFiles): Promise<string> {
  const packed = await writeTarball(`${target}.gz`, files);
  writeFileSync(target, gunzipSync(readFileSync(packed)));
  return target;
}

describe('the shapes', () => {
  test('come in by their folders, each image in its place', async () => {
    const reports: unknown[] = [];
    const found = await made(shapesFolder, { report: (progress) => reports.push(progress) });
    expect(found.dataset).toMatch(/^images-[0-9a-f]{16}$/);
    expect(found.classes).toEqual(classes.map((name) => ({ name, train: 25, validation: 10 })));
    expect(found.refused).toEqual([{ path: notes, reason: notAnImage }]);
    expect(found.notes).toEqual([]);
    expect(reports.at(-1)).toEqual({ done: 140, total: 140, unit: 'images' });
    const place = { dataset: found.dataset, datasetDir: found.outDir };
    await verifyStored(place);
    const { shape, classes: names, train, validation } = await readStored(place);
    expect([shape, names, train.count, validation.count]).toEqual([[64, 64, 3], classes, 100, 40]);
    const files = [...filesIn(path.join(shapesFolder, 'train')).keys()]
      .filter((name) => !name.endsWith('.txt'))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(files).toHaveLength(100);
    for (const [i, file] of files.entries()) {
      const bytes = readFileSync(path.join(shapesFolder, 'train', file));
      const image = await decodeImage(bytes, { channels: 3, turned: true });
      expect(imageRange(train.images, i, i + 1)).toEqual(fitted(image, { fit: 'crop', size: 64 }));
      expect(names[train.labels[i] ?? -1]).toBe(file.split('/')[0]);
    }
    const report = readFileSync(path.join(found.outDir, importedImagesFile), 'utf8');
    const { dataset, refused } = found;
    expect(importedImagesSchema.parse(JSON.parse(report))).toMatchObject({ dataset, refused });
  });

  test('are one dataset as a folder, a ZIP, a tar, a tar.gz and a list, whatever lies beside them', async () => {
    const folder = temporary();
    const files = filesIn(shapesFolder);
    const wrapped = within('some/where', withJunk(files));
    const { dataset, files: stored } = await made(shapesFolder);
    const sources = [
      await writeZipFile(path.join(folder, 'plain.zip'), files),
      await writeZipFile(path.join(folder, 'wrapped.zip'), wrapped),
      await writeTarball(path.join(folder, 'shapes.tar.gz'), files),
      await writeTar(path.join(folder, 'wrapped.tar'), wrapped),
      await writeFolder(path.join(folder, 'copy'), wrapped),
      path.join(ownFolder, 'labels.csv'),
    ];
    for (const source of sources) {
      const found = await made(source);
      expect([source, found.dataset]).toEqual([source, dataset]);
      expect(found.files.slice(1)).toEqual(stored.slice(1));
    }
    const byList = await made(ownFolder, { labels: path.join(ownFolder, 'labels.csv') });
    expect(byList.dataset).toBe(dataset);
    // A list within an archive is found there.
    const images = new Map(
      [...filesIn(ownFolder)].filter(([name]) => /^(shapes|masks|labels\.csv$)/.test(name)),
    );
    const packed = await writeZipFile(path.join(folder, 'list.zip'), images);
    expect(await made(packed)).toMatchObject({ dataset, refused: [] });
  });

  test('are split by seed where a spreadsheet’s list has no split, as a folder of classes is', async () => {
    const found = await made(path.join(ownFolder, 'labels-spreadsheet.csv'));
    expect(found.classes).toEqual(classes.map((name) => ({ name, train: 28, validation: 7 })));
    const merged: ArchiveFiles = new Map();
    for (const [name, bytes] of filesIn(shapesFolder)) {
      const [split = '', className = '', ...rest] = name.split('/');
      // So that the order of paths is that of the list.
      merged.set(`${className}/${split}/${rest.join('/')}`, bytes);
    }
    const folder = await made(await writeFolder(path.join(temporary(), 'merged'), merged));
    expect(folder.classes).toEqual(found.classes);
  });

  test('are others with another fit, size, split or colour, and the same under the same', async () => {
    const source = path.join(ownFolder, 'labels-spreadsheet.csv');
    const ids = new Map<string, string>();
    for (const asked of [
      {},
      { fit: 'pad' },
      { fit: 'stretch' },
      { size: 32 },
      { grayscale: true },
      { seed: 1 },
      { validation: 0.5 },
    ] as const) {
      const { dataset } = await made(source, asked);
      expect((await made(source, asked)).dataset).toBe(dataset);
      ids.set(dataset, JSON.stringify(asked));
    }
    expect(ids.size).toBe(7);
  });
});

describe('what is refused', () => {
  test('are the wrong lines of a list, each by its number', async () => {
    const error = await refusal(path.join(ownFolder, 'labels-wrong.csv'));
    expect(error.message).toMatch(/^labels-wrong\.csv is refused: line 3: /);
    expect(error.data.details).toEqual({
      file: 'labels-wrong.csv',
      'line 3': 'there is no file shapes/train/disc/not-there.png',
      'line 4': 'the path ../own/shapes/train/disc/disc_01.png leads out of the folder',
      'line 5': 'the path /etc/passwd is absolute',
      'line 6': 'shapes/train/disc/disc_02.png has no label',
      'line 7': 'its split is "sometimes"; accepted: train, val, validation or test',
      'line 8': 'there is no mask masks/none.png',
      'line 9': 'shapes/train/disc/notes.txt is no image',
      'line 10': 'shapes/train/cross/cross_00.png is listed twice',
    });
  });

  test('is what cannot be a list', async () => {
    const image = ['a.png', await dot(1)] as const;
    const csv = async (text: string | Uint8Array) =>
      (await refusal(path.join(folderOf([image, ['list.csv', text]]), 'list.csv'))).message;
    expect(await csv('file,class\na.png,x\n')).toContain('does not name these columns');
    expect(await csv('path,label,path\na.png,x,a.png\n')).toContain('the column path twice');
    expect(await csv('path,label\n')).toContain('it lists no image');
    expect(await csv('path,label\n"a.png,x\n')).toMatch(/line \d+ has a quote/);
    expect(await csv('path,label\n"a\n.png",x\n')).toContain('line 2 has a line break');
    expect(await csv(Buffer.from('path,label\na.png,caf\xe9\n', 'latin1'))).toContain('UTF-8');
    expect(await csv('path,label\na.png,x\u200b\n')).toContain('invisible');
    expect(await csv('path,label\na.png,x\n')).toContain('its only class is x');
    const folder = folderOf([image, ['a.csv', 'path,label\na.png,x\n'], ['b.csv', 'path,label\n']]);
    expect((await refusal(folder)).message).toContain('several lists of labels, a.csv and b.csv');
  });

  test('are files that are no image: listed with their reasons, or all of it if strict', async () => {
    const [one, two] = [await dot(1), await dot(2)];
    const folder = folderOf([
      ['a/1.png', one],
      ['a/2.PNG', two],
      ['a/empty.jpg', ''],
      ['a/cut.png', one.subarray(0, one.length - 20)],
      ['a/read me.md', 'no image'],
      ['a/.hidden.png', 'hidden'],
      ['b/1', one],
      ['b/deeper/2.png', two],
      ['stray.png', one],
      ['README.md', 'of the whole'],
    ]);
    const found = await made(folder, { validation: 0.5 });
    expect(found.refused.map(({ path: file, reason }) => [file, reason.slice(0, 14)])).toEqual([
      ['a/cut.png', 'it is truncate'],
      ['a/empty.jpg', 'it is empty'],
      ['a/read me.md', 'it is not a JP'],
      ['stray.png', 'it lies in no '],
    ]);
    expect(found.classes).toEqual([
      { name: 'a', train: 1, validation: 1 },
      { name: 'b', train: 1, validation: 1 },
    ]);
    const error = await refusal(folder, { validation: 0.5, strict: true });
    expect(error.message).toMatch(
      /^2 files are refused, so nothing was imported: a\/read me\.md: it is .*; stray\.png: .*No image was read yet/,
    );
    expect(error.data.details).toHaveProperty(['stray.png'], 'it lies in no class’s folder');
  });

  test('is a class without an image, by its name', async () => {
    const [one, two] = [await dot(1), await dot(2)];
    const images = [
      ['a/1.png', one],
      ['a/2.png', two],
    ] as const;
    const empty = folderOf(images);
    mkdirSync(path.join(empty, 'b', 'deeper'), { recursive: true });
    expect((await refusal(empty)).message).toBe('b is refused: no image of the class b is in it.');
    const text = folderOf([...images, ['c/notes.txt', 'none']]);
    expect((await refusal(text)).message).toContain('no image of the class c');
    const broken = folderOf([...images, ['c/1.png', ''], ['c/2.png', '']]);
    expect((await refusal(broken)).message).toContain(
      'no training image of the class c can be read (such as c/1.png: it is empty)',
    );
    const untrained = folderOf([
      ['train/a/1.png', one],
      ['val/a/1.png', one],
      ['train/b/1.png', one],
      ['test/c/1.png', two],
    ]);
    expect((await refusal(untrained)).message).toContain('the class c has no training image');
    expect((await refusal(folderOf([['a.png', one]]))).message).toContain('it has no folder for a');
    const single = folderOf([
      ['a/1.png', one],
      ['b/1.png', one],
    ]);
    expect((await refusal(single)).message).toContain('no class has two images');
  });

  test('are splits without classes, but not a class that is called as a split is', async () => {
    const [one, two] = [await dot(1), await dot(2)];
    const folder = folderOf([
      ['train/1.png', one],
      ['test/1.png', two],
    ]);
    expect((await refusal(folder)).message).toContain('it has no folder for a class');
    const vehicles = folderOf([
      ['train/1.png', one],
      ['train/2.png', two],
      ['car/1.png', two],
      ['car/2.png', one],
    ]);
    const { classes: found } = await made(vehicles);
    expect(found.map(({ name }) => name)).toEqual(['car', 'train']);
    const beside = folderOf([
      ...filesIn(shapesFolder),
      ['drafts/train/disc/disc_01.png', one],
      ['train/mine.png', one],
    ]);
    const alone = await made(path.join(shapesFolder, 'train'));
    expect(alone.notes).toEqual([]);
    const whole = filesIn(shapesFolder);
    const training = [...whole].filter(([name]) => name.startsWith('train/'));
    const { notes: split, dataset } = await made(folderOf(training));
    expect(split).toEqual([
      'No image was given for validation: a share of 0.2 of each class is split off.',
    ]);
    expect(dataset).toBe(alone.dataset);
    const third = [...whole].map(([name, bytes]) => {
      return [name.replace('validation/cross', 'test/cross'), bytes] as const;
    });
    const both = await made(folderOf(third));
    expect(both.notes).toEqual(['The images of test and validation validate together.']);
    expect(both.classes.map(({ validation }) => validation)).toEqual([10, 10, 10, 10]);
    const { notes: told, refused } = await made(beside);
    expect(told).toEqual(['Passed over beside the splits: drafts.']);
    expect(refused.map(({ path: file }) => file)).toEqual([notes, 'train/mine.png']);
  });

  test('is what leads out, in folders and archives', async () => {
    const files = filesIn(shapesFolder);
    const archive = (name: string) => path.join(temporary(), name);
    const bad = async (source: string, text: string) =>
      expect((await refusal(source)).message).toContain(text);
    const tar = (name: string, linkname: string | null) =>
      writeTarball(archive('bad.tar.gz'), files, [
        linkname === null ? { name, type: 'file', size: 0 } : { name, type: 'symlink', linkname },
      ]);
    await bad(await tar('../../escape.png', null), '"../../escape.png" leads out');
    await bad(await tar('/etc/escape.png', null), 'leads out of the archive');
    await bad(await tar('train/disc/link.png', '/etc/passwd'), 'a link to /etc/passwd');
    await bad(await tar('train/disc/disc_01.png', null), 'twice');
    const link = folderOf(files);
    symlinkSync('/etc/passwd', path.join(link, 'train', 'disc', 'link.png'));
    await bad(link, 'train/disc/link.png is refused: it is a symbolic link to /etc/passwd');
    const loop = folderOf(files);
    symlinkSync('..', path.join(loop, 'train', 'disc', 'loop'));
    await bad(loop, 'folders deep');
    const cut = await writeZipFile(archive('cut.zip'), files);
    writeFileSync(cut, readFileSync(cut).subarray(0, 5000));
    await bad(cut, 'cut.zip is refused');
    const gz = await writeTarball(archive('cut.tar.gz'), files);
    writeFileSync(gz, readFileSync(gz).subarray(0, 50_000));
    await bad(gz, 'cut.tar.gz is refused: it is truncated or damaged');
    await bad(path.join(shapesFolder, notes), 'accepted: ');
    await bad(path.join(shapesFolder, 'train/disc/disc_01.png'), 'no folder, list or archive');
    await bad(path.join(shapesFolder, 'nowhere'), 'is not there');
  });

  test('is nothing of what was begun when it is cancelled', async () => {
    const abort = new AbortController();
    const report = ({ done }: { done: number }) => {
      if (done === 20) abort.abort();
    };
    const error = await refusal(shapesFolder, { signal: abort.signal, report });
    expect(error.code).toBe('cancelled');
  });
});

test('any tree is one dataset as a folder, as its ZIP, as its tar.gz and as its list', async () => {
  const colours = await Promise.all(Array.from({ length: 6 }, (_, i) => dot(40 * i, 9 * i)));
  const name = fc.constantFrom('a', 'B b', 'ü, "quoted"', 'u\u0308', '-', '\u{1f600}', 'train2');
  const image = fc.record({
    className: name,
    file: fc.tuple(fc.constantFrom('', 'deeper/', 'train/'), name).map((steps) => steps.join('')),
    colour: fc.integer({ min: 0, max: 5 }),
    split: fc.constantFrom('train', 'val'),
  });
  const tree = fc.record({
    images: fc.uniqueArray(image, {
      minLength: 4,
      maxLength: 14,
      selector: ({ className, file }) => `${className.normalize()}/${file.normalize()}`,
    }),
    seed: fc.integer({ min: 0, max: 99 }),
    split: fc.boolean(),
  });
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  let imported = 0;
  await fc.assert(
    fc.asyncProperty(tree, async ({ images, seed, split: stated }) => {
      const placed = images.map(({ className, file, colour, split }) => ({
        className,
        split: stated ? split : '',
        path: `${stated ? `${split}/` : ''}${className}/${file}.png`,
        bytes: colours[colour] ?? Buffer.alloc(0),
      }));
      const files: ArchiveFiles = new Map(placed.map((each) => [each.path, each.bytes]));
      const folder = folderOf(files);
      const lines = placed.map((each) =>
        [each.path, each.className, each.split].map(cell).join(','),
      );
      const elsewhere = temporary();
      const list = path.join(elsewhere, 'list.csv');
      writeFileSync(list, `path,label,split\n${lines.reverse().join('\r\n')}`);
      const asked = { seed, size: 8 };
      const outcome = (source: string, more = {}) =>
        made(source, { ...asked, ...more }).then(
          ({ dataset, classes: found }) => {
            imported += 1;
            return { dataset, found };
          },
          // Too few of a class: the same is refused, whatever it came in.
          (error: unknown) => (error instanceof StudioError ? error.code : String(error)),
        );
      const first = await outcome(folder);
      expect(await outcome(await writeZipFile(path.join(elsewhere, 'a.zip'), files))).toEqual(
        first,
      );
      const tar = await writeTarball(path.join(elsewhere, 'a.tar.gz'), files);
      expect(await outcome(tar)).toEqual(first);
      expect(await outcome(folder, { labels: list })).toEqual(first);
    }),
    { numRuns: 25 },
  );
  expect(imported).toBeGreaterThan(20);
});

test('classes are ordered by code point, images by path, however a list has them', async () => {
  const names = ['b', '\u{1f600}', '\uff5e', 'A', 'é', 'a b'];
  const images = await Promise.all([1, 2, 3].map((value) => dot(value)));
  const rows = names.flatMap((name, i) => [0, 1, 2].map((k) => `${i}/${k}.png,${name}`));
  const files = names.flatMap((_, i) =>
    images.map((bytes, k) => [`${i}/${k}.png`, bytes] as const),
  );
  const folder = folderOf(files);
  const list = path.join(folder, 'list.csv');
  const ids = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(rows, { minLength: rows.length }), async (lines) => {
      writeFileSync(list, `path,label\n${lines.join('\n')}\n`);
      const found = await made(list, { size: 8 });
      expect(found.classes.map(({ name }) => name)).toEqual([
        ...['A', 'a b', 'b', 'é', '\uff5e', '\u{1f600}'],
      ]);
      ids.add(found.dataset);
    }),
    { numRuns: 8 },
  );
  expect(ids.size).toBe(1);
});
