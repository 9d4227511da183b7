import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { StudioError } from '../../shared/errors';
import { decodeNpy } from '../../shared/npy';
import { locationsOf } from '../../shared/pixel-orders';

/**
 * Read the locations in orders.npy, uint16 [N, H * W]. Throws `corrupt-file` where it is something else, or where it
 * holds another number of images than `count` (null: any).
 */
export async function readOrders(
  path: string,
  pixels: number,
  count: number | null = null,
): Promise<Uint16Array> {
  const { shape, data } = decodeNpy(await readFile(path), basename(path));
  const fits = shape.length === 2 && shape[1] === pixels && (count ?? shape[0]) === shape[0];
  if (data instanceof Uint16Array && fits) return locationsOf(data);
  throw new StudioError({
    code: 'corrupt-file',
    message: `${basename(path)} holds values of shape [${shape.join(', ')}], not orders [${count ?? 'N'}, ${pixels}].`,
    details: { path },
  });
}
