import { type EngineProgress } from '../../shared/engine';
import { breathe } from '../runtime/cancel';
import { type Tensor3D } from '../runtime/tensorflow';
import { sizeOf } from './model';
import { createPipeline, type Pipeline, type PipelineOptions } from './pipeline';

export interface Evaluation extends Omit<PipelineOptions, 'basis' | 'places'> {
  /** The basis of images start .. end - 1: a new tensor [end - start, nest.rows, H * W * C]. */
  readonly basis: (start: number, end: number) => Tensor3D;
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((progress: EngineProgress) => void) | undefined;
}

/**
 * Raw attributions [N, H, W, C] of a nest, streamed in full batches. Points are affine combinations
 * of each image's basis (one matrix product), sums stay on the backend, and the event loop turns
 * between batches, where an abort is noticed too.
 *
 * An image's result depends on nothing but itself: with more points than half a batch holds it has
 * its batches to itself, else it takes one of floor(batch / points) equal places in a batch; short
 * batches are filled up by repetition, and nothing is ever summed across images.
 *
 * @throws StudioError `cancelled` within one batch of an abort; every tensor is released
 */
export async function evaluate(evaluation: Evaluation): Promise<Float32Array> {
  const { model, nest, batch, targets, signal, report } = evaluation;
  const size = sizeOf(model.inputShape);
  const places = Math.max(1, Math.floor(batch / nest.leaves));
  const chunk = Math.min(batch, nest.leaves);
  const total = targets.length * nest.leaves;
  const maps = new Float32Array(targets.length * size);
  let done = 0;

  for (let start = 0; start < targets.length; start += places) {
    const taken = targets.subarray(start, start + places);
    const basis = () => evaluation.basis(start, start + taken.length);
    let pipeline: Pipeline | null = null;
    try {
      for (let leaf = 0; leaf < nest.leaves; leaf += chunk) {
        await breathe(signal);
        pipeline ??= createPipeline({ ...evaluation, targets: taken, basis, places });
        const count = Math.min(chunk, nest.leaves - leaf);
        const finished = pipeline.run(leaf, count);
        if (finished) {
          const values = finished.dataSync<'float32'>();
          finished.dispose();
          maps.set(values.subarray(0, taken.length * size), start * size);
        }
        done += taken.length * count;
        report?.({ done, total, unit: 'gradients' });
      }
    } finally {
      pipeline?.dispose();
    }
  }
  return maps;
}
