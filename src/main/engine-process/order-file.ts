import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { StudioError } from '../../shared/errors';
import { decodeNpy } from '../../shared/npy';
import { areOrders, locationsOf, type PixelOrders } from '../../shared/pixel-orders';

/**
 * Read the locations in orders.npy, [N, H * W]. Throws `corrupt-file` where it is something else, or where it
 * holds another number of images than `count` (null: any).
 */
export async function readOrders(
  path: string,
  pixels: number,
  count: number | null = null,
): Promise<PixelOrders> {
  const { shape, data } = decodeNpy(await readFile(path), basename(path));
  const fits = shape.length === 2 && shape[1] === pixels && (count ?? shape[0]) === shape[0];
  if (fits && areOrders(data, pixels)) return locationsOf(data);
  throw new StudioError({
    code: 'corrupt-file',
    message: `${basename(path)} holds values of shape [${shape.join(', ')}], not orders [${count ?? 'N'}, ${pixels}].`,
    details: { path },
  });
}
