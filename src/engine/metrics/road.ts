import { valueAt } from '../../shared/checked-reads';
import { removedCount } from '../../shared/levels';
import { type PixelOrders } from '../../shared/pixel-orders';
import { normalise } from '../models/inputs';
import { type FillContext } from '../removal/fills/fill';
import { fillNoiseOf, linearWith } from '../removal/fills/noisy-linear';
import { rankedMask } from '../removal/mask';
import { removePixels } from '../removal/replace';
import { type Images, imageOf } from '../saliency/input-space';
import { type DifferentiableModel, type ImageShape, sizeOf } from '../saliency/model';
import { lastMade, type Series } from '../saliency/score-series';

export interface RoadOptions {
  /** [N, H, W, C], bytes or float32 in [0, 1]. */
  readonly images: Images;
  readonly shape: ImageShape;
  readonly input: DifferentiableModel['input'];
  /** Index of each image in the validation split, for which noise is drawn. */
  readonly indices: ArrayLike<number>;
  /** Locations of each image without tie bits, [N, H * W], the most important first. */
  readonly orders: PixelOrders;
  /** Shares of the locations that are removed, ascending. */
  readonly levels: readonly number[];
  /** Remove the last of the order instead of the first (LeRF instead of MoRF). */
  readonly keep: boolean;
  /** Standard deviation of the noise in pixel values of [0, 1]; 0 turns it off. Default of ROAD: 0.01. */
  readonly noise: number;
  readonly seed: number;
}

/**
 * Images without the locations that come first or last in their order, filled by noisy linear
 * imputation as the fill of that name does (ROAD: Rong et al. 2022, arXiv 2202.00449), for a model that
 * is not trained again. Exactly n(t) locations go at level t; the noise of a location is the same at
 * every level, for every method and in both orders.
 */
export function roadSeries(options: RoadOptions): Series {
  const { images, shape, input, indices, orders, levels, keep, noise, seed } = options;
  const pixels = shape[0] * shape[1];
  const size = sizeOf(shape);
  const counts = levels.map((level) => removedCount(level, pixels));
  const imageAt = lastMade((image) => imageOf(images, shape, image));
  const noiseAt = lastMade((image) =>
    fillNoiseOf(size, noise, { seed, split: 'validation', image: valueAt(indices, image) }),
  );
  return {
    images: indices.length,
    steps: levels.length,
    size,
    write(image, step, into) {
      const removed = valueAt(counts, step);
      into.set(imageAt(image));
      if (removed > 0) {
        const order = orders.subarray(image * pixels, (image + 1) * pixels);
        const context: FillContext = {
          shape,
          seed,
          split: 'validation',
          image: valueAt(indices, image),
          datasetMean: undefined,
          mask: rankedMask(order, removed, keep),
        };
        const values = linearWith(noise > 0 ? noiseAt(image) : null, into, context);
        removePixels(into, shape[2], context.mask, values);
      }
      normalise(into, input);
    },
  };
}
