import { type NdArray } from '../arrays';
import { cropStart } from '../model-input';

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

/** The centre of an image [H, W, C] that a model sees of it; the image itself where it sees all. */
export function centreOf(image: NdArray, [high, wide]: readonly [number, number]): NdArray {
  const { height, width, channels } = imageSize(image);
  if (high === height && wide === width) return image;
  const [top, left] = [cropStart(height, high), cropStart(width, wide)];
  const row = wide * channels;
  const data = image.data.slice(0, high * row);
  for (let y = 0; y < high; y += 1) {
    const from = ((y + top) * width + left) * channels;
    data.set(image.data.subarray(from, from + row), y * row);
  }
  return { shape: [high, wide, channels], data };
}
