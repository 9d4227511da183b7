import { type Pixels } from './pixels';

/**
 * An image as it is seen by its EXIF orientation. Its bytes stay where they are.
 *
 * @param image as it is stored
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
  return swapped
    ? { data, channels, start, width: height, height: width, right: stepY, down: stepX }
    : { data, channels, start, width, height, right: stepX, down: stepY };
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
