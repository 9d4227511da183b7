import { valueAt } from '../../shared/checked-reads';
import { type Runtime } from '../runtime/load';
import { type Tensor, type Tensor3D } from '../runtime/tensorflow';
import { type Aggregate } from './operator';

/**
 * Folds a stream of attributions, `count` at a time, into one each. `push` takes the next rows
 * [P, m, D] of P images in step and gives the results [P, g, D] that they complete, or null; it is
 * called inside a tf.tidy, to which the results belong. Between calls at most one unfinished group
 * is kept (its sum, or for the variance its rows); `dispose` lets it go.
 */
export interface Accumulator {
  push(rows: Tensor3D): Tensor3D | null;
  dispose(): void;
}

export function createAccumulator(
  runtime: Runtime,
  aggregate: Aggregate,
  count: number,
): Accumulator {
  if (aggregate.kind === 'variance') return varianceAccumulator(runtime, count);
  const { weights, square } = aggregate;
  if (count === 1 && !square && weights[0] === 1) {
    return { push: (rows) => rows, dispose: () => undefined };
  }
  return sumAccumulator(runtime, weights, square);
}

/** a [P or 1, M, K] times b [P, K, N]. */
export function batchMatMul(runtime: Runtime, a: Tensor3D, b: Tensor3D): Tensor3D {
  const { operations } = runtime.kernels;
  const attributes = operations.attributes({
    T: { type: 'float32' },
    adj_x: { bool: false },
    adj_y: { bool: false },
  });
  return operations.run('BatchMatMulV2', attributes, [a, b]) as Tensor3D;
}

/** A tensor that outlives the tf.tidy it is made in. */
function carried(runtime: Runtime): { get(): Tensor3D | null; set(next: Tensor3D | null): void } {
  let tensor: Tensor3D | null = null;
  return {
    get: () => tensor,
    set(next) {
      const last = tensor;
      tensor = next && runtime.tf.keep(next);
      last?.dispose();
    },
  };
}

function sumAccumulator(runtime: Runtime, weights: Float64Array, square: boolean): Accumulator {
  const { tf, kernels } = runtime;
  const count = weights.length;
  const carry = carried(runtime);
  /** Rows of the unfinished group seen so far. */
  let seen = 0;
  return {
    push(rows) {
      const [, m, size] = rows.shape;
      const groups = Math.ceil((seen + m) / count);
      const complete = Math.floor((seen + m) / count);
      const matrix = new Float32Array(groups * m);
      for (let j = 0; j < m; j += 1) {
        const place = seen + j;
        matrix[Math.floor(place / count) * m + j] = valueAt(weights, place % count);
      }
      const values = square ? kernels.multiply(rows, rows) : rows;
      let sums = batchMatMul(runtime, tf.tensor3d(matrix, [1, groups, m]), values);
      const before = carry.get();
      if (before) {
        const first = kernels.add(groups === 1 ? sums : sums.slice([0, 0], [-1, 1]), before);
        sums = groups === 1 ? first : tf.concat([first, sums.slice([0, 1], [-1, -1])], 1);
      }
      seen = (seen + m) % count;
      carry.set(seen === 0 ? null : sums.slice([0, groups - 1, 0], [-1, 1, size]));
      if (complete === 0) return null;
      return complete === groups ? sums : sums.slice([0, 0, 0], [-1, complete, size]);
    },
    dispose: () => carry.set(null),
  };
}

/** Two passes over a whole group, since a mean of squares less a squared mean cancels in float32. */
function varianceAccumulator(runtime: Runtime, count: number): Accumulator {
  const { tf } = runtime;
  const carry = carried(runtime);
  return {
    push(rows) {
      const before = carry.get();
      const all: Tensor3D = before ? tf.concat([before, rows], 1) : rows;
      const [images, total, size] = all.shape;
      const complete = Math.floor(total / count);
      const whole = complete * count;
      carry.set(whole === total ? null : all.slice([0, whole, 0], [-1, total - whole, size]));
      if (complete === 0) return null;
      const groups: Tensor = all
        .slice([0, 0, 0], [-1, whole, size])
        .reshape([images, complete, count, size]);
      return groups.sub(groups.mean(2, true)).square().mean(2);
    },
    dispose: () => carry.set(null),
  };
}
