import { type ImageShape } from './model';

/**
 * A Gaussian blur, along the rows and then along the columns, cut at three standard deviations (at
 * the whole pixel above); beyond the border the image goes on with its outermost pixels.
 *
 * @param image [H, W, C]
 * @param sigma standard deviation in pixels, above 0
 * @returns float32 [H, W, C], rounded once from double precision
 */
export function blur(image: Float32Array, shape: ImageShape, sigma: number): Float32Array {
  const [height, width, channels] = shape;
  const radius = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  const along = (source: ArrayLike<number>, size: number, stride: number) => {
    const result = new Float64Array(source.length);
    for (let i = 0; i < source.length; i += 1) {
      const place = Math.floor(i / stride) % size;
      let sum = 0;
      for (let k = -radius; k <= radius; k += 1) {
        const neighbour = Math.min(Math.max(place + k, 0), size - 1);
        sum +=
          (kernel[k + radius] as number) * (source[i + (neighbour - place) * stride] as number);
      }
      result[i] = sum / total;
    }
    return result;
  };
  return Float32Array.from(along(along(image, width, channels), height, width * channels));
}
