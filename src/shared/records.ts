import { z } from 'zod';
import { arraySchema } from './arrays';
import {
  datasetIdSchema,
  datasetSubsetSchema,
  knownDatasetSchema,
  splitSchema,
} from './catalogue/datasets';
import { networkIdSchema } from './catalogue/network-id';
import { ownImagesSchema } from './catalogue/own-images';
import { mapParametersSchema, seedSchema } from './catalogue/parameters';
import { methodSchema } from './catalogue/methods';
import { roarSettingsSchema } from './catalogue/roar';
import { epochRecordSchema, recipeSchema, trainingRemovalSchema } from './catalogue/training';
import { eachOnce } from './each-once';
import { datasetSummarySchema, engineDescriptionSchema } from './engine';
import { jobIdSchema, modelIdSchema, runIdSchema } from './ids';
import { jobStates } from './jobs';
import { modelClassesSchema } from './model-classes';
import { modelInputSchema } from './model-input';
import { simulationLimits } from './simulation';

/** The nouns that routes return. */
export const datasetRecordSchema = z.object({
  id: datasetIdSchema,
  name: z.string(),
  state: z.enum(['installed', 'missing', 'unreadable']),
  /** Why it is missing or unreadable, and what to do. */
  reason: z.string().nullable(),
  shape: z.tuple([z.int(), z.int(), z.int()]),
  ...datasetSummarySchema.shape,
  licence: z.string(),
  citation: z.string(),
  /** Where an installed dataset came from; null for one that comes with the product. */
  origin: z
    .object({
      /** `images`: made of images of one's own. */
      kind: z.enum(['download', 'package', 'path', 'images']),
      /** The archive's or folder's name. */
      name: z.string(),
      /** Whether the archive equals the published checksum; null: none applies. */
      published: z.boolean().nullable(),
      installedAt: z.string(),
      subset: datasetSubsetSchema,
      /** How images of one's own were made a dataset. */
      images: ownImagesSchema.optional(),
    })
    .nullable(),
  /** What is known of the whole of it; null: it is known by what was installed alone. */
  known: knownDatasetSchema.nullable(),
  /** The job that installs it, queued or running. */
  job: jobIdSchema.nullable(),
});
export type DatasetRecord = z.infer<typeof datasetRecordSchema>;

export const modelRecordSchema = z.object({
  id: modelIdSchema,
  name: z.string(),
  dataset: datasetIdSchema,
  architecture: networkIdSchema,
  origin: z.enum(['trained', 'imported']),
  recipe: recipeSchema.nullable(),
  removal: trainingRemovalSchema,
  removalSeed: z.int(),
  /** What it makes of images first; null: known to the file of its weights alone, and no crop. */
  input: modelInputSchema.nullable(),
  /** What its outputs stand for; null: the dataset's classes, in order. */
  classes: modelClassesSchema.nullable(),
  /** null while it trains, while it is not measured, and where it tells other classes apart. */
  validationAccuracy: z.number().nullable(),
  /** The paper's accuracy at this level, where it states one (0.98 means 'above 98%'). */
  paperAccuracy: z.number().nullable(),
  epochs: z.array(epochRecordSchema),
  /** Of an imported one: sentences on what of its file was not as the studio writes it. */
  adapted: z.array(z.string()),
  sha256: z.string().nullable(),
  job: jobIdSchema.nullable(),
  state: z.enum(['training', 'incomplete', 'ready']),
  createdAt: z.string(),
});
export type ModelRecord = z.infer<typeof modelRecordSchema>;

/** One method's map for one image, reduced or not by the viewer. */
export const exploredMapSchema = z.object({
  request: z.string(),
  image: z.int(),
  method: z.string(),
  /** float32 [H, W, C], raw and signed. */
  map: arraySchema,
  milliseconds: z.number(),
  /** The same inputs had been computed before. */
  reused: z.boolean(),
});

export const exploredImageSchema = z.object({
  image: z.int(),
  /** uint8 [H, W, C]; null where the caller has them. */
  pixels: arraySchema.nullable(),
  label: z.int(),
  predicted: z.int(),
  target: z.int(),
  probabilities: z.array(z.number()),
});
export type ExploredImage = z.infer<typeof exploredImageSchema>;

/**
 * The caller's name for a request, `client.number`: events carry it, and a newer request of the same
 * client gives up the older one.
 */
export const requestNameSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,40}\.[0-9]{1,9}$/, 'a name such as client.1')
  .optional();

export const exploreInputSchema = z.object({
  request: requestNameSchema,
  model: modelIdSchema,
  split: splitSchema.default('validation'),
  images: z
    .array(z.int('an image index').nonnegative('an image index'))
    .min(1, 'at least one image')
    .max(16, 'at most 16 images at once')
    .refine(eachOnce, 'each image once'),
  /** Method ids, built in or composed. */
  methods: z.array(z.string()).min(1, 'at least one method').refine(eachOnce, 'each method once'),
  parameters: mapParametersSchema.prefault({}),
  seed: seedSchema.default(0),
  /** What the caller has already of this model and split: it is not sent again. */
  held: z
    .object({
      /** Images whose pixels it has. */
      pixels: z.array(z.int().nonnegative()).default([]),
      /** Images whose maps by these parameters and seed it has, by method. */
      maps: z.record(z.string(), z.array(z.int().nonnegative())).default({}),
    })
    .prefault({}),
});

/** An end of an interval; null where there is none, since one observation says nothing of chance. */
const bound = z.number().nullable();

export const curvePointSchema = z.object({
  level: z.number(),
  mean: z.number(),
  /** 95% paired percentile bootstrap interval over images, conditional on the trained models. */
  low: bound,
  high: bound,
  n: z.int(),
  /** Mean share of removed pixels that ties decided. */
  tied: z.number(),
  /**
   * score(random) - score(method) at this level, with its paired interval; the other way round where
   * higher scores are better, so that larger is better.
   */
  difference: z.number(),
  differenceLow: bound,
  differenceHigh: bound,
  /** Standard deviation over repetitions; null where observations are images. */
  spread: z.number().nullable().default(null),
});

/** How a method fares beside the others, by what summarises it. */
const beside = {
  /** By how much it does better than the random map: larger is better, whatever the metric. */
  advantage: z.number(),
  advantageLow: bound,
  advantageHigh: bound,
  /** 1 + how many methods are better by a paired interval without 0. */
  rank: z.number(),
  /** Methods whose paired interval of the difference contains 0. */
  tiedWith: z.array(z.string()),
};

/**
 * Of a metric by level, summarised by its area. Over images, with bootstrap intervals, or over
 * repetitions of the training, low and high then by Student's t and n the repetitions. Of one
 * observation there is no interval, and all methods are tied.
 */
export const methodCurveSchema = z.object({
  method: methodSchema,
  points: z.array(curvePointSchema),
  /** Trapezoid area under the curve over the span of levels. */
  area: z.number(),
  areaLow: bound,
  areaHigh: bound,
  ...beside,
});
export type MethodCurve = z.infer<typeof methodCurveSchema>;

/** Of a metric of one value an image, summarised by its mean. */
export const methodValueSchema = z.object({
  method: methodSchema,
  mean: z.number(),
  /** 95% paired percentile bootstrap interval over images. */
  low: bound,
  high: bound,
  n: z.int(),
  ...beside,
});
export type MethodValue = z.infer<typeof methodValueSchema>;

export const levelRecordSchema = z.object({
  level: z.number(),
  model: modelIdSchema.nullable(),
  validationAccuracy: z.number().nullable(),
  paperAccuracy: z.number().nullable(),
  epochs: z.int(),
  seconds: z.number(),
  reused: z.boolean(),
  /** What the model makes of images first; left out where its weights alone know it. */
  input: modelInputSchema.optional(),
});

export const claimSchema = z.object({
  id: z.string(),
  /** What the paper says, in our words. */
  says: z.string(),
  /** Where it says so: 'Abstract' or the number of a section. */
  section: z.string(),
  verdict: z.enum(['held', 'not-held', 'undecided']),
  /** Our figures that decide it, or why it cannot be decided. */
  evidence: z.string(),
});
export type Claim = z.infer<typeof claimSchema>;

export const runRecordSchema = z.object({
  id: runIdSchema,
  name: z.string(),
  settings: roarSettingsSchema,
  state: z.enum(jobStates),
  job: jobIdSchema,
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  seconds: z.number(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** One model of a metric that retrains: its accuracy on images degraded like its own. */
export const retrainedModelSchema = z.object({
  /** Null at level 0, where nothing is removed and all methods share the models. */
  method: z.string().nullable(),
  level: z.number(),
  repetition: z.int(),
  accuracy: z.number(),
  seconds: z.number(),
});
export type RetrainedModel = z.infer<typeof retrainedModelSchema>;

export const runResultSchema = z.object({
  run: runRecordSchema,
  /** Indices into the validation split of the evaluated images. */
  images: z.array(z.int()),
  /** The models that are kept: one a level where the metric trains those, else the base model. */
  levels: z.array(levelRecordSchema),
  /** Empty but of a metric that retrains. */
  retrained: z.array(retrainedModelSchema).default([]),
  /** What the run has less of than its protocol in full, with any of which it decides nothing. */
  cuts: z.array(z.string()).default([]),
  /** What must be said beside the figures. */
  notes: z.array(z.string()).default([]),
  /** Empty of a metric of one value an image. */
  curves: z.array(methodCurveSchema),
  /** Of a metric of one value an image alone. */
  values: z.array(methodValueSchema).optional(),
  claims: z.array(claimSchema),
  engine: engineDescriptionSchema,
});
export type RunResult = z.infer<typeof runResultSchema>;

export const workersForecastSchema = z.object({
  /** Items at once. */
  count: z.int(),
  /** Share of their time in which they would have nothing to do, 0..1. */
  idle: z.number(),
  /** What keeps more of them from ending it sooner. */
  limit: z.enum(simulationLimits),
});
export type WorkersForecast = z.infer<typeof workersForecastSchema>;

export const forecastSchema = z.object({
  stages: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      seconds: z.number(),
      work: z.string(),
      reused: z.int(),
      items: z.int(),
    }),
  ),
  /** Until it is done, by whoever works on it; those of the stages are this machine's alone. */
  seconds: z.number(),
  /** The queue's workers that it reckons with; null: this machine alone. */
  workers: workersForecastSchema.nullable(),
  /** Bytes of new artifacts. */
  bytes: z.int(),
  freeBytes: z.int(),
  measuredOn: z.string(),
});
export type Forecast = z.infer<typeof forecastSchema>;

export const runComparisonSchema = z.object({
  a: runRecordSchema,
  b: runRecordSchema,
  /** Settings that differ, by path. */
  settings: z.array(z.object({ path: z.string(), a: z.string(), b: z.string() })),
  methods: z.array(
    z.object({
      method: methodSchema,
      advantageA: z.number(),
      advantageB: z.number(),
      rankA: z.number(),
      rankB: z.number(),
    }),
  ),
  /** Spearman's rho between the two runs' advantages over the methods that both have. */
  spearman: z.number().nullable(),
  /** What must be said beside the figures. */
  notes: z.array(z.string()),
});

export const statusSchema = z.object({
  version: z.string(),
  shell: z.enum(['electron', 'browser', 'cli']),
  dataDir: z.string(),
  /** `read`: the data directory cannot be written, so that routes that change something refuse. */
  access: z.enum(['write', 'read']),
  engine: engineDescriptionSchema.extend({ state: z.enum(['starting', 'ready', 'unavailable']) }),
  counts: z.object({
    models: z.int(),
    runs: z.int(),
    maps: z.int(),
    studies: z.int(),
    ratings: z.int(),
  }),
  disk: z.object({ artifacts: z.int(), bytes: z.int(), freeBytes: z.int(), unusedBytes: z.int() }),
});
export type Status = z.infer<typeof statusSchema>;
