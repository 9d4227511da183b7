import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeImage, UnreadableImage } from '../../../../src/engine/datasets/images/decode';
import { fitted } from '../../../../src/engine/datasets/images/fit';
import { StudioError } from '../../../../src/shared/errors';
import { ownFolder, pillowPixels } from '../../../fixtures/own';
import { temporary } from '../support';
import { made } from './support';

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const file = fc.constantFrom(...pillowPixels.map((row) => path.join(ownFolder, row.path)));
const byte = fc.integer({ min: 0, max: 255 });

/** The same bytes with some others in a few places, and perhaps cut. */
function damaged(
  bytes: Buffer,
  changes: readonly (readonly [number, number])[],
  cut: number,
): Buffer {
  const copy = Buffer.from(bytes.subarray(0, Math.ceil(bytes.length * cut)));
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

test('a damaged image is an image, or refused with a reason', async () => {
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
    { numRuns: 300 },
  );
}, 60_000);

test('a damaged list is a list, or refused by its name', async () => {
  const lists = ['labels.csv', 'labels-spreadsheet.csv'].map((name) =>
    readFileSync(path.join(ownFolder, name)),
  );
  const list = path.join(temporary(), 'list.csv');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lists), changes, share, async (bytes, places, cut) => {
      writeFileSync(list, damaged(bytes, places, cut));
      try {
        const { classes } = await made(ownFolder, { labels: list, size: 8 });
        expect(classes.length).toBeGreaterThan(1);
      } catch (error) {
        if (!(error instanceof StudioError)) throw error;
        expect(error.message).toContain('list.csv');
        expect(['corrupt-file', 'invalid-input']).toContain(error.code);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
