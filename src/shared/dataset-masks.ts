import { z } from 'zod';

/** Beside the files of a dataset of one's own, and no part of what it is. */
export const masksFile = 'masks.bin';

/** How many images of each split have a mask. */
export const maskCountsSchema = z.object({
  train: z.int().nonnegative(),
  validation: z.int().nonnegative(),
});
export type MaskCounts = Readonly<z.infer<typeof maskCountsSchema>>;

/** The same of what lies beside a dataset, which may have come to harm since. */
export const storedMasksSchema = maskCountsSchema.extend({
  /** A sentence on why they cannot be read, and there are none then; left out: they can. */
  damaged: z.string().optional(),
});
export type StoredMasks = Readonly<z.infer<typeof storedMasksSchema>>;

/** Bytes of a mask of P pixels: a bit each, the first one the highest of its byte. */
export const maskBytes = (pixels: number): number => Math.ceil(pixels / 8);

/** A mask's bits as bytes 0 and 1, row by row. */
export function unpackMask(bits: Uint8Array, pixels: number): Uint8Array {
  return Uint8Array.from(
    { length: pixels },
    (_, pixel) => ((bits[pixel >> 3] as number) >> (7 - (pixel & 7))) & 1,
  );
}
