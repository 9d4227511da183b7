import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storageTypes } from '../../../../src/engine/models/torch-file/storage-types';
import { gather, TorchStorage, viewOf } from '../../../../src/engine/models/torch-file/tensors';

const float32 = storageTypes.get('FloatStorage');
if (!float32) throw new Error('no float32');
const storage = new TorchStorage('0', float32, 1000);

test('property: value i, j, … is the storage’s at offset + i strides[0] + j strides[1] + …', () => {
  const axis = fc.record({ side: fc.integer({ min: 1, max: 5 }), stride: fc.nat(40) });
  const values = Float32Array.from({ length: storage.count }, (_, i) => i);
  fc.assert(
    fc.property(fc.array(axis, { maxLength: 4 }), fc.nat(100), (axes, offset) => {
      const sides = axes.map(({ side }) => side);
      const strides = axes.map(({ stride }) => stride);
      const view = viewOf(storage, offset, sides, strides);
      if (typeof view === 'string') throw new Error(view);
      const found = gather(values.slice(offset, offset + view.span), view);
      const expected = axes.reduce(
        (places, { side, stride }) =>
          places.flatMap((place) => Array.from({ length: side }, (_, i) => place + i * stride)),
        [offset],
      );
      expect([...found]).toEqual(expected);
    }),
  );
});

test('no value is read beyond the storage', () => {
  expect(viewOf(storage, 999, [1], [5])).toMatchObject({ count: 1, span: 1 });
  expect(viewOf(storage, 1000, [1], [1])).toContain('beyond its storage');
  expect(viewOf(storage, 0, [2], [1000])).toContain('beyond its storage');
  expect(viewOf(storage, 0, [1001], [1])).toContain('beyond its storage');
  // Of no values it does not matter where they are not.
  expect(viewOf(storage, 5000, [0, 2 ** 53 - 1], [1, 2 ** 53 - 1])).toMatchObject({ count: 0 });
});
