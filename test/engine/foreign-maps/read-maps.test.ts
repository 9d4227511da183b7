import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokenWords, constantWords } from '../../../src/shared/foreign-maps';
import { npyFile, npzFile } from '../../fixtures/npy-files';
import { read, readIn } from './helpers';

const side = [2, 3] as const;
const images = [0, 1, 2];
const count = 3 * 2 * 3 * 2;
const values = Array.from({ length: count }, (_, i) => (i * 7) % 100);
const raw = { shape: [3, 2, 3, 2], values };

describe('every form of an array gives the same maps', () => {
  const types = ['f2', 'f4', 'f8', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8'];
  it.each(types)('%s, little and big endian, C and Fortran order', async (type) => {
    const small = /1$/.test(type);
    for (const order of small ? ['|'] : ['<', '>']) {
      for (const fortran of [false, true]) {
        const bytes = npyFile({ ...raw, descr: order + type, fortran });
        const { values: got, found } = await read(bytes, { side, images });
        expect(got).toEqual(values);
        expect(found).toMatchObject({ shape: [3, 2, 3, 2], brokenMaps: 0, constantMaps: 0 });
      }
    }
  });

  it('bool as 0 and 1, versions 2 and 3 of the format, keys in any order', async () => {
    const bits = values.map((value) => value % 2);
    const { values: got } = await read(npyFile({ ...raw, descr: '|b1', values: bits }), {
      side,
      images,
    });
    expect(got).toEqual(bits);
    for (const version of [2, 3] as const) {
      expect((await read(npyFile({ ...raw, version }), { side, images })).values).toEqual(values);
    }
    const header = `{"shape": (3L, 2, 3, 2), 'fortran_order': False, 'descr': "<f4"}`;
    expect((await read(npyFile({ ...raw, header }), { side, images })).values).toEqual(values);
  });

  it.each([true, false])('in an .npz, packed: %s, in either order', async (packed) => {
    for (const fortran of [false, true]) {
      const file = await npzFile({ maps: npyFile({ ...raw, fortran }) }, packed);
      const { values: got, found } = await read(file, { side, images });
      expect(got).toEqual(values);
      expect(found).toMatchObject({ array: 'maps', arrays: ['maps'] });
    }
  });

  it('follows the images in the order named, and hands them on by their indices', async () => {
    const { values: got } = await read(npyFile(raw), { side, images: [9, 4, 7] });
    const map = (i: number) => values.slice(i * 12, (i + 1) * 12);
    expect(got).toEqual([...map(1), ...map(2), ...map(0)]);
  });

  it('takes one value a pixel as one channel', async () => {
    const file = npyFile({ shape: [3, 2, 3], values: values.slice(0, 18) });
    const { blocks } = await read(file, { side, images });
    expect(blocks.map(({ shape }) => shape)).toEqual([[3, 2, 3, 1]]);
  });

  it('leaves nothing of what it had to unpack or turn', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'foreign-maps-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await readIn(folder, await npzFile({ a: npyFile({ ...raw, fortran: true }) }, true), {
      side,
      images,
    });
    const scratch = join(folder, 'scratch');
    expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
  });
});

describe('what is no map is said by its image and pixel', () => {
  it('NaN, infinities and what float32 cannot hold', async () => {
    const broken = values.map(Number);
    broken[12 + 8] = Number.NaN;
    broken[24 + 1] = 1e300;
    const { found } = await read(npyFile({ ...raw, descr: '<f8', values: broken }), {
      side,
      images: [5, 6, 8],
    });
    expect(found.brokenMaps).toBe(2);
    expect(brokenWords(found)).toBe(
      'holds values that are no finite numbers in 2 maps (image 6: NaN at row 1, column 1, channel 0; image 8: Infinity at row 0, column 0, channel 1): mend the file',
    );
  });

  it('maps that are the same everywhere', async () => {
    const flat = values.map((value, i) => (i >= 12 && i < 24 ? i % 2 : value));
    const { found } = await read(npyFile({ ...raw, values: flat }), { side, images });
    expect(found).toMatchObject({ constantMaps: 1, constant: [1] });
    expect(constantWords(found)).toContain('in 1 map (image 1)');
  });
});

describe('what cannot be read is refused by a sentence', () => {
  const cases: [string, Buffer | Promise<Buffer>, RegExp, object?][] = [
    ['another count', npyFile(raw), /has 3 maps, .* for 2 named images/, { images: [0, 1] }],
    [
      'another side',
      npyFile(raw),
      /maps of 2 x 3 pixels.*sees 4 x 3.*never resized\.$/,
      { side: [4, 3] },
    ],
    ['channels first', npyFile({ shape: [3, 2, 2, 3], values }), /Channels come last/],
    ['a flat array', npyFile({ shape: [36], values }), /shape \[36\]; accepted are/],
    ['no maps', npyFile({ shape: [0, 2, 3], values: [] }), /has 0 maps/],
    ['text', Buffer.from('1,2,3\n'), /neither an \.npy nor an \.npz/],
    ['an empty file', Buffer.alloc(0), /neither/],
    ['a header cut off', npyFile(raw).subarray(0, 40), /ends within its header/],
    ['values cut off', npyFile(raw).subarray(0, 200), /has 200 bytes, and its shape/],
    ['values too many', Buffer.concat([npyFile(raw), Buffer.alloc(4)]), /takes 272/],
    ['objects', npyFile({ ...raw, descr: '|O' }), /Python objects/],
    ['text values', npyFile({ ...raw, descr: '<U8' }), /values of type <U8/],
    [
      'records',
      npyFile({
        ...raw,
        header: `{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }`,
      }),
      /records of several fields/,
    ],
    ['code for a header', npyFile({ ...raw, header: '__import__("os")' }), /no dictionary/],
    [
      'more values than there can be',
      npyFile({
        ...raw,
        header: `{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }`,
      }),
      /more values than there can be/,
    ],
    ['an unknown version', Buffer.from('\x93NUMPY\x09\x00\x10\x00{}', 'latin1'), /version 9/],
    ['an empty zip', npzFile({}, false), /neither an/],
    [
      'two arrays',
      npzFile({ a: npyFile(raw), b: npyFile(raw) }, true),
      /holds 2 arrays: choose one of a, b/,
    ],
    [
      'no such array',
      npzFile({ a: npyFile(raw) }, true),
      /has no array x; it holds a/,
      { array: 'x' },
    ],
    ['an array of an .npy', npyFile(raw), /no \.npz/, { array: 'x' }],
  ];
  it.each(cases)('%s', async (_, bytes, message, asked = {}) => {
    const reading = read(await bytes, { side, images, ...asked });
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/^maps\.npy/);
  });

  it('an array of several is taken where it is chosen', async () => {
    const file = await npzFile({ a: npyFile({ shape: [1], values: [1] }), b: npyFile(raw) }, true);
    expect((await read(file, { side, images, array: 'b' })).values).toEqual(values);
  });

  it('damage within an .npz is told by its sum', async () => {
    const file = await npzFile({ a: npyFile(raw) }, false);
    const at = file.indexOf('NUMPY') + 150;
    file[at] = (file[at] ?? 0) ^ 1;
    await expect(read(file, { side, images })).rejects.toThrow(/CRC-32/);
  });
});
