import { z } from 'zod';
import { methodSchema } from '../catalogue/methods';
import { chosenReadingSchema, csvReadingSchema } from '../csv-reading';
import { errorSchema } from '../errors';
import { exportFileSchema } from '../export-file';
import { raterIdSchema, runIdSchema, studyIdSchema } from '../ids';
import { uploadReferenceSchema } from '../uploads';
import { edgesId, questionIdSchema } from './questions';
import { experienceSchema } from './rating-routes';
import { studyRecordSchema } from './study';

/** Which ratings count. All are on top of what never counts: practice, checks, repeats, withdrawn. */
export const resultFiltersSchema = z
  .object({
    /** Codes of raters of the study, which case does not tell apart; null: all. */
    raters: z
      .array(z.string())
      .min(1, 'at least one rater, or null for all')
      .nullable()
      .default(null),
    /** One that a rater of the study has; null: whatever it is. */
    experience: experienceSchema.nullable().default(null),
    /** Leave out raters who failed at least this many attention checks; null: leave nobody out. */
    excludeFailedChecks: z
      .int('a whole number of at least 1')
      .min(1, 'a whole number of at least 1')
      .nullable()
      .default(null),
    /** Images that were rated, as `dataset/image`; null: all. */
    images: z
      .array(z.string())
      .min(1, 'at least one image, or null for all')
      .nullable()
      .default(null),
    /** Days in UTC, inclusive, that reach into those on which labels were given. */
    from: z.iso.date('a date such as 2026-01-31').nullable().default(null),
    to: z.iso.date('a date such as 2026-01-31').nullable().default(null),
  })
  .superRefine(({ from, to }, context) => {
    if (from === null || to === null || from <= to) return;
    const message = `a day from ${from} on, which is the first to count`;
    context.addIssue({ code: 'custom', path: ['to'], message });
  });
export type ResultFilters = z.infer<typeof resultFiltersSchema>;

/** What a study's results can be filtered by. */
export const resultChoicesSchema = z.object({
  /** In order; a code each, whatever its case. */
  raters: z.array(z.object({ code: z.string(), experience: experienceSchema.nullable() })),
  /** As `dataset/image`. */
  images: z.array(z.string()),
  /** The first and the last day, in UTC, on which a label was given; null: no label has a date. */
  days: z.object({ first: z.string(), last: z.string() }).nullable(),
});
export type ResultChoices = z.infer<typeof resultChoicesSchema>;

const interval = { low: z.number().nullable(), high: z.number().nullable() };

/** One cell of a question's table. */
export const tableCellSchema = z.object({
  question: questionIdSchema,
  dataset: z.string(),
  method: z.string(),
  /** Score of the median label, the lower of two middle ones; null without ratings. */
  median: z.number().nullable(),
  label: z.string().nullable(),
  mean: z.number().nullable(),
  n: z.int(),
  /** 95% interval of the mean, crossed bootstrap over raters and images; null where undefined. */
  ...interval,
  /** How often each label was given, in the order of the question's scale. */
  distribution: z.array(z.int()),
  /** Krippendorff's alpha (ordinal) over the images of this cell; null where undefined. */
  alpha: z.number().nullable(),
  /** The paper's label for this method and dataset; null where it has none, or asks on another scale. */
  paper: z.string().nullable(),
});
export type TableCell = z.infer<typeof tableCellSchema>;

const agreementStatistics = [
  'krippendorff-alpha-ordinal',
  'percent-agreement',
  'quadratic-weighted-kappa',
  'intra-rater-agreement',
  'intra-rater-kappa',
] as const;

export const agreementSchema = z.object({
  question: questionIdSchema,
  dataset: z.string(),
  statistic: z.enum(agreementStatistics),
  /** null where it is not defined; `reason` then says why. */
  value: z.number().nullable(),
  ...interval,
  /** The two raters of a pairwise kappa, or the one of an intra-rater statistic. */
  raters: z.array(z.string()).nullable(),
  n: z.int(),
  reason: z.string().nullable(),
});
export type Agreement = z.infer<typeof agreementSchema>;

/** Quadratic weighted kappas of every two raters of one question and dataset, in a few figures. */
export const kappaSummarySchema = z.object({
  question: questionIdSchema,
  dataset: z.string(),
  /** Raters who rated here, and the pairs that they make. */
  raters: z.int(),
  pairs: z.int(),
  /** Pairs who rated a map in common: the others have no kappa and are listed nowhere. */
  sharing: z.int(),
  /** Of these, pairs whose kappa is defined: not both gave one and the same label throughout. */
  defined: z.int(),
  /** Over the defined ones, quartiles by linear interpolation; null where there is none. */
  least: z.number().nullable(),
  lowerQuartile: z.number().nullable(),
  median: z.number().nullable(),
  upperQuartile: z.number().nullable(),
  most: z.number().nullable(),
  /** Whether `agreement` lists the sharing pairs, one a row: not where they are very many. */
  listed: z.boolean(),
});
export type KappaSummary = z.infer<typeof kappaSummarySchema>;

export const friedmanSchema = z.object({
  question: questionIdSchema,
  dataset: z.string(),
  statistic: z.number().nullable(),
  degrees: z.int().nullable(),
  p: z.number().nullable(),
  blocks: z.int(),
  treatments: z.int(),
  /** Why it was not computed; null where it was. */
  reason: z.string().nullable(),
  /** What can and cannot be concluded. */
  sentence: z.string(),
});
export type Friedman = z.infer<typeof friedmanSchema>;

export const correlationSchema = z.object({
  /** The question whose mean scores are compared, and with what. */
  question: questionIdSchema,
  against: z.enum(['roar-advantage', edgesId]),
  /** A dataset; `pooled`: the mean of the coefficients within datasets; `all`: over all cells. */
  dataset: z.string(),
  statistic: z.enum(['spearman', 'kendall-tau-b']),
  value: z.number().nullable(),
  ...interval,
  /** Exact permutation p, two-sided; null where there are too many orders or no value. */
  p: z.number().nullable(),
  /** Methods (cells). */
  n: z.int(),
  reason: z.string().nullable(),
});
export type Correlation = z.infer<typeof correlationSchema>;

export const raterSummarySchema = z.object({
  rater: z.string(),
  experience: experienceSchema.nullable(),
  ratings: z.int(),
  medianResponseMs: z.number().nullable(),
  /** Mean score minus the mean of all raters over the same images and methods. */
  bias: z.number().nullable(),
  checks: z.object({ passed: z.int(), failed: z.int() }),
  /** Of repeated questions: the share with the same label, and with one step at most. */
  repeats: z.object({ n: z.int(), same: z.number().nullable(), near: z.number().nullable() }),
  /** Left out by the filters. */
  excluded: z.boolean(),
});
export type RaterSummary = z.infer<typeof raterSummarySchema>;

/** The run that a dataset's ratings are compared with, or why with none. */
export const comparedRunSchema = z.object({
  dataset: z.string(),
  run: runIdSchema.nullable(),
  name: z.string().nullable(),
  /** Why the run cannot be compared with these ratings (another model, other maps). */
  refused: z.string().nullable(),
  points: z.array(
    z.object({
      method: z.string(),
      advantage: z.number(),
      /** Null where the run has one image. */
      low: z.number().nullable(),
      high: z.number().nullable(),
      rank: z.number(),
    }),
  ),
});
export type ComparedRun = z.infer<typeof comparedRunSchema>;

/** A question as results speak of it: its title, and its labels, lowest first. */
export const askedQuestionSchema = z.object({
  id: questionIdSchema,
  title: z.string(),
  labels: z.array(z.string()),
});
export type AskedQuestion = z.infer<typeof askedQuestionSchema>;

export const studyResultsSchema = z.object({
  study: studyRecordSchema,
  filters: resultFiltersSchema,
  /** Rows in the order of the paper's tables, then the others. Unknown ids are their own names. */
  methods: z.array(z.object({ id: z.string(), name: z.string(), known: methodSchema.nullable() })),
  datasets: z.array(z.object({ id: z.string(), name: z.string() })),
  /** What was asked, in the order of the tables. */
  questions: z.array(askedQuestionSchema),
  tables: z.array(tableCellSchema),
  agreement: z.array(agreementSchema),
  kappas: z.array(kappaSummarySchema),
  friedman: z.array(friedmanSchema),
  correlation: z.array(correlationSchema),
  raters: z.array(raterSummarySchema),
  beside: z.array(comparedRunSchema),
  /** The same statistics on the paper's own two tables, its labels as 1..5. */
  paper: z.object({
    correlation: z.array(correlationSchema),
    friedman: z.array(friedmanSchema),
  }),
  /** How many ratings count, and how many each filter left out. */
  counted: z.int(),
  leftOut: z.array(z.object({ reason: z.string(), ratings: z.int() })),
  /** Images that can be filtered by, as `dataset/image`. */
  images: z.array(z.string()),
  /** Attention checks that were rated, and those of them that can be judged; by how many raters. */
  checks: z.object({ rated: z.int(), judged: z.int(), raters: z.int() }),
  /** What each filter did, in sentences, also that it did nothing; empty without filters. */
  filterNotes: z.array(z.string()),
  /** What must be said beside the figures. */
  notes: z.array(z.string()),
});
export type StudyResults = z.infer<typeof studyResultsSchema>;

export const tableFormats = ['csv', 'latex', 'markdown', 'html', 'json', 'png', 'svg'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** `kappas`: the kappa of every two raters who share a map, one pair a row, however many (CSV). */
export const resultFormats = [...tableFormats, 'kappas'] as const;
export type ResultFormat = (typeof resultFormats)[number];

/** Pairs of raters that `agreement` lists at most, over all questions and datasets: else none. */
export const mostListedPairs = 30_000;
/** The same in an answer to a page, which asks for the pairs of a rater where there are more. */
export const mostAnsweredPairs = 1000;

/** The long format of ratings, one label a row. */
export const longColumns = [
  'study',
  'dataset',
  'image',
  'method',
  'question',
  'rater',
  'session',
  'trial',
  'kind',
  'label',
  'score',
  'response_ms',
  'rated_at',
] as const;
export const requiredColumns = [
  'study',
  'dataset',
  'image',
  'method',
  'question',
  'rater',
  'label',
] as const;

const filtered = z.object({ study: studyIdSchema, filters: resultFiltersSchema.prefault({}) });

export const importSummarySchema = z.object({
  rows: z.int(),
  added: z.int(),
  /** Rows that were there already, exactly so. */
  unchanged: z.int(),
  studies: z.array(z.object({ id: studyIdSchema, name: z.string(), created: z.boolean() })),
  reading: csvReadingSchema,
});
export type ImportSummary = z.infer<typeof importSummarySchema>;

export const importPreviewSchema = z.object({
  reading: csvReadingSchema,
  /** Those that count, in the order of the file. */
  columns: z.array(z.string()),
  /** The first rows, a text for each column as it was read. */
  sample: z.array(z.array(z.string())),
  rows: z.int(),
  /** Why the file as a whole would be refused for what is in it. */
  problem: errorSchema.nullable(),
});
export type ImportPreview = z.infer<typeof importPreviewSchema>;

/** A CSV file that was sent, and what a person chose about reading it. */
const csvFile = uploadReferenceSchema.extend({ reading: chosenReadingSchema.prefault({}) });

export const backupSchema = z.object({ path: z.string(), bytes: z.int(), createdAt: z.string() });

export const resultRoutes = {
  /** Refused (`conflict`) while the study is open, until `results.reveal` was confirmed. */
  'results.get': { input: filtered, output: studyResultsSchema },
  /** What the results can be filtered by; hidden as they are. */
  'results.choices': { input: z.object({ study: studyIdSchema }), output: resultChoicesSchema },
  /** The kappas of one rater with everybody who rated a map in common, or of all pairs if few. */
  'results.kappas': {
    input: z.object({
      ...filtered.shape,
      question: questionIdSchema,
      dataset: z.string(),
      /** A code; null: every two raters, where there are at most `mostAnsweredPairs`. */
      rater: z.string().nullable().default(null),
    }),
    output: z.array(agreementSchema),
  },
  /** Look at the results of an open study: kept in its log. */
  'results.reveal': { input: z.object({ study: studyIdSchema }), output: studyRecordSchema },
  'results.export': {
    input: z.object({ ...filtered.shape, format: z.enum(resultFormats) }),
    output: exportFileSchema,
  },
  'ratings.export': { input: z.object({ study: studyIdSchema }), output: exportFileSchema },
  /** How a CSV file would be read; refused where its encoding or dialect is to be chosen. */
  'ratings.preview': { input: csvFile, output: importPreviewSchema },
  /** CSV in the long format; refused as a whole, or taken as a whole. */
  'ratings.import': { input: csvFile, output: importSummarySchema },
  /** Rebuild the database without a rater, after a backup; logged. */
  'ratings.erase': {
    input: z.object({ rater: raterIdSchema }),
    output: z.object({ rows: z.int(), backup: backupSchema }),
  },
  /** Everything of a study as one ZIP, which `studies.import` takes into an empty installation. */
  'studies.export': { input: z.object({ study: studyIdSchema }), output: exportFileSchema },
  /** The study as it stands here, and what of it is another than in the archive, in words. */
  'studies.import': {
    input: uploadReferenceSchema,
    output: studyRecordSchema.extend({ notes: z.array(z.string()) }),
  },

  'backup.create': { input: z.object({}), output: backupSchema },
  'backup.list': { input: z.object({}), output: z.array(backupSchema) },
  /** Check a backup, keep a copy of what is there, put the backup in its place at the next start. */
  'backup.restore': {
    input: z.object({ path: z.string() }),
    output: z.object({ kept: z.string() }),
  },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;
