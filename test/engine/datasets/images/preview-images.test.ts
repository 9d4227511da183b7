import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  previewImages,
  type PreviewRequest,
  sampleImages,
} from '../../../../src/engine/datasets/images/preview-images';
import { masksOf } from '../../../../src/engine/datasets/masks/mask-store';
import { SampleFiles } from '../../../../src/engine/datasets/images/sample-files';
import { ownImagesSchema } from '../../../../src/shared/catalogue/own-images';
import { imageNamesFile } from '../../../../src/shared/imported-images';
import { previewedRefusals } from '../../../../src/shared/images-preview';
import { writeTarball } from '../../../fixtures/cifar10';
import { filesIn, ownFolder, shapesFolder } from '../../../fixtures/own';
import { temporary } from '../support';
import { folderOf, made } from './support';

const request = (source: string, asked: Partial<PreviewRequest> = {}): PreviewRequest => ({
  ...{ path: source, labels: null, settings: {}, signal: undefined },
  ...{ outDir: temporary(), kept: new SampleFiles() },
  ...asked,
});

const masksFolder = path.join(ownFolder, 'masks');

describe('a look at images', () => {
  test('shows them as the import makes them, and what it will leave out', async () => {
    const dot = await sharp({ create: { width: 9, height: 12, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const files = new Map<string, Uint8Array | string>();
    for (const name of ['a', 'b']) {
      for (let i = 0; i < 5; i += 1) files.set(`${name}/${i}.png`, dot);
      files.set(`${name}/empty.png`, '');
      files.set(`${name}/cut.png`, dot.subarray(0, 60));
    }
    const many = previewedRefusals + 20;
    for (let i = 0; i < many; i += 1) files.set(`a/n${i}.txt`, 'no image');
    const folder = folderOf(files);
    const settings = { size: 8, fit: 'pad' } as const;
    const seen = await previewImages(request(folder, { settings }));
    expect(seen.refused).toHaveLength(previewedRefusals);
    expect(seen.refusals).toBe(many + 2);
    expect(seen.refused[0]).toEqual({ path: 'a/empty.png', reason: 'it is empty' });
    const cut = seen.samples.filter(({ why }) => why !== null);
    expect(cut.map(({ path: file }) => file)).toEqual(['a/cut.png', 'b/cut.png']);
    expect(cut[0]?.why).toContain('truncated or damaged');
    const sum = seen.classes.reduce(
      (total, { train, validation }) => total + train + validation,
      0,
    );
    expect(sum).toBe(12);
    expect(seen.images.shape).toEqual([10, 8, 8, 3]);
    expect(seen.splitGiven).toBe(false);
    const { refused } = await made(folder, settings);
    expect(refused).toHaveLength(seen.refusals + 2);
  });

  test('opens an archive once, unless it is another by then, and leaves nothing', async () => {
    const folder = temporary();
    const file = path.join(folder, 'shapes.tar.gz');
    await writeTarball(file, filesIn(shapesFolder));
    const asked = request(file);
    const seen = await previewImages(asked);
    expect(readdirSync(asked.outDir)).toEqual([]);
    const files = seen.samples.map((sample) => sample.path);
    const again = { ...asked, files, settings: ownImagesSchema.parse({}) };
    const unpacked: number[] = [];
    const report = ({ done }: { done: number }) => void unpacked.push(done);
    expect(await sampleImages({ ...again, report })).toEqual(seen.images);
    expect(unpacked).toEqual([]);
    await writeTarball(file, new Map([...filesIn(shapesFolder), ['x.txt', Buffer.from('x')]]));
    expect(await sampleImages({ ...again, report })).toEqual(seen.images);
    expect(unpacked.length).toBeGreaterThan(0);
  });

  test('unpacks a tar once for as long as it is looked at, unless it is another by then', async () => {
    const folder = temporary();
    const file = path.join(folder, 'shapes.tar.gz');
    await writeTarball(file, filesIn(shapesFolder));
    const masks = path.join(folder, 'masks.tar.gz');
    await writeTarball(masks, filesIn(masksFolder));
    const stays = path.join(temporary(), 'stays');
    const units = new Set<string>();
    const report = ({ unit }: { unit: string }) => void units.add(unit);
    const look = (asked: Partial<PreviewRequest> = {}) => {
      units.clear();
      return previewImages(request(file, { masks, stays, report, ...asked }));
    };
    const seen = await look();
    expect(units).toEqual(new Set(['bytes', 'files']));
    // Another engine, too: what is unpacked lies on the disk.
    expect(await look()).toEqual(seen);
    expect(units).toEqual(new Set(['files']));
    expect(await previewImages(request(shapesFolder, { masks: masksFolder }))).toEqual({
      ...seen,
      refused: seen.refused,
    });
    await writeTarball(file, new Map([...filesIn(shapesFolder), ['x.txt', Buffer.from('x')]]));
    expect((await look()).samples).toEqual(seen.samples);
    expect(units).toEqual(new Set(['bytes', 'files']));
    const stop = new AbortController();
    await writeTarball(file, filesIn(shapesFolder));
    await expect(look({ signal: stop.signal, report: () => stop.abort() })).rejects.toThrow();
    expect(await look()).toEqual(seen);
    expect(units).toEqual(new Set(['bytes', 'files']));
  });

  test('shows the masks that the import will write, and says which are left out', async () => {
    const settings = { size: 16 } as const;
    const list = path.join(ownFolder, 'labels.csv');
    const seen = await previewImages(request(list, { settings }));
    expect(seen.masks).toEqual({ train: 96, validation: 40 });
    const masked = seen.samples.filter((sample) => sample.masked);
    expect(seen.maskBits.shape).toEqual([masked.length, 32]);
    expect(masked.length).toBeGreaterThan(20);
    const { outDir } = await made(list, settings);
    const names = readFileSync(path.join(outDir, imageNamesFile), 'utf8').trimEnd().split('\n');
    const train = names
      .map((line) => z.tuple([z.string(), z.string()]).parse(JSON.parse(line)))
      .filter(([split]) => split === 'train')
      .map(([, file]) => file);
    for (const [i, { path: file, split }] of masked.entries()) {
      if (split !== 'train') continue;
      const [bits] = await masksOf(outDir, 'train', [train.indexOf(file)]);
      expect([file, seen.maskBits.bits.subarray(32 * i, 32 * (i + 1))]).toEqual([
        file,
        Buffer.from(bits ?? []),
      ]);
    }
    const dot = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const names4 = ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png'];
    const folder = folderOf(names4.map((name) => [name, dot] as const));
    const masks = folderOf([
      ['a/1.png', dot],
      ['a/2.png', dot.subarray(0, 60)],
      ['c/3.png', dot],
    ]);
    const few = await previewImages(request(folder, { masks, settings }));
    expect(few.refused).toEqual([{ path: 'c/3.png', reason: 'it is the mask of no image' }]);
    expect(few.samples.map(({ path: file, masked, maskWhy }) => [file, masked, maskWhy])).toEqual(
      expect.arrayContaining([
        ['a/1.png', true, null],
        ['a/2.png', false, expect.stringContaining('truncated or damaged')],
        ['b/1.png', false, null],
      ]),
    );
    await expect(
      previewImages(request(folder, { masks: path.join(ownFolder, 'labels.csv') })),
    ).rejects.toMatchObject({ data: { field: 'masks' } });
  });

  test('is given up, with what it unpacked', async () => {
    const file = path.join(temporary(), 'shapes.tar.gz');
    await writeTarball(file, filesIn(shapesFolder));
    const stop = new AbortController();
    const asked = request(file, { signal: stop.signal, report: () => stop.abort() });
    await expect(previewImages(asked)).rejects.toThrow('cancelled');
    expect(readdirSync(asked.outDir)).toEqual([]);
  });

  test('reads no file outside the folder', async () => {
    const folder = folderOf([['a/x.txt', 'x']]);
    writeFileSync(path.join(folder, '..', 'secret.png'), 'x');
    const { refused, shape } = await sampleImages({
      ...request(folder),
      files: ['../secret.png', 'a/x.txt', 'a/none.png'],
      settings: ownImagesSchema.parse({}),
    });
    expect(shape[0]).toBe(0);
    expect(refused.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('outside'),
      expect.stringContaining('not a JPEG'),
      'the file is missing',
    ]);
  });
});
