import { z } from 'zod';
import { splitSchema } from './catalogue/datasets';
import { ownImagesSchema } from './catalogue/own-images';
import { datasetManifestSchema } from './dataset-archive';
import { maskCountsSchema } from './dataset-masks';
import { importedImagesSchema } from './imported-images';

/** What an export of Saliency Studio says of itself. */
export const statedDatasetSchema = datasetManifestSchema.pick({
  name: true,
  licence: true,
  citation: true,
});
export type StatedDataset = z.output<typeof statedDatasetSchema>;

/** Files that are left out, as far as a preview names them: a million would not be looked at. */
export const previewedRefusals = 1000;
/** Images that a preview shows, at most. */
export const previewedImages = 24;

/** What an import would come to, as far as it can be told before any image is written. */
export const imagesPreviewSchema = z.object({
  ...importedImagesSchema.pick({ classes: true, refused: true, notes: true }).shape,
  /** How many files are left out in all; `refused` are the first of them. */
  refusals: z.int(),
  /** As they were completed. */
  settings: ownImagesSchema,
  stated: statedDatasetSchema.nullable(),
  /** Whether the images come with their split, or it is drawn. */
  splitGiven: z.boolean(),
  /** How many images a mask of the object came with; null: none came. */
  masks: maskCountsSchema.nullable(),
  /** Some images of each class, or of as many classes as are shown. */
  samples: z.array(
    z.object({
      path: z.string(),
      className: z.string(),
      split: splitSchema,
      /** Why it cannot be read; null: its pixels are there. */
      why: z.string().nullable(),
      /** Whether its mask is there. */
      masked: z.boolean(),
      /** Why its mask cannot be read. */
      maskWhy: z.string().nullable(),
    }),
  ),
});
export type ImagesPreview = z.output<typeof imagesPreviewSchema>;

/** Where an engine leaves it, beside the pixels of the samples that can be read. */
export const imagesPreviewFile = 'preview.json';
export const samplePixelsFile = 'samples.npy';
/** Masks of the samples that have one, in their order: uint8 [N, ceil(size * size / 8)]. */
export const sampleMasksFile = 'masks.npy';
