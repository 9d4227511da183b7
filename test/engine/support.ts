import { loadRuntime, type Runtime } from '../../src/engine/runtime/load';
import type { Tensor, Tensor1D, Tensor4D } from '../../src/engine/runtime/tensorflow';
import { valueAt } from '../../src/shared/checked-reads';

/** TensorFlow as all tests run it. */
export function testRuntime(): Promise<Runtime> {
  return loadRuntime({ threads: 2 });
}

/**
 * Reproducible values in [0, 1): murmur3's finaliser of the counter, a multiple of 2^-24 each, the
 * same that test/fixtures/torch-mnist-cnn.py makes.
 */
export function uniform(count: number, salt: number): Float32Array {
  const values = new Float32Array(count);
  for (let index = 0; index < count; index += 1) values[index] = drawn(index, salt);
  return values;
}

/** In [0, 1). */
function drawn(index: number, salt: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return (h >>> 8) / 2 ** 24;
}

export function signed(count: number, salt: number): Float32Array {
  const values = new Float32Array(count);
  for (let index = 0; index < count; index += 1) values[index] = drawn(index, salt) * 2 - 1;
  return values;
}

export function tensor4d(
  runtime: Runtime,
  values: Float32Array,
  shape: [number, number, number, number],
): Tensor4D {
  return runtime.tf.tensor4d(values, shape, 'float32');
}

export function int1d(runtime: Runtime, values: readonly number[]): Tensor1D {
  return runtime.tf.tensor1d([...values], 'int32');
}

/** Read and dispose. */
export function taken(tensor: Tensor): Float32Array {
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}

/** |a - b| / |b| in the Euclidean norm. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i += 1) {
    difference += (valueAt(a, i) - valueAt(b, i)) ** 2;
    norm += valueAt(b, i) ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}
