import { z } from 'zod';
import { datasetIdSchema } from './catalogue/datasets';
import { maskCountsSchema } from './dataset-masks';

/** A file that was left out of a dataset. */
export const refusedImageSchema = z.object({
  /** Below what was imported, `/` between folders. */
  path: z.string(),
  /** A clause: 'it is empty'. */
  reason: z.string(),
});
export type RefusedImage = Readonly<z.infer<typeof refusedImageSchema>>;

/** Beside the files of an import that is not whole yet: what is done of it. */
export const begunFile = 'begun.json';

/** What an import that refuses all for one file names as its reason. */
export const strictField = 'strict';

/** What an import of one's own images came to. */
export const importedImagesSchema = z.object({
  dataset: datasetIdSchema,
  /** By label, with their counts. */
  classes: z.array(z.object({ name: z.string(), train: z.int(), validation: z.int() })),
  /** How many images have got a mask of the object; null: no masks came with them. */
  masks: maskCountsSchema.nullable().default(null),
  refused: z.array(refusedImageSchema),
  /** Sentences on what was passed over or read in a way of its own. */
  notes: z.array(z.string()),
});
export type ImportedImages = z.infer<typeof importedImagesSchema>;

/**
 * Beside them, and no part of what it is either: by split, the paths that the images came by, in their order,
 * one a line as JSON: `["validation","disc/1.png"]`.
 */
export const imageNamesFile = 'image-names.jsonl';

/** Beside the files of a dataset of one's own, and no part of what it is. */
export const importedImagesFile = 'imported.json';
