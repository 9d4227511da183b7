import { expect, it } from 'vitest';
import { valueAt, valueFor } from '../../src/shared/checked-reads';

it('reads what is there, a value that counts as false too', () => {
  expect([valueAt([0, ''], 0), valueAt(Uint8Array.of(3, 0), 1)]).toEqual([0, 0]);
  expect(valueFor(new Map([['a', 0]]), 'a')).toBe(0);
});

it('throws where nothing is, and says where', () => {
  expect(() => valueAt([1, 2], 2)).toThrow(new RangeError('no item 2 of 2'));
  expect(() => valueAt(Float32Array.of(1), -1)).toThrow(RangeError);
  expect(() => valueFor(new Map([['a', 1]]), 'b')).toThrow(new RangeError('no item b'));
});
