import { UnreadableImage } from '../images/decode';
import { type Mask, requireSize, type Size } from './mask';

/** A box around an object, in pixels from the upper left corner of its image. */
export interface Box {
  /** What the object is called; null: it is not said. */
  readonly name: string | null;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Boxes of one image. */
export interface BoxedImage {
  /** Of the image, as the annotation has it; null: it does not say. */
  readonly size: Size | null;
  readonly boxes: readonly Box[];
}

const called = (name: string): string => name.normalize().trim().toLowerCase();

/**
 * What lies in boxes. Where some of them are of the image's class by name, in any case, those alone count:
 * other objects of the picture are not what it is classified by.
 *
 * @throws UnreadableImage where they are of an image of another size, there is no box, or one has no area or
 *   reaches out of the image by more than a pixel (programs count from 0 and from 1)
 */
export function boxesMask({ size, boxes }: BoxedImage, className: string, image: Size): Mask {
  if (size) requireSize(size, image);
  const own = boxes.filter(({ name }) => name !== null && called(name) === called(className));
  const counted = own.length > 0 ? own : boxes;
  if (counted.length === 0) throw new UnreadableImage('it has no box');
  const flat = counted.find(({ width, height }) => !(width > 0 && height > 0));
  if (flat) throw new UnreadableImage(`its box ${wordsOf(flat)} has no area`);
  const off = counted.find((box) => !liesIn(box, image));
  if (off) {
    const pixels = `${image.width} × ${image.height} pixels`;
    throw new UnreadableImage(`its box ${wordsOf(off)} reaches out of the image of ${pixels}`);
  }
  return {
    inside: (x, y) =>
      counted.some(
        ({ left, top, width, height }) =>
          x + 0.5 >= left && x + 0.5 < left + width && y + 0.5 >= top && y + 0.5 < top + height,
      ),
  };
}

function liesIn({ left, top, width, height }: Box, image: Size): boolean {
  return (
    left >= -1 && top >= -1 && left + width <= image.width + 1 && top + height <= image.height + 1
  );
}

const wordsOf = ({ left, top, width, height }: Box): string =>
  `at (${left}, ${top}) of ${width} × ${height}`;
