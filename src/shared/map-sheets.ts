import { z } from 'zod';
import { datasetIdSchema } from './catalogue/datasets';
import { eachOnce } from './each-once';
import { exportFileSchema } from './export-file';
import { experimentIdSchema, modelIdSchema, runIdSchema } from './ids';

/**
 * Small multiples of maps: a block for each dataset, in it a row for each image and a column for
 * each method. A printable page.
 */
export const mapSheetInputSchema = z.object({
  of: z.discriminatedUnion('kind', [
    /** The base model, images and maps of a run. */
    z.object({ kind: z.literal('run'), run: runIdSchema }),
    /** A block for each member of an experiment, in its order. */
    z.object({ kind: z.literal('experiment'), experiment: experimentIdSchema }),
    /**
     * The newest model of each dataset that was trained on whole images, the paper's parameters and
     * images: the maps of a run on that model where there is one. Datasets without such a model are
     * left out.
     */
    z.object({
      kind: z.literal('datasets'),
      datasets: z
        .array(datasetIdSchema)
        .min(1, 'at least one dataset')
        .refine(eachOnce, 'each dataset once'),
    }),
  ]),
  /** At most so many images a block: of the run's images the first of each class. */
  images: z
    .int('a whole number from 1 to 20')
    .min(1, 'a whole number from 1 to 20')
    .max(20, 'a whole number from 1 to 20')
    .default(10),
});
export type MapSheetInput = z.infer<typeof mapSheetInputSchema>;

/** A PNG of one image or map, at its own size: enlarge it without smoothing. */
const thumbnailSchema = z.base64();

export const mapSheetBlockSchema = z.object({
  dataset: datasetIdSchema,
  name: z.string(),
  model: z.object({ id: modelIdSchema, name: z.string() }),
  /** The run whose maps these are; null: made for the sheet. */
  run: z.object({ id: runIdSchema, name: z.string() }).nullable(),
  /** In the order of the paper's tables, then the others; the random map is left out. */
  methods: z.array(z.object({ id: z.string(), name: z.string() })),
  rows: z.array(
    z.object({
      /** Index into the validation split. */
      image: z.int(),
      label: z.int(),
      /** Name of its class. */
      class: z.string(),
      picture: thumbnailSchema,
      /** One for each of `methods`: gray values as in the paper. */
      maps: z.array(thumbnailSchema),
    }),
  ),
  /** What the maps were made with, in words. */
  caption: z.string(),
});
export type MapSheetBlock = z.infer<typeof mapSheetBlockSchema>;

export const mapSheetSchema = z.object({
  blocks: z.array(mapSheetBlockSchema),
  /** What is left out, and why. */
  notes: z.array(z.string()),
});
export type MapSheet = z.infer<typeof mapSheetSchema>;

/** `maps.html` is self-contained and prints on A4 landscape, a page for each block. */
export const mapSheetFormats = ['maps.html', 'maps.svg', 'maps.png'] as const;

export const mapSheetRoutes = {
  /** Stored maps are used; missing ones are made first, which may take a while. */
  'maps.sheet': { input: mapSheetInputSchema, output: mapSheetSchema },
  'maps.sheetExport': {
    input: mapSheetInputSchema.extend({ format: z.enum(mapSheetFormats) }),
    output: exportFileSchema,
  },
} as const;
