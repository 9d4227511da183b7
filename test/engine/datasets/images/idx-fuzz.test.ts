import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'vitest';
import { temporary } from '../support';
import { changes, damaged, ends, idxFiles, runs, share, timeout } from './fuzz-support';

test('damaged IDX files, and any head of them, are images or refused', { timeout }, async () => {
  const home = temporary();
  const folder = path.join(home, 'set');
  mkdirSync(folder);
  const whole = idxFiles();
  for (const [name, bytes] of whole) writeFileSync(path.join(folder, name), bytes);
  const size = fc.oneof(fc.nat(9), fc.constantFrom(2 ** 31, 2 ** 32 - 1, 0x803, 0x801));
  const head = fc.array(size, { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...whole),
      changes,
      share,
      fc.option(head),
      fc.boolean(),
      async ([name, bytes], places, cut, sizes, packed) => {
        const spoilt = damaged(bytes, places, 0.2 + cut);
        sizes?.forEach((value, at) => {
          if (spoilt.length >= 4 * at + 4) spoilt.writeUInt32BE(value, 4 * at);
        });
        const place = path.join(folder, name);
        writeFileSync(place, packed ? gzipSync(spoilt, { level: 1 }) : spoilt);
        await ends(folder, path.join(home, 'out'));
        writeFileSync(place, bytes);
      },
    ),
    runs(150),
  );
});
