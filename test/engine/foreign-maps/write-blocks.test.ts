import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeBlocks } from '../../../src/engine/foreign-maps/write-blocks';
import { type EngineProgress } from '../../../src/shared/engine';
import { encodeNpy } from '../../../src/shared/npy';

const home = mkdtempSync(join(tmpdir(), 'write-blocks-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Each map is a block of its own: 1,024 x 1,024 values. */
const side = [1024, 1024] as const;
const count = 5;
const values = side[0] * side[1];
const images = Int32Array.from([9, 4, 7, 2, 30]);

function file(name: string, change: (data: Float32Array) => void = () => undefined): string {
  const data = Float32Array.from({ length: count * values }, (_, i) => (i * 7919) % 1009);
  change(data);
  const path = join(home, name);
  writeFileSync(path, encodeNpy({ shape: [count, ...side], data }));
  return path;
}

/** @param stop after so many maps */
async function written(path: string, folder: string, stop = Infinity, constant = false) {
  const told: number[] = [];
  const abort = new AbortController();
  const before = new Set<number | undefined>();
  const report = ({ done, unit, before: earlier }: EngineProgress) => {
    if (unit !== 'maps') return;
    told.push(done);
    before.add(earlier);
    if (done >= stop) abort.abort();
  };
  const request = { path, file: 'maps.npy', array: null, side, images, report };
  const made = writeBlocks({ ...request, signal: abort.signal }, folder, constant);
  const ended = await made.catch((error: unknown) => error);
  return { told, before: [...before], made: ended };
}

const contentOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.npy'))
    .sort()
    .map((name) => [name, readFileSync(join(folder, name)).toString('base64').slice(-400)]);

describe('maps in blocks', () => {
  const whole = join(home, 'whole');
  const path = file('maps.npy');

  it('go on where they were stopped, to the same files', async () => {
    const { made: first } = await written(path, whole);
    const folder = join(home, 'stopped');
    const { made: stopped } = await written(path, folder, 3);
    expect(stopped).toMatchObject({ data: { code: 'cancelled' } });
    const { told, before, made } = await written(path, folder);
    expect([told, before]).toEqual([[4, 5], [3]]);
    expect(made).toEqual(first);
    expect(contentOf(folder)).toEqual(contentOf(whole));
    // Once it is whole nothing of the file is read again.
    const again = await written(path, folder);
    expect(again).toEqual({ told: [], before: [], made: first });
  });

  it('go on from the last that is whole: a block cut off, a line cut off', async () => {
    const { made: first } = await written(path, whole);
    const folder = join(home, 'cut');
    cpSync(whole, folder, { recursive: true });
    writeFileSync(join(folder, 'maps-00003.npy'), 'cut');
    expect((await written(path, folder)).told).toEqual([4, 5]);
    const log = join(folder, 'begun.jsonl');
    writeFileSync(log, readFileSync(log, 'utf8').slice(0, -30));
    const { told, made } = await written(path, folder);
    expect([told, made]).toEqual([[5], first]);
    expect(contentOf(folder)).toEqual(contentOf(whole));
  });

  it('begin anew where the file has changed', async () => {
    const other = file('other.npy');
    const folder = join(home, 'changed');
    await written(other, folder, 2);
    utimesSync(other, new Date(), new Date(Date.now() - 60_000));
    expect((await written(other, folder)).told).toEqual([1, 2, 3, 4, 5]);
  });

  it('are not written any more once one is broken, and every broken one is told', async () => {
    const broken = file('broken.npy', (data) => {
      // The places of the images 7 and 30: third and fifth.
      data[2 * values + 5] = Number.NaN;
      data[4 * values] = Infinity;
    });
    const folder = join(home, 'broken');
    const { made } = await written(broken, folder);
    expect(made).toMatchObject({ found: { brokenMaps: 2 } });
    expect(existsSync(join(folder, 'maps-00001.npy'))).toBe(true);
    expect(existsSync(join(folder, 'maps-00002.npy'))).toBe(false);
  });

  it('of constant values are written where that is accepted', async () => {
    const flat = file('flat.npy', (data) => data.fill(1, values, 2 * values));
    const refused = await written(flat, join(home, 'flat'));
    expect(refused.made).toMatchObject({ found: { constantMaps: 1, constant: [4] } });
    const taken = await written(flat, join(home, 'flat'), Infinity, true);
    expect(taken.told).not.toEqual([]);
    expect(contentOf(join(home, 'flat'))).toHaveLength(count);
  });
});
