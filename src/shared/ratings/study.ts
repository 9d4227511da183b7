import { z } from 'zod';
import { canonicalJson } from '../canonical';
import { datasetIdSchema } from '../catalogue/datasets';
import { paperMethods, randomMethodId } from '../catalogue/methods';
import { eachOnce } from '../each-once';
import { choiceOf, integer } from '../catalogue/parameter';
import { mapParametersSchema, mapSeed, reduction, seedOf } from '../catalogue/parameters';
import { limit, schemaOf, type Settings, switchOf } from '../catalogue/setting';
import { identifyingText } from '../identifying-text';
import { jobIdSchema, modelIdSchema, raterIdSchema, runIdSchema, studyIdSchema } from '../ids';
import { jobSchema } from '../jobs';
import { defaultQuestions, onDefaultScale, type Question, questionsSchema } from './questions';
import { backgroundQuestionSchema, experienceSchema } from './rating-routes';

export const studyNameSchema = identifyingText();

/** How images are drawn for a study. */
export const sampleSettings = {
  count: integer({
    label: 'How many images',
    unit: 'images, equal shares of the classes',
    low: 1,
    high: 500,
    default: 10,
  }),
  seed: seedOf({ label: 'Seed of the sample', help: 'of the choice of images' }),
} as const satisfies Settings;
const mostImages = sampleSettings.count.high;

/** Images of the validation split: drawn with equal shares of the classes, or picked by hand. */
export const studyImagesSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sampled'),
    count: schemaOf(sampleSettings.count),
    seed: schemaOf(sampleSettings.seed),
  }),
  z.object({
    kind: z.literal('picked'),
    indices: z
      .array(z.int('an image index').nonnegative('an image index'))
      .min(1, 'at least one image')
      .max(mostImages, `at most ${mostImages} images`),
  }),
]);

export const studyDatasetSchema = z.object({
  dataset: datasetIdSchema,
  /** The t = 0 model whose decisions the maps explain. */
  model: modelIdSchema,
  images: studyImagesSchema.prefault({ kind: 'sampled' }),
  /** The ROAR run to compare with the table of this dataset. */
  run: runIdSchema.nullable().default(null),
});
export type StudyDataset = z.infer<typeof studyDatasetSchema>;

/** What the design of a study sets. */
export const designSettings = {
  /** Main trials of a rater; null: every pair of image and method once. */
  trials: limit({ label: 'Trials of a rater', low: 1, high: 5000, all: 'every pair once' }),
  /** Offer a break after this many trials; 0: never. */
  breakEvery: integer({
    label: 'A break after so many trials',
    unit: 'trials; 0: never',
    low: 0,
    high: 1000,
    default: 30,
  }),
  seed: seedOf({ label: 'Seed of the orders', help: 'of what each rater is shown' }),
  /** Which question is asked first, the others after it in turn. */
  questionOrder: choiceOf('Which question is asked first', [
    {
      value: 'by-trial',
      label: 'Alternating',
      help: 'Each first in an equal share of a rater’s trials',
    },
    { value: 'by-rater', label: 'By rater', help: 'Each first for an equal share of the raters' },
    { value: 'fixed', label: 'Fixed', help: 'Always in the order of the questions' },
  ]),
  showClass: switchOf({
    label: 'Show the name of the class',
    help: 'so that raters know which object is meant',
    default: true,
  }),
  /** Explained examples before the first trial. */
  practice: integer({
    label: 'Practice trials',
    unit: 'explained examples, made by no method',
    low: 0,
    high: 6,
    default: 3,
  }),
  /** Checks spread over the trials: an instructed answer, and a flat map. */
  instructedChecks: integer({
    label: 'Instructed answers',
    unit: 'trials that say ‘Please choose High.’',
    low: 0,
    high: 20,
    default: 0,
  }),
  flatChecks: integer({
    label: 'Flat maps',
    unit: 'empty maps, Low at most',
    low: 0,
    high: 20,
    default: 0,
  }),
  /** Trials shown a second time, at least `repeatGap` trials after the first. */
  repeats: integer({
    label: 'Trials shown a second time',
    unit: 'trials',
    low: 0,
    high: 500,
    default: 0,
  }),
  repeatGap: integer({
    label: 'Trials between at least',
    unit: 'trials',
    low: 20,
    high: 1000,
    default: 20,
  }),
} as const satisfies Settings;
const design = designSettings;

export const ratingDesignSchema = z.object({
  seed: schemaOf(design.seed),
  trials: schemaOf(design.trials),
  practice: schemaOf(design.practice),
  instructedChecks: schemaOf(design.instructedChecks),
  flatChecks: schemaOf(design.flatChecks),
  repeats: schemaOf(design.repeats),
  repeatGap: schemaOf(design.repeatGap),
  breakEvery: schemaOf(design.breakEvery),
  questionOrder: schemaOf(design.questionOrder),
  showClass: schemaOf(design.showClass),
});
export type RatingDesign = z.infer<typeof ratingDesignSchema>;

/** How a study shows its maps, the same for all methods. */
export const display = choiceOf('Colours', [
  {
    value: 'grayscale',
    label: 'Grayscale',
    help: 'As in the paper: black to white, clipped at the 99th percentile',
  },
  { value: 'diverging', label: 'Diverging', help: 'Signed: blue, white at 0, red' },
]);

export const defaultInstructions =
  'You will see images, each beside a map. The map shows how strongly each pixel of the image is marked: the brighter, the stronger. For each pair you answer two questions with one of five labels. There are no right answers: rate what you see, and do not compare with earlier maps.';

const counts = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The default instructions, as they fit other questions. */
export function instructionsFor(questions: readonly Pick<Question, 'labels'>[]): string {
  const asked = counts[questions.length] ?? String(questions.length);
  const lengths = new Set(questions.map(({ labels }) => labels.length));
  const [length = 0] = lengths;
  const labels = lengths.size === 1 ? `one of ${counts[length] ?? length} labels` : 'a label each';
  return defaultInstructions.replace(
    'two questions with one of five labels',
    `${asked} ${questions.length === 1 ? 'question' : 'questions'} with ${labels}`,
  );
}

/** Deep, so that nobody's changes reach the defaults. */
export const copyOf = (questions: readonly Question[]): Question[] =>
  questions.map((question) => ({ ...question, labels: [...question.labels] }));

const defaultConsent =
  'Taking part is voluntary. Your labels and response times are kept under your code, without your name. You may stop at any time, and take your consent back, which removes your labels from every result.';
const defaultThanks = 'That was the last one. Thank you for your time.';

/** Everything that fixes what raters see. Its hash is fixed at the first rating. */
export const studyConfigSchema = z.object({
  datasets: z
    .array(studyDatasetSchema)
    .min(1, 'at least one dataset')
    .max(6, 'at most six datasets')
    .refine((list) => eachOnce(list.map(({ dataset }) => dataset)), 'each dataset at most once'),
  methods: z
    .array(z.string())
    .min(2, 'at least two methods')
    .max(40, 'at most 40 methods')
    .refine(eachOnce, 'each method at most once')
    .default(() => [...paperMethods.map(({ id }) => id), randomMethodId]),
  parameters: mapParametersSchema.prefault({}),
  /** Of the noise and the random map. */
  mapSeed: schemaOf(mapSeed),
  display: schemaOf(display),
  reduction: schemaOf(reduction),
  questions: questionsSchema.default(() => copyOf(defaultQuestions)),
  design: ratingDesignSchema.prefault({}),
  /** Shown to raters above everything. */
  title: z
    .string()
    .trim()
    .min(1, 'a title of 1 to 80 characters')
    .max(80, 'a title of 1 to 80 characters')
    .default('Rating maps'),
  instructions: z
    .string()
    .trim()
    .max(5000, 'at most 5,000 characters')
    .default(defaultInstructions),
  consent: z.string().trim().max(5000, 'at most 5,000 characters').default(defaultConsent),
  thanks: z.string().trim().max(2000, 'at most 2,000 characters').default(defaultThanks),
  background: z.array(backgroundQuestionSchema).max(10, 'at most ten questions').default([]),
});
export type StudyConfig = z.infer<typeof studyConfigSchema>;

/**
 * What raters are shown of a configuration: all but the ROAR runs to compare with, which may be
 * named after the ratings.
 */
function withoutRuns(config: StudyConfig): StudyConfig {
  return { ...config, datasets: config.datasets.map((dataset) => ({ ...dataset, run: null })) };
}

/**
 * A configuration for its hash: the default scale is left out, as it was before scales were a study's
 * own, so that studies of then keep their hash.
 */
export function forHash(config: StudyConfig) {
  const { questions, ...others } = withoutRuns(config);
  const short = questions.map((question) => {
    const { labels, ...rest } = question;
    return onDefaultScale(question) ? rest : { ...rest, labels };
  });
  return { ...others, questions: short };
}

export function sameForRaters(a: StudyConfig, b: StudyConfig): boolean {
  return canonicalJson(withoutRuns(a)) === canonicalJson(withoutRuns(b));
}

/**
 * draft: can be edited freely. preparing: its maps are being computed. open: raters may rate.
 * closed: nobody rates, results are shown. An imported study is closed and has no configuration.
 */
export const studyStates = ['draft', 'preparing', 'open', 'closed'] as const;
export const studyStateSchema = z.enum(studyStates);
export type StudyState = z.infer<typeof studyStateSchema>;

export const studyRecordSchema = z.object({
  id: studyIdSchema,
  name: z.string(),
  /** 1, 2, …: editing a study that has ratings makes the next version, with its own ratings. */
  version: z.int(),
  /** The version that this one was made from. */
  previous: studyIdSchema.nullable(),
  origin: z.enum(['designed', 'imported']),
  state: studyStateSchema,
  config: studyConfigSchema.nullable(),
  /** sha256 of the configuration and the maps; null until the maps exist. */
  hash: z.string().nullable(),
  /** Whether a rating has fixed the configuration. */
  frozen: z.boolean(),
  job: jobIdSchema.nullable(),
  raters: z.int(),
  /** Ratings of main trials that count, of all questions together. */
  ratings: z.int(),
  /** When the researcher looked at the results of the open study; null: never. */
  revealedAt: z.string().nullable(),
  createdAt: z.string(),
  closedAt: z.string().nullable(),
});
export type StudyRecord = z.infer<typeof studyRecordSchema>;

/** What a configuration will ask for, before anything is made. */
export const studyPreviewSchema = z.object({
  trials: z.object({
    main: z.int(),
    repeats: z.int(),
    practice: z.int(),
    attention: z.int(),
    total: z.int(),
  }),
  /** Labels of one rater: one for each question of each trial. */
  labels: z.int(),
  /** Pairs of image and method in all. */
  pairs: z.int(),
  maps: z.int(),
  gradients: z.int(),
  /** Expected seconds to compute the maps; null where this machine's speed is not known. */
  seconds: z.number().nullable(),
  images: z.array(
    z.object({
      dataset: datasetIdSchema,
      indices: z.array(z.int()),
      labels: z.array(z.int()),
    }),
  ),
  /** What cannot be done as asked, in sentences: too few trials for the repeats' gap, ... */
  warnings: z.array(z.string()),
});
export type StudyPreview = z.infer<typeof studyPreviewSchema>;

export const raterStates = ['invited', 'rating', 'finished', 'withdrawn'] as const;

export const raterRecordSchema = z.object({
  id: raterIdSchema,
  study: studyIdSchema,
  code: z.string(),
  experience: experienceSchema.nullable(),
  state: z.enum(raterStates),
  done: z.int(),
  total: z.int(),
  createdAt: z.string(),
  lastSeenAt: z.string().nullable(),
});
export type RaterRecord = z.infer<typeof raterRecordSchema>;

/** How many raters are made at once. */
export const newRaters = integer({ label: 'How many raters', low: 1, high: 200, default: 1 });

const study = z.object({ study: studyIdSchema });
const none = z.object({});

/** The researcher's routes: studies, raters, annotator mode. */
export const studyRoutes = {
  'studies.list': { input: none, output: z.array(studyRecordSchema) },
  'studies.get': { input: study, output: studyRecordSchema },
  'studies.preview': { input: z.object({ config: studyConfigSchema }), output: studyPreviewSchema },
  'studies.create': {
    input: z.object({ name: studyNameSchema, config: studyConfigSchema }),
    output: studyRecordSchema,
  },
  /** Edits in place while no rating exists (back to draft); after it makes the next version. */
  'studies.edit': {
    input: z.object({ study: studyIdSchema, config: studyConfigSchema }),
    output: studyRecordSchema,
  },
  'studies.rename': {
    input: z.object({ study: studyIdSchema, name: studyNameSchema }),
    output: studyRecordSchema,
  },
  /** Compute the maps, then open. */
  'studies.prepare': {
    input: study,
    output: z.object({ study: studyRecordSchema, job: jobSchema }),
  },
  'studies.close': { input: study, output: studyRecordSchema },
  'studies.reopen': { input: study, output: studyRecordSchema },
  /** Refused for a study with ratings unless `ratings` says so; a backup is written first then. */
  'studies.remove': {
    input: z.object({ study: studyIdSchema, ratings: z.boolean().default(false) }),
    output: none,
  },

  'raters.list': { input: study, output: z.array(raterRecordSchema) },
  /** New raters with codes given or made; each with a path that opens its session in a browser. */
  'raters.create': {
    input: z.object({
      study: studyIdSchema,
      codes: z.array(z.string()).max(newRaters.high).default([]),
      count: schemaOf(newRaters),
    }),
    output: z.array(z.object({ rater: raterRecordSchema, token: z.string() })),
  },
  /** A new token for a rater; earlier ones end. */
  'raters.link': {
    input: z.object({ rater: raterIdSchema }),
    output: z.object({ rater: raterRecordSchema, token: z.string() }),
  },
  'raters.withdraw': { input: z.object({ rater: raterIdSchema }), output: raterRecordSchema },

  /** Desk mode on this machine: until it is ended, only rating.* answers. */
  'annotator.begin': {
    input: z.object({
      study: studyIdSchema,
      passphrase: z.string().min(4, 'at least 4 characters').max(200).nullable().default(null),
    }),
    output: none,
  },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;
