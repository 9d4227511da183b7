import { valueAt } from '../../shared/checked-reads';

/** Side of the blocks of a transposition: both sides of one lie in the cache. */
const block = 32;

/**
 * Row-major values of `shape` with their axes reordered: axis i of the result is axis `axes[i]` of
 * the input (NumPy's transpose). The largest networks have a hundred million values in one matrix:
 * they are read in blocks, since a whole column of it leaves the cache at each value.
 */
export function permute(
  values: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array {
  const strides = stridesOf(shape);
  const sizes = axes.map((axis) => valueAt(shape, axis));
  const result = new Float32Array(values.length);
  if (values.length === 0) return result;
  const steps = axes.map((axis) => valueAt(strides, axis));
  const places = stridesOf(sizes);
  const last = sizes.length - 1;
  if (last < 0) {
    result.set(values);
    return result;
  }
  // The axis of the result along which the input is contiguous.
  const near = axes.indexOf(shape.length - 1);
  const along = (axis: number): Axis => ({
    size: valueAt(sizes, axis),
    step: valueAt(steps, axis),
    place: valueAt(places, axis),
  });
  const others = sizes.map((_, axis) => axis).filter((axis) => axis !== last && axis !== near);
  const rows: Axis = near === last ? { size: 1, step: 0, place: 0 } : along(near);
  const columns = along(last);
  const walk = (depth: number, from: number, to: number): void => {
    const axis = others[depth];
    if (axis === undefined) {
      transpose({ values, result }, { from, to }, rows, columns);
      return;
    }
    const { size, step, place } = along(axis);
    for (let i = 0; i < size; i += 1) walk(depth + 1, from + i * step, to + i * place);
  };
  walk(0, 0, 0);
  return result;
}

/** Of the result: how many values, how far apart in the input and in the result. */
interface Axis {
  readonly size: number;
  readonly step: number;
  readonly place: number;
}

function transpose(
  { values, result }: { values: Float32Array; result: Float32Array },
  { from, to }: { from: number; to: number },
  rows: Axis,
  columns: Axis,
): void {
  for (let top = 0; top < rows.size; top += block) {
    const bottom = Math.min(rows.size, top + block);
    for (let left = 0; left < columns.size; left += block) {
      const right = Math.min(columns.size, left + block);
      for (let row = top; row < bottom; row += 1) {
        let source = from + row * rows.step + left * columns.step;
        let target = to + row * rows.place + left * columns.place;
        for (let column = left; column < right; column += 1) {
          result[target] = values[source] as number;
          source += columns.step;
          target += columns.place;
        }
      }
    }
  }
}

/** Of a row-major array. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    strides[axis] = stride;
    stride *= valueAt(shape, axis);
  }
  return strides;
}
