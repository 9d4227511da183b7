import { type Pixels } from './pixels';

/**
 * Turn an image as its EXIF orientation says, so that it stands as it is seen.
 *
 * @param orientation 1 to 8 (EXIF 2.32, tag 0x0112); anything else, and 1, leaves it as it is
 */
export function upright(image: Pixels, orientation: number | undefined): Pixels {
  const { data, width, height, channels } = image;
  const turned = orientation === undefined ? undefined : turns[orientation];
  if (!turned) return image;
  const [swapped, mirroredX, mirroredY] = turned;
  // Where a step to the right, and one down, leads in the image as it is stored.
  const stepX = (mirroredX ? -1 : 1) * channels;
  const stepY = (mirroredY ? -1 : 1) * width * channels;
  const start = ((mirroredX ? width - 1 : 0) + (mirroredY ? height - 1 : 0) * width) * channels;
  const [right, down] = swapped ? [stepY, stepX] : [stepX, stepY];
  const size = swapped ? { width: height, height: width } : { width, height };
  const result = new Uint8Array(data.length);
  let to = 0;
  for (let y = 0; y < size.height; y += 1) {
    let from = start + y * down;
    for (let x = 0; x < size.width; x += 1) {
      for (let c = 0; c < channels; c += 1) result[to + c] = data[from + c] as number;
      to += channels;
      from += right;
    }
  }
  return { data: result, ...size, channels };
}

/** By orientation: whether rows become columns, and whether the stored x and y run backwards. */
const turns: Readonly<Record<number, readonly [boolean, boolean, boolean]>> = {
  2: [false, true, false],
  3: [false, true, true],
  4: [false, false, true],
  5: [true, false, false],
  6: [true, false, true],
  7: [true, true, true],
  8: [true, true, false],
};
