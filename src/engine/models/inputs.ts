import type { ImageStore } from '../datasets/image-store';
import type { InputNormalisation } from './model';

/** Row-major NHWC in memory, bytes 0 .. 255 or values in [0, 1]; or a store of bytes. */
export type Pixels = Uint8Array | Float32Array | ImageStore;

/** Images as a dataset holds them. */
export interface Images {
  readonly images: Pixels;
  /** Class of each image. */
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
}

/**
 * Change a batch of pixels in [0, 1] in place before it is normalised: where removal acts.
 *
 * @param pixels float32 [B, H, W, C]
 * @param indices which images of the split they are, [B]
 * @param epoch 0 where there is none
 */
export type Prepare = (
  pixels: Float32Array,
  indices: Int32Array,
  context: { split: 'train' | 'validation'; epoch: number },
) => void;

/** A byte's pixel value, rounded to float32 as PyTorch rounds it. */
const unit = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Pixels in [0, 1] of the images at `indices`, [indices.length, ...], in fresh memory. */
export function pixelsOf(images: Pixels, size: number, indices: Int32Array): Float32Array {
  const pixels = new Float32Array(indices.length * size);
  const stored = images instanceof Uint8Array || images instanceof Float32Array ? null : images;
  const scratch = new Uint8Array(stored ? size : 0);
  let position = 0;
  for (const index of indices) {
    const start = stored ? 0 : index * size;
    if (images instanceof Float32Array) {
      pixels.set(images.subarray(start, start + size), position);
    } else {
      stored?.read(index, scratch, 0);
      const bytes = images instanceof Uint8Array ? images : scratch;
      for (let i = 0; i < size; i += 1)
        pixels[position + i] = unit[bytes[start + i] as number] as number;
    }
    position += size;
  }
  return pixels;
}

/** Normalise pixels [..., C] in place: (pixel - mean) / std by channel. Returns its argument. */
export function normalise(pixels: Float32Array, input: InputNormalisation): Float32Array {
  const { mean, std } = input;
  if (mean.every((value) => value === 0) && std.every((value) => value === 1)) return pixels;
  const channels = mean.length;
  const means = Float32Array.from(mean);
  const stds = Float32Array.from(std);
  for (let i = 0; i < pixels.length; i += 1) {
    const channel = i % channels;
    const difference = Math.fround((pixels[i] as number) - (means[channel] as number));
    pixels[i] = difference / (stds[channel] as number);
  }
  return pixels;
}
