import { valueAt } from '../../shared/checked-reads';

/**
 * Row-major values of `shape` with their axes reordered: axis i of the result is axis `axes[i]` of
 * the input (NumPy's transpose).
 */
export function permute(
  values: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    strides[axis] = stride;
    stride *= valueAt(shape, axis);
  }
  const sizes = axes.map((axis) => valueAt(shape, axis));
  const steps = axes.map((axis) => valueAt(strides, axis));
  const result = new Float32Array(values.length);
  let position = 0;
  const walk = (depth: number, offset: number): void => {
    const size = sizes[depth] as number;
    const step = steps[depth] as number;
    if (depth >= sizes.length - 1) {
      for (let i = 0; i < size; i += 1) {
        result[position] = values[offset + i * step] as number;
        position += 1;
      }
      return;
    }
    for (let i = 0; i < size; i += 1) walk(depth + 1, offset + i * step);
  };
  if (values.length > 0) walk(0, 0);
  return result;
}
