import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { reduceChannels } from '../../engine/saliency/reduction';
import { type Reduction } from '../../shared/catalogue/parameters';
import { StudioError } from '../../shared/errors';
import { decodeNpy } from '../../shared/npy';

/** The same reduced to one value per pixel: float32 [N, H * W]. Throws as `readMap` does. */
export async function readReducedMap(
  path: string,
  count: number,
  shape: readonly [number, number, number],
  reduction: Reduction,
): Promise<Float32Array> {
  const { raw, channels } = await readMap(path, count, shape);
  return reduceChannels(raw, channels, reduction);
}

/**
 * Read map.npy, raw attributions float32 [N, H, W, C] for these many images. Throws `corrupt-file`
 * where it is something else.
 */
export async function readMap(
  path: string,
  count: number,
  [height, width]: readonly [number, number, number],
): Promise<{ raw: Float32Array; channels: number }> {
  const { shape, data } = decodeNpy(await readFile(path), basename(path));
  const channels = shape[3] ?? 0;
  const fits = shape.length === 4 && shape[0] === count && shape[1] === height;
  if (!(data instanceof Float32Array) || !fits || shape[2] !== width || channels < 1) {
    throw new StudioError({
      code: 'corrupt-file',
      message: `${basename(path)} holds values of shape [${shape.join(', ')}], not maps [${count}, ${height}, ${width}, C].`,
      details: { path },
    });
  }
  return { raw: data, channels };
}
