import { valueAt } from '../../shared/checked-reads';
import { type Runtime } from '../runtime/load';
import { type Tensor2D, type Tensor3D } from '../runtime/tensorflow';
import { batchMatMul, createAccumulator } from './accumulator';
import { type DifferentiableModel, sizeOf } from './model';
import { type Nest } from './nest';

export interface PipelineOptions {
  readonly runtime: Runtime;
  readonly model: DifferentiableModel;
  readonly nest: Nest;
  /** Points in every backward pass. */
  readonly batch: number;
  /** Class explained, of each image that shares the batches. */
  readonly targets: Int32Array;
  /** Their basis: a new tensor [targets.length, nest.rows, H * W * C]. */
  readonly basis: () => Tensor3D;
  /** Equal places in a batch; those that no image takes repeat the last image. */
  readonly places: number;
}

export interface Pipeline {
  /**
   * Evaluate points leaf .. leaf + count - 1 of every image, in order. Gives the maps
   * [places, 1, H * W * C] after the last point and null before; the caller disposes them.
   */
  run(leaf: number, count: number): Tensor3D | null;
  dispose(): void;
}

/** The evaluation of one nest on images that share their batches: points, gradients, sums. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { runtime, model, nest, batch, targets, places } = options;
  const { tf, kernels } = runtime;
  const [height, width, channels] = model.inputShape;
  const size = sizeOf(model.inputShape);
  const order = Array.from({ length: places }, (_, place) => Math.min(place, targets.length - 1));
  const basis = tf.tidy(() => {
    const given = options.basis();
    return targets.length === places ? given : tf.gather(given, tf.tensor1d(order, 'int32'));
  });

  /** Affine combinations [places, count, D] of the basis. */
  const combine = (
    count: number,
    write: (index: number, into: Float32Array, offset: number) => void,
  ): Tensor3D => {
    // With x alone as its basis, every affine combination is x.
    if (nest.rows === 1) return basis;
    const matrix = new Float32Array(count * nest.rows);
    for (let i = 0; i < count; i += 1) write(i, matrix, i * nest.rows);
    return batchMatMul(runtime, tf.tensor3d(matrix, [1, count, nest.rows]), basis);
  };

  /** The gradients at points [places, count, D], computed as one full batch. */
  const gradients = (points: Tensor3D, count: number): Tensor3D => {
    const used = places * count;
    const row = Int32Array.from({ length: batch }, (_, i) => Math.min(i, used - 1));
    const classes = row.map((i) => valueAt(targets, valueAt(order, Math.floor(i / count))));
    const flat = points.reshape<Tensor2D>([used, size]);
    const full = used < batch ? tf.gather(flat, tf.tensor1d(row, 'int32')) : flat;
    const { gradient } = model.inputGradient(
      full.reshape([batch, height, width, channels]),
      tf.tensor1d(classes, 'int32'),
      { score: nest.base.score, gate: nest.base.gate },
    );
    const all = gradient.reshape<Tensor2D>([batch, size]);
    return (used < batch ? all.slice([0, 0], [used, size]) : all).reshape([places, count, size]);
  };

  // Innermost first: the order in which gradients pass through them.
  const stages = nest.levels.toReversed().map(({ aggregate, count, factor }) => ({
    accumulator: createAccumulator(runtime, aggregate, count),
    factor,
    /** Results so far: the next one's number over all outer loops. */
    results: 0,
  }));

  return {
    run(leaf, count) {
      const [maps] = tf.tidy((): Tensor3D[] => {
        const points = combine(count, (i, into, offset) => nest.leaf(leaf + i, into, offset));
        let values = gradients(points, count);
        for (const stage of stages) {
          const folded = stage.accumulator.push(values);
          if (!folded) return [];
          values = folded;
          const { factor, results } = stage;
          const complete = values.shape[1];
          stage.results += complete;
          if (factor) {
            const factors = combine(complete, (i, into, offset) =>
              factor(results + i, into, offset),
            );
            values = kernels.multiply(values, factors);
          }
        }
        return [values];
      });
      return maps ?? null;
    },
    dispose() {
      basis.dispose();
      for (const { accumulator } of stages) accumulator.dispose();
    },
  };
}
