import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromWire, type NdArray, toWire, type TypedArray } from '../../src/shared/arrays';
import { canonicalJson } from '../../src/shared/canonical';
import { StudioError } from '../../src/shared/errors';
import { makeId, runIdSchema } from '../../src/shared/ids';
import { decodeNpy, encodeNpy } from '../../src/shared/npy';

const data: fc.Arbitrary<TypedArray> = fc.oneof(
  fc.float32Array({ maxLength: 40, noNaN: true }),
  fc.uint8Array({ maxLength: 40 }),
  fc.uint16Array({ maxLength: 40 }),
  fc.int32Array({ maxLength: 40 }),
);
const arrays: fc.Arbitrary<NdArray> = data.map((values) =>
  values.length % 2 === 0
    ? { shape: [2, values.length / 2, 1], data: values }
    : { shape: [values.length], data: values },
);

describe('arrays', () => {
  it('come back from the wire and from .npy as they were', () => {
    fc.assert(
      fc.property(arrays, (array) => {
        expect(fromWire(toWire(array))).toEqual(array);
        expect(decodeNpy(encodeNpy(array))).toEqual(array);
      }),
    );
  });

  it('writes the header that NumPy writes', () => {
    const bytes = encodeNpy({ shape: [2, 3], data: new Float32Array(6) });
    const header = new TextDecoder('latin1').decode(bytes.subarray(0, 128));
    expect(header.slice(1, 6)).toBe('NUMPY');
    expect(header).toContain("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
    expect(bytes.length).toBe(128 + 24);
  });

  it('refuses what is not a .npy file, naming it', () => {
    const good = encodeNpy({ shape: [4], data: new Float32Array(4) });
    for (const bad of [
      new Uint8Array(3),
      good.subarray(0, good.length - 1),
      good.slice().fill(0, 0, 4),
    ]) {
      expect(() => decodeNpy(bad, 'maps.npy')).toThrow(StudioError);
      expect(() => decodeNpy(bad, 'maps.npy')).toThrow(/maps\.npy is not a readable/);
    }
    expect(() => encodeNpy({ shape: [3], data: new Uint8Array(4) })).toThrow(RangeError);
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: undefined }], a: 'x' })).toBe(
      canonicalJson({ a: 'x', b: [1, { d: null }] }),
    );
    expect(canonicalJson({ b: 1, a: 2 })).toBe('{"a":2,"b":1}');
  });
});

describe('ids', () => {
  it('are unique by their bytes and pass their schema', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => {
        expect(runIdSchema.safeParse(makeId('run', bytes)).success).toBe(true);
      }),
    );
    expect(makeId('run', new Uint8Array(10))).not.toBe(makeId('run', new Uint8Array(10).fill(1)));
  });
});
