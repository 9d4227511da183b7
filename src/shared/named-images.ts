import { z } from 'zod';
import { uploadIdSchema } from './ids';

const index = z.int('an image index').nonnegative('an image index');

/** Images of a split as a person names them, in an order that something follows. */
export const namedImagesSchema = z.discriminatedUnion('kind', [
  /** All of the split, in its order. */
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('indices'), indices: z.array(index).min(1, 'at least one image') }),
  /** A list that was sent: a column of indices, or of the names that the images came by. */
  z.object({ kind: z.literal('list'), upload: uploadIdSchema }),
]);
export type NamedImages = z.output<typeof namedImagesSchema>;

export const rangesHelp = 'indices and ranges such as 0-99,120';

/** `0-9,42`: whole numbers in the order given; null where it is anything else. */
export function rangedImages(text: string): number[] | null {
  const indices: number[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!match || last < first || last - first > 10_000_000) return null;
    for (let image = first; image <= last; image += 1) indices.push(image);
  }
  return indices;
}
