import { normalise, pixelsOf } from '../models/inputs';
import { type DifferentiableModel, type ImageShape, sizeOf } from './model';

/** Images [N, H, W, C]: bytes, or float32 scaled to [0, 1]. */
export type Images = Uint8Array | Float32Array;

/** Pixels of one image in [0, 1]: float32 [H, W, C], a copy. */
export function imageOf(images: Images, shape: ImageShape, position: number): Float32Array {
  return pixelsOf(images, sizeOf(shape), Int32Array.of(position));
}

/** One image as the model sees it: float32 [H, W, C], a copy. */
export function inputOf(
  images: Images,
  shape: ImageShape,
  position: number,
  input: DifferentiableModel['input'],
): Float32Array {
  return normalise(imageOf(images, shape, position), input);
}
