import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeImage, UnreadableImage } from '../../../../src/engine/datasets/images/decode';
import { fitted } from '../../../../src/engine/datasets/images/fit';
import { StudioError } from '../../../../src/shared/errors';
import { ownFolder, pillowPixels } from '../../../fixtures/own';
import { idx } from '../../../fixtures/idx';
import { rawZip } from '../../../fixtures/packers';
import { type ArchiveFiles, writeZipFile } from '../../../fixtures/tiny-imagenet';
import { expectNothingIn, temporary } from '../support';
import { dot, made } from './support';

/** Files of a kind: `npm run soak` makes more. */
const runs = (usual: number) => ({ numRuns: Number(process.env['SOAK_FILES'] ?? usual) });
const timeout = 60_000 + Number(process.env['SOAK_FILES'] ?? 0) * 40;

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const file = fc.constantFrom(...pillowPixels.map((row) => path.join(ownFolder, row.path)));
const byte = fc.integer({ min: 0, max: 255 });

/** The same bytes with some others in a few places, and perhaps cut. */
function damaged(
  bytes: Buffer,
  changes: readonly (readonly [number, number])[],
  cut: number,
): Buffer {
  const copy = Buffer.from(bytes.subarray(0, Math.ceil(bytes.length * Math.min(1, cut))));
  for (const [at, value] of changes) copy[Math.floor(at * copy.length)] = value;
  return copy;
}
const changes = fc.array(
  fc.tuple(
    fc.oneof(
      share,
      share.map((at) => at / 20),
    ),
    byte,
  ),
  {
    maxLength: 4,
  },
);

test('a damaged image is an image, or refused with a reason', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(
      file,
      changes,
      fc.oneof(fc.constant(1), share),
      fc.constantFrom(1 as const, 3 as const),
      async (name, places, cut, channels) => {
        const bytes = damaged(readFileSync(name), places, cut);
        try {
          const image = await decodeImage(bytes, { channels, turned: true });
          expect(fitted(image, { fit: 'crop', size: 16 })).toHaveLength(16 * 16 * channels);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableImage);
          expect(String(error)).toMatch(/it (is|has) ./);
        }
      },
    ),
    runs(300),
  );
});

test('a damaged list is a list, or refused by its name', { timeout }, async () => {
  const lists = ['labels.csv', 'labels-spreadsheet.csv'].map((name) =>
    readFileSync(path.join(ownFolder, name)),
  );
  const home = temporary();
  const [list, outDir] = [path.join(home, 'list.csv'), path.join(home, 'out')];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lists), changes, share, async (bytes, places, cut) => {
      writeFileSync(list, damaged(bytes, places, cut));
      try {
        const { classes } = await made(ownFolder, { labels: list, size: 8 }, outDir);
        rmSync(outDir, { recursive: true });
        expect(classes.length).toBeGreaterThan(1);
      } catch (error) {
        if (!(error instanceof StudioError)) throw error;
        expect(error.message).toContain('list.csv');
        expect(['corrupt-file', 'invalid-input']).toContain(error.code);
      }
    }),
    runs(60),
  );
});

/** An import of one file ends in a dataset or in a refusal by a name; nothing is left of what is refused. */
async function isImported(name: string, bytes: Uint8Array): Promise<string | null> {
  const home = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  const [source, outDir] = [path.join(home, name), path.join(home, 'out')];
  try {
    writeFileSync(source, bytes);
    return (await made(source, { size: 8 }, outDir)).dataset;
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    expect(['corrupt-file', 'invalid-input']).toContain(error.code);
    expect(error.data.details?.['file']).toBeTruthy();
    expectNothingIn(outDir);
    return null;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

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
    rmSync(home, { recursive: true, force: true });
    dataset = (await isImported('images.zip', zip)) ?? '';
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
            await isImported('images.zip', damaged(packed ? idxZip : zip, places, cut));
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
        await isImported('any.zip', rawZip(raw));
      }),
      runs(100),
    );
  });
});

/** A small set in IDX files. */
const idxFiles = (): [string, Buffer][] =>
  ['train', 't10k'].flatMap((part): [string, Buffer][] => [
    [`${part}-images-idx3-ubyte`, idx([4, 8, 8], new Uint8Array(256).fill(7))],
    [`${part}-labels-idx1-ubyte`, idx([4], Uint8Array.of(0, 1, 0, 1))],
  ]);

test('damaged IDX files, and any head of them, are images or refused', { timeout }, async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  const folder = path.join(home, 'set');
  mkdirSync(folder);
  const which = fc.constantFrom(...idxFiles());
  const size = fc.oneof(fc.nat(9), fc.constantFrom(2 ** 31, 2 ** 32 - 1, 0x803, 0x801));
  const head = fc.array(size, { maxLength: 4 });
  try {
    await fc.assert(
      fc.asyncProperty(
        which,
        changes,
        share,
        fc.option(head),
        fc.boolean(),
        async ([name, bytes], places, cut, sizes, packed) => {
          for (const [other, whole] of idxFiles()) writeFileSync(path.join(folder, other), whole);
          const spoilt = damaged(bytes, places, 0.2 + cut);
          sizes?.forEach((value, at) => {
            if (spoilt.length >= 4 * at + 4) spoilt.writeUInt32BE(value, 4 * at);
          });
          writeFileSync(path.join(folder, name), packed ? gzipSync(spoilt) : spoilt);
          const outDir = path.join(home, 'out');
          try {
            await made(folder, { size: 8 }, outDir);
          } catch (error) {
            if (!(error instanceof StudioError)) throw error;
            expect(['corrupt-file', 'invalid-input']).toContain(error.code);
            expectNothingIn(outDir);
          }
          rmSync(outDir, { recursive: true, force: true });
        },
      ),
      runs(150),
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
