import { storedMasksSchema } from './dataset-masks';
import { z } from 'zod';
import { compositionTextSchema } from './catalogue/compositions';
import { datasetIdSchema, datasetSubsetSchema, splitSchema } from './catalogue/datasets';
import { metricSchema } from './catalogue/metric';
import { networkIdSchema } from './catalogue/network-id';
import { operatorSchema } from './catalogue/operator';
import { askedImagesSchema, ownImagesSchema } from './catalogue/own-images';
import { parameterValueSchema } from './catalogue/parameter';
import {
  mapParametersSchema,
  reductionSchema,
  seedSchema,
  targetSchema,
} from './catalogue/parameters';
import { fillSchema, levelSchema, recipeSchema, trainingRemovalSchema } from './catalogue/training';
import { datasetManifestSchema } from './dataset-archive';
import { foundMapsSchema } from './foreign-maps';
import { errorSchema } from './errors';
import { previewedImages, statedDatasetSchema } from './images-preview';
import { refusedImageSchema } from './imported-images';
import { labelChoiceSchema, modelClassesSchema } from './model-classes';
import { sideChoiceSchema, modelInputSchema, sightSchema } from './model-input';
import { weightsInspectionSchema } from './weights-inspection';

/**
 * The engine's operations: what core asks of the engine process. Every operation is stateless (all
 * it needs is in its input and in files), so that a crash loses at most the operation under way.
 * Arrays travel as files that the engine writes into `outDir` and core adopts.
 */
export const fileSchema = z.object({
  /** File name inside `outDir`. */
  name: z.string(),
  sha256: z.string(),
  bytes: z.int(),
});
export type EngineFile = z.infer<typeof fileSchema>;

const source = {
  dataset: datasetIdSchema,
  /** Folder that holds the dataset's files. */
  datasetDir: z.string(),
};
const model = {
  /** Path of a safetensors file. */
  model: z.string(),
};
const images = {
  split: splitSchema,
  /** Indices into the split. */
  indices: z.array(z.int().nonnegative()),
};
/** What of the images the model sees; left out: the whole of them. */
const sight = { sight: sightSchema.optional() };
/** What a network leaves open: the images it takes, the classes it tells apart, its options. */
export const modelFormSchema = z.object({
  /** Height, width, channels. */
  inputShape: z.tuple([z.int(), z.int(), z.int()]),
  classes: z.int(),
  /** What is left out is the network's default. */
  options: z.record(z.string(), z.string()).default({}),
});

/** What a model of a protocol that retrains is trained and tested on. */
export const retrainingSchema = z.object({
  /** Share of the pixels removed; nothing at 0. */
  level: levelSchema,
  /** Remove the last of each image's order instead of the first (keep-and-retrain). */
  keep: z.boolean(),
  fill: fillSchema,
  /** Of the fills, and of the choice of validation images. */
  seed: seedSchema,
  /** How many validation images count, stratified from (seed, 'images'). */
  images: z.int().positive(),
  /** Of the choice of training images (`trainLimit`), which all repetitions share. */
  trainSeed: seedSchema,
  /** Paths of orders.npy files of the chosen images, in their order; empty at level 0. */
  orders: z.object({ train: z.array(z.string()), validation: z.array(z.string()) }),
});
export type Retraining = z.infer<typeof retrainingSchema>;

/** Maps and how their pixels are ranked and filled. */
const rankedMaps = {
  fill: fillSchema,
  reduction: reductionSchema,
  seed: seedSchema,
  /** Paths of map.npy files, one per method, each [N, H, W, C] for these indices. */
  maps: z.array(z.string()),
  /** Names of those methods, for refusals. */
  methods: z.array(z.string()),
};

/** What is here of a dataset. */
export const datasetSummarySchema = z.object({
  classes: z.array(z.string()),
  train: z.int(),
  validation: z.int(),
  trainPerClass: z.array(z.int()),
  validationPerClass: z.array(z.int()),
  /** sha256 per file, and whether it equals a published checksum (null: none is known). */
  files: z.array(
    z.object({ name: z.string(), sha256: z.string(), published: z.boolean().nullable() }),
  ),
  bytes: z.int(),
  /** How many images have a mask of the object. */
  masks: storedMasksSchema,
});

const out = { outDir: z.string() };
/** A folder that outlives the operation, in which what it unpacks stays for the next one; null: there is none. */
const staysSchema = z.string().nullable();

/** Maps of one composition, or what is made of them. */
const mapsInput = z.object({
  ...source,
  ...model,
  ...images,
  /** As the model's file has it: by it alone can others tell the shape of what comes back. */
  ...sight,
  composition: compositionTextSchema,
  parameters: mapParametersSchema,
  seed: seedSchema,
  ...out,
});
/** Maps that were made elsewhere, and the images that they follow. */
const foreignMaps = z.object({
  path: z.string(),
  /** What the person knows the file by, for refusals. */
  file: z.string(),
  /** Which array of an `.npz`; null: the only one. */
  array: z.string().nullable(),
  /** Height and width of what the model sees. */
  side: z.tuple([z.int(), z.int()]),
  /** Path of images.npy, int32 [N]: indices into the split, each once. */
  images: z.string(),
  ...out,
});
const files = { files: z.array(fileSchema) };
const done = () => z.object(files);

export const engineDescriptionSchema = z.object({
  available: z.boolean(),
  /** Why TensorFlow is not there, and how to mend it. */
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  device: z.enum(['cpu', 'cuda']).nullable(),
  deviceName: z.string().nullable(),
  threads: z.int().nullable(),
  oneDnn: z.boolean().nullable(),
  versions: z.record(z.string(), z.string()),
  /** Of the engine as a whole; 2 where it was stored before it was kept. */
  numerics: z.int().default(2),
  /** Physical batch sizes as `network/purpose`: what of them matters is part of an artifact's key. */
  plan: z.record(z.string(), z.int()),
  /**
   * Which arithmetic of its own the engine has where it is not the first: of a network's scores
   * and gradients, of its training (`trainingOf`), of maps of a `probability`, of a fill by its name, of
   * an operator (`operatorOf`), of a metric that it measures (`metricOf`).
   * Part of the keys of what is made with it.
   */
  arithmetic: z.record(z.string(), z.int()).default({}),
});
export type EngineDescription = z.infer<typeof engineDescriptionSchema>;

/** What an engine's `arithmetic` calls a network's training. */
export const trainingOf = (network: string): string => `${network} training`;
/** The same of an operator, and of a metric. */
export const operatorOf = (operator: string): string => `operator ${operator}`;
export const metricOf = (metric: string): string => `metric ${metric}`;

export const ratesSchema = z.object({
  trainImagesPerSecond: z.number(),
  gradientsPerSecond: z.number(),
  forwardImagesPerSecond: z.number(),
});
export type Rates = z.infer<typeof ratesSchema>;

export const engineOperations = {
  describe: {
    input: z.object({
      operators: z.array(operatorSchema).default([]),
      /** Those that it measures by itself. */
      metrics: z.array(metricSchema).default([]),
    }),
    output: engineDescriptionSchema,
  },

  /** Read and check the dataset's files. Needs no TensorFlow. */
  'dataset-summary': {
    input: z.object(source),
    output: datasetSummarySchema,
  },

  /**
   * Read a dataset as it is distributed (an archive or its unpacked folder) and write it in the
   * form that training streams from, checked against the archive's own lists. Files: dataset.json,
   * train.images, train.labels, validation.images, validation.labels. Needs no TensorFlow.
   */
  'dataset-import': {
    input: z.object({
      importer: z.string(),
      dataset: datasetIdSchema,
      /** What the whole distribution holds. */
      whole: z.object({ classes: z.int(), train: z.int(), validation: z.int() }),
      /** Checksums of its archives, `md5:…` or `sha512-…`, and where they are published. */
      published: z.array(z.object({ checksum: z.string(), publishedAt: z.string() })),
      /** An archive or a folder. */
      path: z.string(),
      subset: datasetSubsetSchema,
      ...out,
    }),
    output: z.object({
      ...files,
      classes: z.int(),
      train: z.int(),
      validation: z.int(),
    }),
  },

  /**
   * Make a dataset of one's own images and write it in the form that training streams from. Files: those
   * of `dataset-import`, and imported.json (`importedImagesSchema`), which may be longer than a message.
   * Where it ends in the middle, cancelled or killed, what is done stays in its folder; asked again
   * with the same folder, it goes on from there.
   * Needs no TensorFlow.
   */
  'images-import': {
    input: z.object({
      /** A folder, an archive or a list of labels. */
      path: z.string(),
      /** A list of labels beside it. */
      labels: z.string().nullable(),
      /** What holds their masks; null: none but what lies beside them. */
      masks: z.string().nullable(),
      settings: askedImagesSchema,
      strict: z.boolean(),
      ...out,
    }),
    output: z.object({
      ...files,
      /** What it is called by its content. */
      dataset: datasetIdSchema,
      /** As they were completed, with the side and channels that the images have got. */
      settings: ownImagesSchema,
      stated: statedDatasetSchema.nullable(),
    }),
  },
  /**
   * What that import would come to. Files: preview.json (`imagesPreviewSchema`) and samples.npy
   * uint8 [N, size, size, C], those of its samples that can be read. Needs no TensorFlow.
   */
  'images-preview': {
    input: z.object({
      path: z.string(),
      labels: z.string().nullable(),
      masks: z.string().nullable(),
      settings: askedImagesSchema,
      stays: staysSchema,
      ...out,
    }),
    output: done(),
  },
  /** The same samples otherwise. File: samples.npy as above, of those that can be read. Needs no TensorFlow. */
  'images-samples': {
    input: z.object({
      path: z.string(),
      /** Their paths, as the preview named them. */
      files: z.array(z.string()).max(previewedImages),
      settings: ownImagesSchema,
      stays: staysSchema,
      ...out,
    }),
    output: z.object({ ...files, refused: z.array(refusedImageSchema) }),
  },
  /** The ZIP of a dataset, called `archive`. Needs no TensorFlow. */
  'dataset-export': {
    input: z.object({
      ...source,
      archive: z.string(),
      about: datasetManifestSchema.pick({
        name: true,
        licence: true,
        citation: true,
        images: true,
      }),
      ...out,
    }),
    output: done(),
  },

  /** Labels of a whole split. Needs no TensorFlow. File: labels.npy uint8 [N] (uint16 if > 256). */
  'dataset-labels': {
    input: z.object({ ...source, split: splitSchema, ...out }),
    output: done(),
  },

  /**
   * Files: images.npy uint8 [N, H, W, C], as a model of that sight sees them, labels.npy int32 [N]; a
   * `side` that is less than the longer one makes them smaller. Needs no TensorFlow.
   */
  'dataset-images': {
    input: z.object({
      ...source,
      ...images,
      ...sight,
      side: z.int().min(1).nullable().default(null),
      ...out,
    }),
    output: done(),
  },

  /**
   * Masks of the object, of those of the images that have one, in their order. Files: masks.npy uint8
   * [N, ceil(H * W / 8)], a bit a pixel, and images.npy int32 [N]. Needs no TensorFlow.
   */
  'dataset-masks': {
    input: z.object({ ...source, ...images, ...out }),
    output: done(),
  },

  /**
   * Train one epoch. Epoch 0 starts from the seeded initialisation, or from the weights that its recipe
   * names; later ones from the checkpoint of the epoch before. Files: model.safetensors, optimiser.safetensors.
   */
  'train-epoch': {
    input: z.object({
      ...source,
      recipe: recipeSchema,
      removal: trainingRemovalSchema,
      /** Seed of the training masks and fills (a run's seed; the recipe's seed trains). */
      removalSeed: seedSchema,
      epoch: z.int().nonnegative(),
      checkpoint: z.object({ model: z.string(), optimiser: z.string() }).nullable(),
      /** Path of the weights of `recipe.init`, for epoch 0 of a recipe that has it. */
      initial: z.string().nullable().default(null),
      /** Removal by pixel orders instead of random removal; `removal` is then without effect. */
      retraining: retrainingSchema.nullable().default(null),
      ...out,
    }),
    output: z.object({
      ...files,
      loss: z.number(),
      trainAccuracy: z.number(),
      validationAccuracy: z.number(),
      seconds: z.number(),
    }),
  },

  /** Measure rates on this machine with a few batches of random data (about three seconds). */
  'measure-rates': {
    input: z.object({ architecture: networkIdSchema, form: modelFormSchema }),
    output: ratesSchema,
  },

  /**
   * What its arithmetic comes to: sha256 of weights, scores and maps of every network, on made images
   * (about three seconds). Engines that make other bytes anywhere have another one.
   */
  probe: {
    input: z.object({}),
    output: z.object({ sha256: z.string() }),
  },

  /**
   * Scores of clean images. Files: inputs.npy float32 [N, H, W, C] (the model's input space),
   * labels.npy int32 [N], the dataset's; targets.npy int32 [N], the model's outputs that are explained;
   * logits.npy float32 [N, K].
   */
  predict: {
    input: z.object({
      ...source,
      ...model,
      ...images,
      target: targetSchema,
      ...out,
    }),
    output: done(),
  },

  /** The noise that smooth adds. File: noise.npy float32 [N, n, H, W, C]. */
  noise: {
    input: z.object({
      ...source,
      ...model,
      ...images,
      parameters: mapParametersSchema,
      seed: seedSchema,
      ...out,
    }),
    output: done(),
  },

  /** Raw attributions of one composition. File: map.npy float32 [N, H, W, C] (controls: C = 1). */
  maps: {
    input: mapsInput,
    output: z.object({ ...files, gradients: z.int() }),
  },

  /**
   * Look at every value of maps that were made elsewhere. File: maps.npy float32 [n, H, W, C], the first of
   * them by their images' indices. Needs no TensorFlow.
   */
  'maps-check': {
    input: foreignMaps.extend({ samples: z.int().nonnegative() }),
    output: done().extend({ found: foundMapsSchema }),
  },

  /**
   * Write maps that were made elsewhere in blocks, in the order of their images' indices. Files:
   * maps-00000.npy, …, float32 [n, H, W, C]. Refused where a map is broken, or constant unless that is
   * accepted. Needs no TensorFlow.
   */
  'maps-import': {
    input: foreignMaps.extend({ constant: z.boolean() }),
    /** `block`: maps in each file but the last. */
    output: done().extend({ found: foundMapsSchema, block: z.int() }),
  },

  /**
   * The order in which one composition ranks each image's pixels, the most important first. File:
   * orders.npy uint16 or uint32 [N, H * W], whose high bits mark ties (see pixel-orders.ts).
   */
  'pixel-orders': {
    input: mapsInput.extend({
      reduction: reductionSchema,
      /** Path of map.npy where the maps are there already; null: they are made first. */
      map: z.string().nullable().default(null),
    }),
    output: z.object({ ...files, gradients: z.int() }),
  },

  /**
   * Remove the top pixels of each map at one level and score with that level's model. Files:
   * scores.npy float32 [M, N], the softmax score of the ground-truth class; tied.npy float32
   * [M, N], the share of the removed pixels that ties decided.
   */
  score: {
    input: z.object({
      ...source,
      ...model,
      ...images,
      level: levelSchema,
      ...rankedMaps,
      ...out,
    }),
    output: done(),
  },

  /**
   * Measure each map by a metric that needs no training. File: values.npy float32 [M, N] of a
   * scalar, [M, L, N] of a curve.
   */
  measure: {
    input: z.object({
      ...source,
      ...model,
      ...images,
      /** Its id. */
      metric: z.string(),
      parameters: z.record(z.string(), parameterValueSchema),
      levels: z.array(levelSchema),
      ...rankedMaps,
      ...out,
    }),
    output: done(),
  },

  /** The degraded images themselves. File: images.npy float32 [N, H, W, C] in [0, 1]. */
  degrade: {
    input: z.object({
      ...source,
      ...images,
      ...sight,
      level: levelSchema,
      fill: fillSchema,
      seed: seedSchema,
      /** What ranks the pixels: a map.npy, or an orders.npy whose first or last pixels go. */
      ranking: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('map'), path: z.string(), reduction: reductionSchema }),
        z.object({ kind: z.literal('order'), path: z.string(), keep: z.boolean() }),
      ]),
      ...out,
    }),
    output: done(),
  },

  /** What a file of weights holds. Needs no TensorFlow. */
  'inspect-weights': {
    input: z.object({
      path: z.string(),
      /** What the person knows the file by. */
      file: z.string(),
      weightsKey: z.string().nullable(),
      /** Height and width of what the model is to see; null: not known. */
      size: z.tuple([z.int(), z.int()]).nullable(),
    }),
    output: weightsInspectionSchema,
  },

  /**
   * Check a weights file made elsewhere; writes it back as model.safetensors with our metadata, made for
   * the images and classes of a dataset.
   */
  'import-model': {
    input: z.object({
      ...source,
      path: z.string(),
      /** What the person knows the file by, for refusals. */
      file: z.string(),
      /** Null: the one that the file's tensors tell. */
      architecture: networkIdSchema.nullable(),
      /** Of which it is taken to be where they tell none. */
      suggested: networkIdSchema,
      mean: z.array(z.number()).nullable(),
      std: z.array(z.number()).nullable(),
      /** Null: what a file of ours says, else none. */
      resize: sideChoiceSchema,
      crop: sideChoiceSchema,
      classes: z.array(z.string()).nullable(),
      labels: labelChoiceSchema,
      /** Pass over tensors that the network lacks, instead of refusing them by name. */
      leaveOutExtra: z.boolean(),
      /** Which of a checkpoint's several sets of weights; null: the only one. */
      weightsKey: z.string().nullable(),
      ...out,
    }),
    output: done().extend({
      /** Sentences on what was not as the studio writes it. */
      adapted: z.array(z.string()),
      architecture: networkIdSchema,
      input: modelInputSchema,
      classes: modelClassesSchema.nullable(),
    }),
  },

  /** Accuracy over a split or a stratified choice of it, with optional random removal. */
  evaluate: {
    input: z.object({
      ...source,
      ...model,
      split: splitSchema,
      /** So many images from (seed, 'images'); null: the whole split. */
      choice: z.object({ count: z.int().positive(), seed: seedSchema }).nullable().default(null),
      removal: trainingRemovalSchema,
      removalSeed: seedSchema,
    }),
    output: z.object({ accuracy: z.number(), count: z.int() }),
  },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export type EngineOperation = keyof typeof engineOperations;
export type EngineInput<K extends EngineOperation> = z.output<
  (typeof engineOperations)[K]['input']
>;
/** What is asked: defaults may be left out. */
export type EngineRequest<K extends EngineOperation> = z.input<
  (typeof engineOperations)[K]['input']
>;
export type EngineOutput<K extends EngineOperation> = z.output<
  (typeof engineOperations)[K]['output']
>;

/** Progress inside one operation. */
export const engineProgressSchema = z.object({
  done: z.number(),
  total: z.number(),
  /** What is counted: batches, gradients, images. */
  unit: z.string(),
  /** Of what is done, how much an earlier attempt did: it says nothing of the time that is left. */
  before: z.number().optional(),
  /** Live training figures, where they exist. */
  loss: z.number().optional(),
  accuracy: z.number().optional(),
});
export type EngineProgress = z.infer<typeof engineProgressSchema>;

/** `interactive` requests are answered between two batches of a `batch` one. */
export const laneSchema = z.enum(['batch', 'interactive']);
export type Lane = z.infer<typeof laneSchema>;

export const engineProtocolVersion = 1;

/** Bytes of the longest message, either way: arrays travel as files. */
export const maxEngineMessageBytes = 1_000_000;

/** Of every message; both sides parse what they receive. */
const envelope = {
  version: z.literal(engineProtocolVersion),
  /** The request's number within this engine process. */
  job: z.int(),
  /** Which start of the engine process this is: core drops messages of an earlier one. */
  attempt: z.int(),
  sequence: z.int(),
};

export const toEngineSchema = z.discriminatedUnion('type', [
  z.object({
    ...envelope,
    type: z.literal('request'),
    operation: z.enum(Object.keys(engineOperations) as [EngineOperation, ...EngineOperation[]]),
    lane: laneSchema,
    input: z.unknown(),
  }),
  z.object({ ...envelope, type: z.literal('cancel') }),
]);
export type ToEngine = z.infer<typeof toEngineSchema>;

export const fromEngineSchema = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('progress'), progress: engineProgressSchema }),
  z.object({ ...envelope, type: z.literal('result'), output: z.unknown() }),
  z.object({ ...envelope, type: z.literal('error'), error: errorSchema }),
]);
export type FromEngine = z.infer<typeof fromEngineSchema>;

/** What core needs of an engine, wherever it runs. */
export interface EnginePort {
  request<K extends EngineOperation>(
    operation: K,
    input: EngineRequest<K>,
    options: {
      lane: Lane;
      signal?: AbortSignal | undefined;
      report?: ((progress: EngineProgress) => void) | undefined;
    },
  ): Promise<EngineOutput<K>>;
  /** Ends the process; pending requests are rejected with `engine-failed`. */
  close(): Promise<void>;
}
