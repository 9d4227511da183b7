import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { rawZip } from '../../../fixtures/packers';
import { type ArchiveFiles, writeZipFile } from '../../../fixtures/tiny-imagenet';
import { changes, damaged, fileEnds, idxFiles, runs, share, timeout } from './fuzz-support';
import { dot, made } from './support';

describe('archives', () => {
  const files: ArchiveFiles = new Map();
  let [zip, idxZip, dataset] = [Buffer.alloc(0), Buffer.alloc(0), ''];
  beforeAll(async () => {
    for (const name of ['a/1', 'a/2', 'b/1', 'b/2']) {
      files.set(`${name}.png`, await dot(Number(name.slice(2)), name.charCodeAt(0)));
    }
    const home = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
    zip = readFileSync(await writeZipFile(path.join(home, 'images.zip'), files));
    idxZip = readFileSync(await writeZipFile(path.join(home, 'idx.zip'), new Map(idxFiles())));
    const whole = await made(path.join(home, 'images.zip'), { size: 8 }, path.join(home, 'out'));
    rmSync(home, { recursive: true, force: true });
    dataset = whole.dataset;
  });

  test(
    'a damaged ZIP is refused, or the same images, or others that it then names',
    { timeout },
    async () => {
      expect(dataset).toMatch(/^images-/);
      await fc.assert(
        fc.asyncProperty(
          changes,
          fc.oneof(fc.constant(1), share),
          fc.boolean(),
          async (places, cut, packed) => {
            await fileEnds('images.zip', damaged(packed ? idxZip : zip, places, cut));
          },
        ),
        runs(100),
      );
    },
  );

  test('a ZIP of anything anywhere is refused, or images', { timeout }, async () => {
    const step = fc.constantFrom(
      '..',
      '.',
      '',
      'a',
      'b',
      'train',
      'val',
      'A',
      'C:',
      '\\',
      'ä',
      'a\u0308',
    );
    const entry = fc.record({
      name: fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => `${steps.join('/')}.png`),
      image: fc.constantFrom(...['a/1.png', 'b/2.png']),
      zip64: fc.boolean(),
      stored: fc.boolean(),
      descriptor: fc.boolean(),
      utf8: fc.boolean(),
      mode: fc.constantFrom(0o100644, 0o120777, 0o40755),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
        const raw = entries.map(({ name, image, ...how }) => ({
          ...how,
          name: Buffer.from(name),
          data: Buffer.from(files.get(image) ?? []),
        }));
        await fileEnds('any.zip', rawZip(raw));
      }),
      runs(100),
    );
  });
});
