import { type NdArray } from '../../../shared/arrays';
import { valueAt } from '../../../shared/checked-reads';
import { imageSize } from '../../../shared/display/slice';

/** Four significant digits, with a real minus sign. */
export function formatAttribution(value: number): string {
  const text =
    Math.abs(value) >= 1e-3 || value === 0 ? value.toPrecision(4) : value.toExponential(2);
  return text.replaceAll('-', '−');
}

/** Smallest and largest raw attribution, and their sum over pixels and channels. */
export function mapRange(map: NdArray): { low: string; high: string; sum: string } {
  let [low, high, sum] = [Infinity, -Infinity, 0];
  for (const value of map.data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
  }
  return {
    low: formatAttribution(low),
    high: formatAttribution(high),
    sum: formatAttribution(sum),
  };
}

/** The image's and the map's values at one pixel, channel by channel. */
export function describePixel(
  image: NdArray,
  map: NdArray,
  { row, column }: { row: number; column: number },
): string {
  const values = (array: NdArray) => {
    const { width, channels } = imageSize(array);
    const start = (row * width + column) * channels;
    return Array.from({ length: channels }, (_, c) => valueAt(array.data, start + c));
  };
  const gain = image.data instanceof Float32Array ? 255 : 1;
  const colour = values(image).map((value) => String(Math.round(value * gain)));
  const attribution = values(map).map(formatAttribution);
  return `Row ${row}, column ${column}: pixel ${colour.join(', ')}; attribution ${attribution.join(', ')}`;
}
