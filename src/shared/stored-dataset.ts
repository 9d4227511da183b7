import { z } from 'zod';

/** The list of what a stored dataset holds, written last: without it a folder holds no dataset. */
export const storedDatasetFile = 'dataset.json';

/**
 * Images are bytes [N, H, W, C]; labels bytes [N] or, of more than 256 classes, little-endian uint16;
 * nothing else is in these files.
 */
export const storedFiles = {
  train: { images: 'train.images', labels: 'train.labels' },
  validation: { images: 'validation.images', labels: 'validation.labels' },
} as const;

/** Labels are two bytes at most. */
export const maxStoredClasses = 65_536;

/** Bytes of a label. */
export const labelBytes = (classes: number): 1 | 2 => (classes <= 256 ? 1 : 2);

export const storedDatasetSchema = z.object({
  format: z.literal(1),
  dataset: z.string(),
  /** Height, width, channels. */
  shape: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  /** By label; `id` is the distribution's own name of the class (a WordNet id). */
  classes: z
    .array(z.object({ id: z.string(), name: z.string() }))
    .min(1)
    .max(maxStoredClasses),
  train: z.int().nonnegative(),
  validation: z.int().nonnegative(),
  /** Whether these are all images and classes of the official distribution, by their counts. */
  complete: z.boolean(),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })).length(4),
  /** What it was read from. */
  source: z.object({
    kind: z.enum(['archive', 'folder']),
    name: z.string(),
    /** Of an archive, and its MD5. */
    bytes: z.int().nullable(),
    md5: z.string().nullable(),
    /** Whether the archive's checksum is a published one; null: none is known (a folder). */
    published: z.boolean().nullable(),
    publishedAt: z.string().nullable(),
  }),
});
export type StoredDataset = z.infer<typeof storedDatasetSchema>;
