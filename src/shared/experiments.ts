import { z } from 'zod';
import { datasetIdSchema } from './catalogue/datasets';
import { fullPreset, presetIds } from './catalogue/preset-ids';
import { eachOnce } from './each-once';
import { identifyingText } from './identifying-text';
import { experimentIdSchema, jobIdSchema, runIdSchema, studyIdSchema } from './ids';
import { exportFileSchema } from './export-file';
import { claimSchema, forecastSchema, runRecordSchema, runResultSchema } from './records';

/**
 * Runs that belong together. `reproduction`: the paper's protocol on each dataset (Figs. 2 to 4) and
 * the paper's claims judged on them; `sensitivity`: one dataset's run and its reruns with one of the
 * paper's open choices changed at a time.
 */
export const experimentKinds = ['reproduction', 'sensitivity'] as const;
export type ExperimentKind = (typeof experimentKinds)[number];

export const experimentInputSchema = z.object({
  kind: z.enum(experimentKinds).default('reproduction'),
  preset: z.enum(presetIds).default(fullPreset),
  /** Of a reproduction: which, by default the paper's; of a sensitivity analysis: one. */
  datasets: z
    .array(datasetIdSchema)
    .min(1, 'at least one dataset')
    .refine(eachOnce, 'each dataset once')
    .optional(),
  seed: z.int().nonnegative().default(0),
});

/** A run of an experiment, or what keeps it from being one. */
export const experimentMemberSchema = z.object({
  dataset: datasetIdSchema,
  /** Of a sensitivity analysis: which choice of the paper was read how; null: our defaults. */
  variant: z
    .object({ choice: z.string(), question: z.string(), reading: z.string(), setting: z.string() })
    .nullable(),
  run: runRecordSchema,
});

export const experimentSchema = z.object({
  id: experimentIdSchema,
  kind: z.enum(experimentKinds),
  name: z.string(),
  /** The study whose ratings decide the claims about ratings; null: none chosen. */
  study: studyIdSchema.nullable(),
  members: z.array(experimentMemberSchema),
  createdAt: z.string(),
});
export type Experiment = z.infer<typeof experimentSchema>;
export type ExperimentMember = z.infer<typeof experimentMemberSchema>;

export const experimentForecastSchema = z.object({
  members: z.array(
    z.object({
      dataset: datasetIdSchema,
      variant: experimentMemberSchema.shape.variant,
      /** Null where the dataset has to be installed first. What earlier members make is reused. */
      forecast: forecastSchema.nullable(),
      missing: z.boolean(),
      /** A run with these settings on the same dataset, which takes its place; null: none. */
      run: runRecordSchema.nullable(),
    }),
  ),
  seconds: z.number(),
  bytes: z.int(),
  freeBytes: z.int(),
});
export type ExperimentForecast = z.infer<typeof experimentForecastSchema>;

export const experimentResultSchema = z.object({
  experiment: experimentSchema,
  /** One per member, in order; curves so far while it runs. */
  results: z.array(runResultSchema),
  /** Every claim of the paper, judged over all members and, where chosen, the study. */
  claims: z.array(claimSchema),
  /** Of a sensitivity analysis: how ranks move. Empty otherwise. */
  ranks: z.array(
    z.object({
      method: z.string(),
      name: z.string(),
      /** One per member, null while it is not done. */
      ranks: z.array(z.number().nullable()),
      advantages: z.array(z.number().nullable()),
    }),
  ),
  /** Spearman's rho of each member's advantages with the first member's; null where undefined. */
  spearman: z.array(z.number().nullable()),
  /** Of a sensitivity analysis: readings of the paper that no setting holds, so not rerun. */
  notRerun: z
    .array(z.object({ choice: z.string(), question: z.string(), reading: z.string() }))
    .default([]),
});
export type ExperimentResult = z.infer<typeof experimentResultSchema>;

export const experimentExportFormats = [
  'figures.svg',
  'figures.png',
  'ranks.csv',
  'ranks.md',
  'claims.csv',
  'accuracies.csv',
  'report.html',
] as const;

const experiment = z.object({ experiment: experimentIdSchema });

export const experimentRoutes = {
  'experiments.forecast': { input: experimentInputSchema, output: experimentForecastSchema },
  /**
   * Starts the run of every dataset, one after another; refused where a dataset is missing. A run
   * with the same settings on the same dataset takes the place of a new one: as it is where it is
   * done, else it goes on, unless another engine began it. The experiment with the same runs is taken up instead of made again.
   */
  'experiments.start': {
    input: experimentInputSchema,
    output: z.object({
      experiment: experimentSchema,
      /** Those still to be done, in order. */
      jobs: z.array(jobIdSchema),
      /** Runs that were there already. */
      reused: z.array(runIdSchema),
      /** Half-done runs with the same settings that another engine began: new ones take their place. */
      left: z.array(runRecordSchema),
    }),
  },
  /** Runs of the paper's protocol made one by one, put together: one of each dataset. */
  'experiments.collect': {
    input: z.object({
      runs: z.array(runIdSchema).min(1, 'at least one run').refine(eachOnce, 'each run once'),
    }),
    output: experimentSchema,
  },
  'experiments.list': { input: z.object({}), output: z.array(experimentSchema) },
  'experiments.result': { input: experiment, output: experimentResultSchema },
  'experiments.setStudy': {
    input: z.object({ experiment: experimentIdSchema, study: studyIdSchema.nullable() }),
    output: experimentSchema,
  },
  'experiments.rename': {
    input: z.object({ experiment: experimentIdSchema, name: identifyingText() }),
    output: experimentSchema,
  },
  /** The runs themselves stay. */
  'experiments.remove': { input: experiment, output: z.object({}) },
  'experiments.export': {
    input: z.object({
      experiment: experimentIdSchema,
      format: z.enum(experimentExportFormats),
    }),
    output: exportFileSchema,
  },
} as const;
