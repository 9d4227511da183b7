import { setImmediate as breathe } from 'node:timers/promises';
import { plainPixels, rowsOf } from './images/pixels';
import { resizeBilinear } from './images/resize';

interface Images {
  /** uint8 [N, H, W, C]. */
  readonly images: Uint8Array;
  readonly shape: readonly [height: number, width: number, channels: number];
}

/**
 * Images whose longer side is at most `side` pixels, smoothly made smaller: what is looked at
 * small need not travel large. Those that are no larger stay as they are.
 */
export async function smaller({ images, shape }: Images, side: number | null): Promise<Images> {
  const [height, width, channels] = shape;
  const scale = side === null ? 1 : side / Math.max(height, width);
  if (scale >= 1) return { images, shape };
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const bytes = height * width * channels;
  const count = images.length / bytes;
  const each = size.height * size.width * channels;
  const result = new Uint8Array(count * each);
  for (let i = 0; i < count; i += 1) {
    const data = images.subarray(i * bytes, (i + 1) * bytes);
    const image = plainPixels({ data, width, height, channels: channels === 1 ? 1 : 3 });
    const made = resizeBilinear(rowsOf(image), size, { left: 0, top: 0, ...size });
    result.set(made.data, i * each);
    await breathe();
  }
  return { images: result, shape: [size.height, size.width, channels] };
}
