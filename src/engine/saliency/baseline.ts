import { type MapParameters } from '../../shared/catalogue/parameters';
import { valueAt } from '../../shared/checked-reads';
import { blur } from './blur';
import { type DifferentiableModel, type ImageShape, sizeOf } from './model';

/** Standard deviation of the blur baseline, as a share of the image's longer side. */
const blurShare = 0.1;

/**
 * The baseline x' of one image, in the model's input space.
 * - `zero`: 0 in the input space
 * - `black`, `white`: pixels 0 and 1, normalised as the model normalises
 * - `image-mean`: each channel's mean over the image
 * - `blur`: a Gaussian blur of the image; standard deviation a tenth of the longer side (2.8 pixels
 *   at 28), cut at three of them, outermost pixels repeated beyond the border
 *
 * @param image [H, W, C] in the model's input space
 * @returns float32 [H, W, C]
 */
export function baselineOf(
  kind: MapParameters['baseline'],
  image: Float32Array,
  shape: ImageShape,
  input: DifferentiableModel['input'],
): Float32Array {
  const channels = shape[2];
  const perChannel = (value: (channel: number) => number) => {
    const values = Array.from({ length: channels }, (_, c) => value(c));
    return Float32Array.from({ length: sizeOf(shape) }, (_, i) => values[i % channels] as number);
  };
  const normalised = (pixel: number) =>
    perChannel((c) => (pixel - valueAt(input.mean, c)) / valueAt(input.std, c));
  switch (kind) {
    case 'zero':
      return new Float32Array(sizeOf(shape));
    case 'black':
      return normalised(0);
    case 'white':
      return normalised(1);
    case 'image-mean':
      return perChannel((c) => {
        let sum = 0;
        for (let i = c; i < image.length; i += channels) sum += image[i] as number;
        return sum / (shape[0] * shape[1]);
      });
    case 'blur':
      return blur(image, shape, blurShare * Math.max(shape[0], shape[1]));
  }
}
