import { type DescribedMetric, type MetricDescriptor } from '../../shared/catalogue/metric';
import {
  type Parameters,
  type ParameterValues,
  type ValuesOf,
} from '../../shared/catalogue/parameter';
import { type Fill } from '../../shared/catalogue/training';
import { type Runtime } from '../runtime/load';
import { type Images } from '../saliency/input-space';
import { type DifferentiableModel, type ImageShape } from '../saliency/model';

/** What one method's maps are measured by. */
export interface MeasureContext {
  readonly runtime: Runtime;
  /** The base model, which made the maps. */
  readonly model: DifferentiableModel;
  /** Images that the model scores at once. */
  readonly forwardBatch: number;
  /** [N, H, W, C], bytes or float32 in [0, 1]. */
  readonly images: Images;
  readonly shape: ImageShape;
  /** Classes [N]. */
  readonly labels: ArrayLike<number>;
  /** Index of each image in its split. */
  readonly indices: ArrayLike<number>;
  /** Raw attributions float32 [N, H, W, `channels`], signed. */
  readonly raw: Float32Array;
  readonly channels: number;
  /** The same reduced to a value a pixel, float32 [N, H * W]. */
  readonly maps: Float32Array;
  /** Whose maps they are, for refusals. */
  readonly method: string;
  /** Of a curve, ascending from 0; of a scalar 0 alone. */
  readonly levels: readonly number[];
  readonly fill: Fill;
  /** Mean of each channel over the training split, where the fill needs it. */
  readonly datasetMean: readonly number[] | undefined;
  /** Of everything drawn at random, by (seed, purpose, image): alike for all methods. */
  readonly seed: number;
  /** To wait on between batches. */
  readonly signal: AbortSignal;
}

/** The numbers of a metric that the engine gives by itself. */
export interface Measure {
  readonly descriptor: MetricDescriptor;
  /** Values of one method, finite: float32 [N] of a scalar, [L, N] of a curve. */
  measure(context: MeasureContext, parameters: ParameterValues): Promise<Float32Array>;
}

/** A measure whose parameters have the types that its descriptor gives them. */
export function measure<P extends Parameters>(
  descriptor: DescribedMetric<P>,
  values: (context: MeasureContext, parameters: ValuesOf<P>) => Promise<Float32Array>,
): Measure {
  return {
    descriptor,
    measure: (context, parameters) => values(context, parameters as ValuesOf<P>),
  };
}
