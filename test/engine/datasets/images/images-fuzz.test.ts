import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeImage, UnreadableImage } from '../../../../src/engine/datasets/images/decode';
import { fitted } from '../../../../src/engine/datasets/images/fit';
import { filesIn, ownFolder, pillowPixels } from '../../../fixtures/own';
import { temporary } from '../support';
import { changes, damaged, ends, runs, share, timeout } from './fuzz-support';
import { folderOf } from './support';

const file = fc.constantFrom(...pillowPixels.map((row) => path.join(ownFolder, row.path)));

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
  const names = ['cross/cross_0', 'disc/disc_0'].flatMap((name) =>
    [0, 1, 2].map((i) => `shapes/train/${name}${i}.png`),
  );
  const files = filesIn(ownFolder);
  const folder = folderOf(
    names.flatMap((name) => {
      const bytes = files.get(name);
      return bytes ? [[name, bytes] as const] : [];
    }),
  );
  const lists = [',', ';', '\t'].map((between) =>
    Buffer.from(
      [
        ['path', 'label', 'split'],
        ...names.map((name, i) => [name, name.slice(13, 17), i % 3 ? 'train' : 'val']),
      ]
        .map((cells) =>
          cells.map((cell) => (cell.includes('disc') ? `"${cell}"` : cell)).join(between),
        )
        .join('\r\n'),
    ),
  );
  const list = path.join(temporary(), 'list.csv');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lists), changes, share, async (bytes, places, cut) => {
      writeFileSync(list, damaged(bytes, places, cut * 1.3));
      await ends(folder, path.join(path.dirname(list), 'out'), list);
    }),
    runs(60),
  );
});
