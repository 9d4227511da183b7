import { type NdArray } from '../arrays';
import { type Reduction } from '../catalogue/parameters';
import { displayScale, reduceChannels } from './reduce';
import { imageSize } from './slice';

/** How a map is shown: as in the paper, with its sign, or laid over its image. */
export const displays = ['grayscale', 'diverging', 'overlay'] as const;
export type Display = (typeof displays)[number];

/** RGBA bytes of one picture, row-major, ready for ImageData. */
export type Rgba = Uint8ClampedArray<ArrayBuffer>;
type Colour = readonly [number, number, number];

// Ends of ColorBrewer's RdBu, white between.
const negative: Colour = [33, 102, 172];
const positive: Colour = [178, 24, 43];
const white: Colour = [255, 255, 255];
// The overlay's heat: deep red, orange, yellow.
const heat: readonly Colour[] = [
  [150, 0, 38],
  [240, 90, 30],
  [255, 225, 80],
];

const mix = (a: number, b: number, share: number): number => a + (b - a) * share;
const blend = (a: Colour, b: Colour, share: number): Colour => [
  mix(a[0], b[0], share),
  mix(a[1], b[1], share),
  mix(a[2], b[2], share),
];
const clamp = (value: number): number => Math.min(1, Math.max(0, value));

function heatColour(value: number): Colour {
  const at = clamp(value) * (heat.length - 1);
  const low = Math.min(Math.floor(at), heat.length - 2);
  return blend(heat[low] ?? white, heat[low + 1] ?? white, at - low);
}

function paint(pixels: number, colour: (pixel: number) => Colour): Rgba {
  const rgba = new Uint8ClampedArray(pixels * 4);
  for (let i = 0; i < pixels; i += 1) {
    const [r, g, b] = colour(i);
    rgba[i * 4] = r;
    rgba[i * 4 + 1] = g;
    rgba[i * 4 + 2] = b;
    rgba[i * 4 + 3] = 255;
  }
  return rgba;
}

function imageColour(image: NdArray): (pixel: number) => Colour {
  const { channels } = imageSize(image);
  // Bytes are 0..255 already; floats are shares of white.
  const gain = image.data instanceof Float32Array ? 255 : 1;
  const at = (pixel: number, c: number) =>
    (image.data[pixel * channels + Math.min(c, channels - 1)] as number) * gain;
  return (pixel) => [at(pixel, 0), at(pixel, 1), at(pixel, 2)];
}

/** An image [H, W, 1 or 3], uint8 in 0..255 or float32 in 0..1, as it is. */
export function imageRgba(image: NdArray): Rgba {
  const { height, width, channels } = imageSize(image);
  const { data } = image;
  const gain = data instanceof Float32Array ? 255 : 1;
  const green = channels > 1 ? 1 : 0;
  const blue = channels > 2 ? 2 : green;
  // Dozens of thumbnails come at once: a pixel makes no object.
  const rgba = new Uint8ClampedArray(height * width * 4);
  for (let to = 0, from = 0; to < rgba.length; to += 4, from += channels) {
    rgba[to] = (data[from] as number) * gain;
    rgba[to + 1] = (data[from + green] as number) * gain;
    rgba[to + 2] = (data[from + blue] as number) * gain;
    rgba[to + 3] = 255;
  }
  return rgba;
}

/** The reduced map (negative values black), clipped at its 99th percentile, black to white. */
export function grayscaleRgba(map: NdArray, reduction: Reduction = 'absolute'): Rgba {
  const values = reduceChannels(map, reduction);
  const scale = displayScale(values);
  return paint(values.length, (pixel) => {
    const level = clamp((values[pixel] as number) / scale) * 255;
    return [level, level, level];
  });
}

/** Attribution summed over channels with its sign: blue, white at 0, red; symmetric. */
export function divergingRgba(map: NdArray): Rgba {
  const values = reduceChannels(map, 'signed');
  const scale = displayScale(values);
  return paint(values.length, (pixel) => {
    const share = (values[pixel] as number) / scale;
    return blend(white, share < 0 ? negative : positive, clamp(Math.abs(share)));
  });
}

/** The grayscale map as heat over its image; where nothing is attributed the image shows. */
export function overlayRgba(map: NdArray, image: NdArray, reduction: Reduction = 'absolute'): Rgba {
  const values = reduceChannels(map, reduction);
  const scale = displayScale(values);
  const under = imageColour(image);
  return paint(values.length, (pixel) => {
    const strength = clamp((values[pixel] as number) / scale);
    // The image fades a little, so that its white does not outshine the heat.
    const [r, g, b] = under(pixel);
    return blend([r * 0.75, g * 0.75, b * 0.75], heatColour(strength), Math.min(1, strength * 1.2));
  });
}

/** A map under one of the three displays; the overlay needs its image, diverging is signed. */
export function mapRgba(
  map: NdArray,
  display: Display,
  image: NdArray | null,
  reduction: Reduction = 'absolute',
): Rgba {
  if (display === 'diverging') return divergingRgba(map);
  if (display === 'overlay' && image) return overlayRgba(map, image, reduction);
  return grayscaleRgba(map, reduction);
}
