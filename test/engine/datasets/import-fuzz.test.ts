import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { valueAt } from '../../../src/shared/checked-reads';
import { StudioError } from '../../../src/shared/errors';
import { showHidden } from '../../../src/shared/invisible';
import { writeCifar10, writeCifar10Package } from '../../fixtures/cifar10';
import { writeTinyImagenet } from '../../fixtures/tiny-imagenet';
import { importOf, whole } from './support';

/** One change to a file's bytes; places are shares of its length. */
type Damage =
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'cut'; at: number }
  | { kind: 'drop'; at: number; length: number }
  | { kind: 'repeat'; at: number; length: number }
  | { kind: 'fill'; at: number; length: number; value: number };

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Archives keep their lists at the end. */
const place = fc.oneof(
  share,
  share.map((value) => 1 - value / 20),
);
const length = fc.integer({ min: 1, max: 2000 });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({
    kind: fc.constant('flip' as const),
    at: place,
    bit: fc.integer({ min: 0, max: 7 }),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('drop' as const), at: place, length }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, length }),
  fc.record({
    kind: fc.constant('fill' as const),
    at: place,
    length,
    value: fc.integer({ min: 0, max: 255 }),
  }),
);

function damaged(bytes: Buffer, change: Damage): Buffer {
  const at = Math.min(bytes.length - 1, Math.floor(change.at * bytes.length));
  if (change.kind === 'cut') return bytes.subarray(0, at);
  const copy = Buffer.from(bytes);
  if (change.kind === 'flip') {
    copy[at] = valueAt(copy, at) ^ (1 << change.bit);
    return copy;
  }
  const end = Math.min(bytes.length, at + change.length);
  if (change.kind === 'fill') return copy.fill(change.value, at, end);
  const from = change.kind === 'drop' ? end : at;
  return Buffer.concat([
    bytes.subarray(0, end - (change.kind === 'drop' ? end - at : 0)),
    bytes.subarray(from),
  ]);
}

let folder: string;
const archives = new Map<string, { dataset: 'cifar10' | 'tiny-imagenet'; bytes: Buffer }>();
const stores = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  const tiny = await writeTinyImagenet(folder, { classes: 2, train: 4, validation: 2 });
  const small = { train: 10, validation: 10, batches: 2 };
  const binary = await writeCifar10(folder, small);
  const packed = await writeCifar10Package(folder, small);
  archives.set('zip', { dataset: 'tiny-imagenet', bytes: readFileSync(tiny) });
  archives.set('tar.gz', { dataset: 'cifar10', bytes: readFileSync(binary) });
  archives.set('tgz', { dataset: 'cifar10', bytes: readFileSync(packed) });
  for (const [name, { dataset, bytes }] of archives) {
    stores.set(name, String(await attempt(dataset, bytes)));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The store's content as text, or the error; whatever lies about afterwards is an error too. */
async function attempt(
  dataset: 'cifar10' | 'tiny-imagenet',
  bytes: Buffer,
): Promise<string | StudioError> {
  const home = mkdtempSync(path.join(folder, 'try-'));
  const source = path.join(home, 'archive');
  const outDir = path.join(home, 'out');
  writeFileSync(source, bytes);
  try {
    await importOf(dataset, { path: source, outDir, subset: whole });
    const names = readdirSync(outDir).sort();
    expect(names).toHaveLength(5);
    const stored = names.filter((name) => name !== 'dataset.json');
    return stored
      .map((name) => readFileSync(path.join(outDir, name)).toString('base64'))
      .join('\n');
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    const left = readdirSync(home, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(['archive']);
    return error;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const accepted = new Set(['corrupt-file', 'invalid-input']);

/** Damage either does not reach the images, or is refused with a file's name. */
async function check(name: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  const archive = archives.get(name);
  if (!archive) throw new Error(`no archive ${name}`);
  const outcome = await attempt(archive.dataset, change(archive.bytes));
  if (outcome instanceof StudioError) {
    expect(accepted).toContain(outcome.code);
    const file = outcome.data.details?.['file'] ?? '';
    expect(file).not.toBe('');
    // A message shows by its code points what nobody would see of a damaged name.
    expect(outcome.message).toContain(showHidden(file));
  } else {
    expect(outcome).toBe(stores.get(name));
  }
}

const runs = { numRuns: 40, endOnFailure: true };

test.each(['zip', 'tar.gz', 'tgz'])('a damaged %s gives the same images or is refused', (name) =>
  fc.assert(
    fc.asyncProperty(damage, (change) => check(name, (bytes) => damaged(bytes, change))),
    runs,
  ),
);

// Behind a whole gzip its content may still be anything.
test.each(['tar.gz', 'tgz'])('a damaged tar in a whole %s never hangs or leaks', (name) =>
  fc.assert(
    fc.asyncProperty(damage, async (change) => {
      const { dataset, bytes } = archives.get(name) ?? {
        dataset: 'cifar10',
        bytes: Buffer.alloc(0),
      };
      const inner = damaged(gunzipSync(bytes), change);
      const outcome = await attempt(dataset, gzipSync(inner, { level: 1 }));
      if (outcome instanceof StudioError) {
        expect(accepted).toContain(outcome.code);
        expect(outcome.data.details?.['file']).toBeTruthy();
      }
    }),
    runs,
  ),
);
