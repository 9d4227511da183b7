import { type Fill } from '../../shared/catalogue/training';
import { notFinite, StudioError } from '../../shared/errors';
import { fillOperators } from './fills/catalogue';
import { type FillContext } from './fills/fill';
import { type Mask } from './mask';

/**
 * Replace the removed locations of one image, all channels together, in place.
 *
 * @param pixels [H, W, C]
 * @param values one per channel [C], or one for every location [H, W, C]
 */
export function removePixels(
  pixels: Float32Array,
  channels: number,
  mask: Mask,
  values: Float32Array,
): void {
  // A value's place moves with its location, or is its channel alone.
  const step = values.length === channels ? 0 : 1;
  for (let byte = 0; byte < mask.length; byte += 1) {
    for (let bits = mask[byte] as number; bits !== 0; bits &= bits - 1) {
      const start = (8 * byte + 31 - Math.clz32(bits & -bits)) * channels;
      for (let c = 0; c < channels; c += 1) pixels[start + c] = values[step * start + c] as number;
    }
  }
}

/**
 * Put a fill in the place of one image's removed locations, in place.
 *
 * @param pixels the original image [H, W, C] in [0, 1]
 * @throws StudioError `invalid-input` naming the fill, image and level where a value is not finite
 */
export function fillRemoved(
  pixels: Float32Array,
  fill: Fill,
  context: FillContext & { readonly level: number },
): void {
  const { shape, mask, split, image, level } = context;
  const what = `A value of the fill ${fill} for ${split} image ${image} at level ${level}`;
  const values = named(what, () => fillOperators[fill](pixels, context));
  const broken = values.find((value) => !Number.isFinite(value));
  if (broken !== undefined) throw notFinite(what, broken, 'choose another fill');
  removePixels(pixels, shape[2], mask, values);
}

/** A fill that finds no values says why; which of all it was is known here. */
function named<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `${what} cannot be found (${error.message}): choose another fill.`;
    throw new StudioError({ code: 'invalid-input', message }, error);
  }
}
