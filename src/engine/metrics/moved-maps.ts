import { makeMaps, type MapRequest } from '../saliency/make-maps';
import { imageOf } from '../saliency/input-space';
import { sizeOf } from '../saliency/model';
import { valueAt } from '../../shared/checked-reads';

/**
 * Raw maps of images that are moved, as max-sensitivity takes them: the same method on x + d, with the
 * classes explained, the noise and the seeds of x.
 *
 * @param request with `targets`: the classes explained of the images as they are
 * @returns a function of d, float32 [N, H, W, C] in the model's input space
 */
export function movedMaps(
  request: MapRequest & { readonly targets: Int32Array },
): (shifts: Float32Array) => Promise<Float32Array> {
  const { images, model } = request;
  const shape = model.inputShape;
  const size = sizeOf(shape);
  const channels = shape[2];
  return (shifts) => {
    const moved = new Float32Array(shifts.length);
    for (let start = 0; start < moved.length; start += size) {
      moved.set(imageOf(images, shape, start / size), start);
    }
    // A model sees pixels by their deviation.
    const std = Array.from({ length: channels }, (_, c) => valueAt(model.input.std, c));
    for (let i = 0; i < moved.length; i += 1) {
      moved[i] = (moved[i] as number) + (shifts[i] as number) * (std[i % channels] as number);
    }
    return makeMaps({ ...request, images: moved, noiseImages: images });
  };
}
