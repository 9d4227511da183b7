import { z } from 'zod';
import { ownImagesSchema } from './catalogue/own-images';
import { identifyingText } from './identifying-text';
import { maxStoredClasses } from './stored-dataset';

/** At the top of a dataset's archive: what the dataset is. */
export const datasetManifestFile = 'saliency-studio-dataset.json';
/** Beside it, every image in its order: path, label and split. */
export const datasetListFile = 'images.csv';

const longestLicence = 300;
const longestCitation = 4000;

const description = (what: string, longest: number) => {
  const accepted = `${what} of at most ${longest.toLocaleString('en')} characters`;
  return z
    .string(accepted)
    .overwrite((text) => text.normalize('NFC').trim())
    .max(longest, accepted);
};

/** What a person says of a dataset; it appears in its exports and in reports. Empty: nothing. */
export const datasetDescriptionFields = {
  licence: description('a licence', longestLicence),
  citation: description('a citation', longestCitation),
};

/**
 * What an archive of a dataset says of it. Images lie in `train/CLASS` and `validation/CLASS` as PNG; the
 * list says their order and their classes, whatever the folders are called.
 */
export const datasetManifestSchema = z.object({
  format: z.literal('saliency-studio/dataset/1'),
  name: identifyingText(),
  ...datasetDescriptionFields,
  /** Height, width, channels. */
  shape: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  /** By label, in the words of the list. */
  classes: z.array(z.string()).min(1).max(maxStoredClasses),
  train: z.int().nonnegative(),
  validation: z.int().nonnegative(),
  /** With which its images come in as they are; null: no square of a size that can be asked for. */
  images: ownImagesSchema.nullable(),
});
export type DatasetManifest = z.output<typeof datasetManifestSchema>;
