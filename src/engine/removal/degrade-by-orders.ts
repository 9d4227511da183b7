import { valueAt } from '../../shared/checked-reads';
import { removedCount } from '../../shared/levels';
import { imageOf } from '../saliency/input-space';
import { sizeOf } from '../saliency/model';
import { type DegradeRequest } from './degrade';
import { rankedMask } from './mask';
import { fillRemoved } from './replace';
import { type PixelOrders } from '../../shared/pixel-orders';

export interface OrderRequest extends Omit<DegradeRequest, 'maps' | 'method'> {
  /** The order of each image's pixels, [N, H * W], the most important first. */
  readonly orders: PixelOrders;
  /** Remove the last of each order instead of the first. */
  readonly keep: boolean;
}

/**
 * Validation images without the pixels that their orders name (see `rankMaps`): what a model of a
 * protocol that retrains is tested on. float32 [N, H, W, C] in [0, 1].
 */
export function degradeByOrders(request: OrderRequest): Float32Array {
  const { shape, indices, orders, level, keep, fill, seed, datasetMean } = request;
  const size = sizeOf(shape);
  const pixels = shape[0] * shape[1];
  const images = new Float32Array(indices.length * size);
  for (let position = 0; position < indices.length; position += 1) {
    const image = valueAt(indices, position);
    const order = orders.subarray(position * pixels, (position + 1) * pixels);
    const mask = rankedMask(order, removedCount(level, pixels), keep);
    const target = images.subarray(position * size, (position + 1) * size);
    target.set(imageOf(request.images, shape, position));
    const context = { shape, seed, split: 'validation', image, datasetMean, mask } as const;
    fillRemoved(target, fill, { ...context, level });
  }
  return images;
}
