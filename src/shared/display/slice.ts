import { type NdArray } from '../arrays';

/** Height, width and channels of an array [H, W, C] or [H, W]. */
export function imageSize(array: NdArray): { height: number; width: number; channels: number } {
  const [height = 0, width = 0, channels = 1] = array.shape;
  return { height, width, channels };
}

/** The `index`-th image of an array [N, H, W, C], as a view [H, W, C]. */
export function sliceImage(array: NdArray, index: number): NdArray {
  const shape = array.shape.slice(1);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { shape, data: array.data.subarray(index * size, (index + 1) * size) };
}
