import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permute } from '../../../src/engine/models/permute';
import { valueAt } from '../../../src/shared/checked-reads';

/** One value after the other, by its place along every axis. */
function oneByOne(values: Float32Array, shape: readonly number[], axes: readonly number[]) {
  const sizes = axes.map((axis) => valueAt(shape, axis));
  return Float32Array.from(values, (_, position) => {
    let rest = position;
    const places = new Array<number>(shape.length).fill(0);
    for (let axis = sizes.length - 1; axis >= 0; axis -= 1) {
      const size = valueAt(sizes, axis);
      places[valueAt(axes, axis)] = rest % size;
      rest = Math.floor(rest / size);
    }
    return valueAt(
      values,
      places.reduce((offset, place, axis) => offset * valueAt(shape, axis) + place, 0),
    );
  });
}

const counted = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => i);

describe('axes in another order', () => {
  it('are those of every value by itself', () => {
    const shapes = fc.integer({ min: 0, max: 4 }).chain((rank) =>
      fc.tuple(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(31, 33, 70)), {
          minLength: rank,
          maxLength: rank,
        }),
        fc.shuffledSubarray(
          Array.from({ length: rank }, (_, axis) => axis),
          { minLength: rank },
        ),
      ),
    );
    fc.assert(
      fc.property(shapes, ([shape, axes]) => {
        const size = shape.reduce((product, side) => product * side, 1);
        fc.pre(size <= 40_000);
        const values = counted(size);
        expect(permute(values, shape, axes)).toEqual(oneByOne(values, shape, axes));
      }),
      { numRuns: 60 },
    );
  });

  it('of no axis at all leave the value', () => {
    expect(permute(Float32Array.of(3), [], [])).toEqual(Float32Array.of(3));
  });
});
