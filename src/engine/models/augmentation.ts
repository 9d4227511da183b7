import { deriveSeed } from '../../shared/seeds';

/** How training images are varied. */
export interface Augmentation {
  /** Crop at random out of the image with so many black pixels around it; 0: not at all. */
  readonly padding: number;
  /** Mirror every other image, left to right. */
  readonly flip: boolean;
}

/** What happens to one image: where its crop begins, in the padded image, and if it is mirrored. */
export interface Variation {
  readonly top: number;
  readonly left: number;
  readonly flipped: boolean;
}

/** The variation of an image in an epoch, drawn from (seed, 'augment', epoch, image). */
export function variationOf(
  { padding, flip }: Augmentation,
  seed: number,
  epoch: number,
  image: number,
): Variation {
  const [first, second] = deriveSeed(seed, 'augment', epoch, image);
  const places = 2 * padding + 1;
  // 31 bits over a few places: no place is more than 1e-7 likelier than another.
  return {
    top: first % places,
    left: second % places,
    flipped: flip && Math.floor(second / places) % 2 === 1,
  };
}

/**
 * Vary a batch of training images in place (random crop, then mirror), before normalisation, so
 * that the border is black.
 *
 * @param pixels float32 [B, H, W, C] in [0, 1]
 * @param shape H, W, C
 * @param indices which images of the split they are, [B]
 */
export function augment(
  pixels: Float32Array,
  shape: readonly [number, number, number],
  indices: Int32Array,
  augmentation: Augmentation,
  { seed, epoch }: { seed: number; epoch: number },
): void {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const source = new Float32Array(size);
  indices.forEach((image, place) => {
    const target = pixels.subarray(place * size, (place + 1) * size);
    const { top, left, flipped } = variationOf(augmentation, seed, epoch, image);
    const down = top - augmentation.padding;
    const right = left - augmentation.padding;
    if (down === 0 && right === 0 && !flipped) return;
    source.set(target);
    target.fill(0);
    for (let y = Math.max(0, -down); y < Math.min(height, height - down); y += 1) {
      for (let x = Math.max(0, -right); x < Math.min(width, width - right); x += 1) {
        const from = ((y + down) * width + x + right) * channels;
        const to = (y * width + (flipped ? width - 1 - x : x)) * channels;
        for (let c = 0; c < channels; c += 1) target[to + c] = source[from + c] as number;
      }
    }
  });
}
