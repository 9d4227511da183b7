import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { classFolderNames } from '../../../src/engine/datasets/class-folder-names';
import { type Dataset } from '../../../src/engine/datasets/dataset';
import { exportDataset } from '../../../src/engine/datasets/export-dataset';
import { imageRange, memoryImages } from '../../../src/engine/datasets/image-store';
import { type ImagesResult } from '../../../src/engine/datasets/images/import-images';
import { readStored } from '../../../src/engine/datasets/stored';
import { ZipTree } from '../../../src/engine/datasets/zip-tree';
import { ownImagesSchema } from '../../../src/shared/catalogue/own-images';
import { masksFile } from '../../../src/shared/dataset-masks';
import { datasetManifestFile } from '../../../src/shared/dataset-archive';
import { ownFolder, shapesFolder } from '../../fixtures/own';
import { writeFolder } from '../../fixtures/tiny-imagenet';
import { folderOf, made, refusal } from './images/support';
import { temporary } from './support';

const about = {
  name: 'Shapes',
  licence: 'CC0',
  citation: 'Anon, “Shapes”, 2026',
  images: null,
};
const file = 'shapes.zip';

type Made = ImagesResult & { outDir: string };

/** The archive of a dataset that was imported. */
async function exported({ dataset, outDir, settings }: Made): Promise<string> {
  const folder = temporary();
  const stored = await readStored({ dataset, datasetDir: outDir });
  await exportDataset({
    ...{ dataset: stored, datasetDir: outDir, outDir: folder, file },
    about: { ...about, images: settings },
  });
  return path.join(folder, file);
}

/** A small image of one colour. */
const dot = (r: number, side: number) =>
  sharp({ create: { width: side, height: 9, channels: 3, background: { r, g: 40, b: 9 } } })
    .png()
    .toBuffer();

async function unpacked(archive: string): Promise<string> {
  const tree = await ZipTree.open(archive);
  const files = new Map<string, Uint8Array>();
  const walk = async (folder: string): Promise<void> => {
    const listing = await tree.list(folder);
    const within = (name: string) => (folder === '' ? name : `${folder}/${name}`);
    for (const name of listing?.files ?? []) {
      files.set(within(name), await tree.read(within(name), 2 ** 20));
    }
    for (const name of listing?.folders ?? []) await walk(within(name));
  };
  await walk('');
  await tree.close();
  return folderOf(files);
}

describe('the archive of a dataset', () => {
  test('brings its masks', async () => {
    const before = await made(shapesFolder, { masks: path.join(ownFolder, 'masks'), fit: 'pad' });
    const after = await made(await exported(before));
    expect(after).toMatchObject({ dataset: before.dataset, masks: before.masks, refused: [] });
    expect(readFileSync(path.join(after.outDir, masksFile))).toEqual(
      readFileSync(path.join(before.outDir, masksFile)),
    );
  });

  test('comes in as the same dataset, packed or not, and is the same archive again', async () => {
    const before = await made(shapesFolder, { size: 40, fit: 'pad' });
    const archive = await exported(before);
    const after = await made(archive);
    expect(after.dataset).toBe(before.dataset);
    expect(after.files.slice(1)).toEqual(before.files.slice(1));
    expect(after.stated).toMatchObject({ name: 'Shapes', licence: 'CC0' });
    expect(after.settings).toEqual(before.settings);
    expect(after.refused).toEqual([]);
    const folder = await unpacked(archive);
    expect((await made(folder)).dataset).toBe(before.dataset);
    const again = await exported(after);
    expect(await ZipTree.open(again).then((tree) => tree.list('train'))).toEqual({
      files: new Set(),
      folders: new Set(['cross', 'disc', 'square', 'triangle']),
    });
    // Another size is another dataset.
    expect((await made(archive, { size: 20 })).dataset).not.toBe(before.dataset);
  });

  test('keeps an order that no path gives, colours, gray, and names that no folder takes', async () => {
    const name = fc.stringMatching(/^[a-zA-Zäß字./:," -]{1,6}$/);
    const unlike = (text: string) => text.trim().replaceAll(/ +/g, ' ').normalize();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { minLength: 2, maxLength: 4, selector: unlike }),
        fc.constantFrom('crop', 'stretch', 'pad'),
        fc.boolean(),
        fc.array(
          fc.record({ red: fc.integer({ max: 255, min: 0 }), side: fc.constantFrom(9, 13) }),
          {
            minLength: 6,
            maxLength: 12,
          },
        ),
        async (names, fit, grayscale, images) => {
          fc.pre(names.every((each) => unlike(each) !== ''));
          const files = new Map<string, Buffer | string>();
          const lines = ['path,label'];
          for (const [i, { red, side }] of images.entries()) {
            files.set(`${i}.png`, await dot(red, side));
            const label = names[i % names.length] ?? '';
            lines.push(`${i}.png,"${label.replaceAll('"', '""')}"`);
          }
          files.set('list.csv', lines.join('\n'));
          const before = await made(folderOf(files), { size: 8, fit, grayscale });
          const after = await made(await exported(before));
          expect(after.dataset).toBe(before.dataset);
          expect(after.classes).toEqual(before.classes);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('of images that are no squares comes in at a size that is asked for, never at one of its own', async () => {
    const split = (labels: readonly number[]) => ({
      images: memoryImages(new Uint8Array(labels.length * 8 * 12 * 3).fill(90), 8 * 12 * 3),
      labels: Uint8Array.from(labels),
      count: labels.length,
    });
    const dataset: Dataset = {
      ...{ shape: [8, 12, 3] as const, classes: ['a', 'b'], files: [] },
      ...{ train: split([0, 1]), validation: split([0]) },
    };
    const folder = temporary();
    await exportDataset({ ...{ dataset, datasetDir: folder, outDir: folder, file }, about });
    const archive = path.join(folder, file);
    const refused = await refusal(archive);
    expect(refused.data).toMatchObject({ code: 'invalid-input', field: 'size' });
    expect(refused.message).toContain('images of 12 × 8');
    const { settings } = await made(archive, { size: 16, fit: 'pad' });
    expect(settings).toMatchObject({ size: 16, fit: 'pad' });
  });

  test('keeps the classes of a known dataset in their order, those of one name apart', async () => {
    const classes = ['tabby', 'crane', 'crane', 'a/b'];
    const bytes = Uint8Array.from({ length: 8 * 8 * 8 }, (_, i) => (i * 7) % 256);
    const split = (labels: readonly number[]) => ({
      images: memoryImages(bytes.subarray(0, labels.length * 64), 64),
      labels: Uint8Array.from(labels),
      count: labels.length,
    });
    const dataset: Dataset = {
      ...{ shape: [8, 8, 1] as const, classes, files: [] },
      ...{ train: split([3, 0, 2, 1, 3]), validation: split([2, 0]) },
    };
    const folder = temporary();
    const images = ownImagesSchema.parse({ size: 8, grayscale: true });
    await exportDataset({
      ...{ dataset, datasetDir: folder, outDir: folder, file },
      about: { ...about, images },
    });
    const after = await made(path.join(folder, file));
    const read = await readStored({ dataset: after.dataset, datasetDir: after.outDir });
    expect(read.classes).toEqual(['tabby', 'crane', 'crane (2)', 'a/b']);
    for (const part of ['train', 'validation'] as const) {
      const { count, labels } = dataset[part];
      expect([...read[part].labels]).toEqual([...labels]);
      expect(imageRange(read[part].images, 0, count)).toEqual(
        imageRange(dataset[part].images, 0, count),
      );
    }
  });

  test('is refused by name where its list is gone or its manifest is none', async () => {
    const folder = await unpacked(await exported(await made(shapesFolder, { size: 8 })));
    const with_ = (files: Record<string, string>) =>
      writeFolder(
        path.join(temporary(), 'changed'),
        new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
      );
    const none = await refusal(await with_({ [datasetManifestFile]: '{', 'a/b.txt': '' }));
    expect(none.message).toContain(`${datasetManifestFile} is refused: it is no JSON`);
    const later = { [datasetManifestFile]: '{"format":"saliency-studio/dataset/2"}' };
    expect((await refusal(await with_(later))).message).toContain('format');
    const alone = readFileSync(path.join(folder, datasetManifestFile), 'utf8');
    expect((await refusal(await with_({ [datasetManifestFile]: alone }))).message).toContain(
      'images.csv is refused: the file is missing',
    );
  });

  test('leaves nothing where it was cancelled', async () => {
    const { dataset, outDir } = await made(path.join(ownFolder, 'labels.csv'), { size: 8 });
    const stored = await readStored({ dataset, datasetDir: outDir });
    const folder = temporary();
    const stop = new AbortController();
    const report = ({ done }: { done: number }) => done > 20 && stop.abort();
    await expect(
      exportDataset({
        ...{ dataset: stored, datasetDir: outDir, about, outDir: folder, file, report },
        signal: stop.signal,
      }),
    ).rejects.toThrow('cancelled');
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('folders of classes are what every file system takes, and no two are one', () => {
  const names = ['Cat', 'cat', 'a/b', 'a:b', 'con', '.hidden', 'end.', '字'.repeat(150), '..'];
  const folders = classFolderNames(names);
  expect(folders.slice(0, 7)).toEqual(['Cat', 'cat-2', 'a_b', 'a_b-2', '_con', '_hidden', 'end_']);
  expect(Buffer.byteLength(folders[7] ?? '')).toBeLessThanOrEqual(200);
  expect(new Set(folders.map((folder) => folder.toLowerCase())).size).toBe(names.length);
});
