import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StudioError } from '../../../src/shared/errors';
import { npyFile, npzFile } from '../../fixtures/npy-files';
import { readIn } from './helpers';

/** Files per kind: `npm run soak` makes more. */
const runs = Number(process.env['SOAK_FILES'] ?? 1000);
const timeout = 60_000 + runs * 20;
const settings = { numRuns: runs };

const values = Array.from({ length: 24 }, (_, i) => i);
const asked = { side: [2, 3], images: [0, 1] } as const;
const raw = { shape: [2, 2, 3, 2], values };

const byte = fc.nat(255);
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const change = fc.record({
  kind: fc.constantFrom('set', 'insert', 'delete', 'cut'),
  at: place,
  value: byte,
});

function changed(
  bytes: Buffer,
  { kind, at, value }: { kind: string; at: number; value: number },
): Buffer {
  const from = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)];
  if (kind === 'cut') return before;
  if (kind === 'delete') return Buffer.concat([before, after.subarray(value % 16)]);
  return Buffer.concat([before, Buffer.of(value), after.subarray(kind === 'set' ? 1 : 0)]);
}

/** Tokens of a header, in any order. */
const word = fc.constantFrom(
  ..."{ } ( ) [ ] , : 'descr' 'fortran_order' 'shape' True False None '<f4' '>f8' '|O' 2 3 2L -1 1e9".split(
    ' ',
  ),
  '99999999999999999999',
  "'",
  '\\',
  '\u0000',
);

describe('no file ends in anything but maps or a sentence', () => {
  let folder: string;
  let given: Buffer[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'foreign-maps-fuzz-'));
    const plain = npyFile(raw);
    const turned = npyFile({ ...raw, descr: '>f2', fortran: true, version: 2 });
    given = [
      plain,
      turned,
      await npzFile({ maps: plain }, false),
      await npzFile({ maps: turned }, true),
      await npzFile({ a: plain, b: turned }, true),
    ];
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function isRead(bytes: Buffer): Promise<void> {
    try {
      const { values: got } = await readIn(folder, bytes, asked);
      expect(got).toHaveLength(got.length > 12 ? 24 : 12);
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      expect(error.message).toContain('maps.npy');
    }
  }

  test('files of every kind with bytes changed, moved and cut', { timeout }, async () => {
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.nat(4), changes, (which, list) =>
        isRead(list.reduce(changed, given[which] ?? Buffer.alloc(0))),
      ),
      settings,
    );
  });

  test('headers of words in any order', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 30 }), (words) =>
        isRead(npyFile({ ...raw, header: words.join(' ') })),
      ),
      settings,
    );
  });
});
