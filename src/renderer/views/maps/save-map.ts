import { type NdArray } from '../../../shared/arrays';
import { type Reduction } from '../../../shared/catalogue/parameters';
import { saveBlob } from '../../composables/useDownload';
import { toPng } from '../../pixels/canvas';
import { type Display, mapRgba } from '../../../shared/display/colour';
import { imageSize } from '../../../shared/display/slice';
import { npyBlob } from './npy-blob';

/** What a map's file is called. */
export const mapFile = (method: string, image: number): string => `${method}-image-${image}`;

/** The map as it is shown, `zoom` file pixels for each of its pixels. */
export async function saveMapPng(
  map: NdArray,
  image: NdArray,
  look: { readonly display: Display; readonly reduction: Reduction; readonly zoom: number },
  name: string,
): Promise<void> {
  const { height, width } = imageSize(map);
  const rgba = mapRgba(map, look.display, image, look.reduction);
  // A file has all of a map's pixels, however small it is shown.
  const zoom = Math.max(1, Math.round(look.zoom));
  saveBlob(await toPng(rgba, width, height, zoom), `${name}.png`);
}

/** The raw attributions. */
export function saveMapNpy(map: NdArray, name: string): void {
  saveBlob(npyBlob(map), `${name}.npy`);
}
