import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  previewImages,
  type PreviewRequest,
  sampleImages,
} from '../../../../src/engine/datasets/images/preview-images';
import { SampleFiles } from '../../../../src/engine/datasets/images/sample-files';
import { ownImagesSchema } from '../../../../src/shared/catalogue/own-images';
import { previewedRefusals } from '../../../../src/shared/images-preview';
import { writeTarball } from '../../../fixtures/cifar10';
import { filesIn, shapesFolder } from '../../../fixtures/own';
import { temporary } from '../support';
import { folderOf, made } from './support';

const request = (source: string, asked: Partial<PreviewRequest> = {}): PreviewRequest => ({
  ...{ path: source, labels: null, settings: {}, signal: undefined },
  ...{ outDir: temporary(), kept: new SampleFiles() },
  ...asked,
});

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
