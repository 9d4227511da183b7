import { z } from 'zod';
import { cropRefusal, shapeSeen } from '../model-input';
import { eachOnce } from '../each-once';
import { leftOut } from '../left-out';
import { equalLevels } from '../levels';
import { type DatasetFacts, datasetIdSchema, pixelsOf } from './datasets';
import { paperMethods, randomMethodId } from './methods';
import { levelCountRefusal, type MetricDescriptor, metricSchema } from './metric';
import { paperLevels, paperMetric } from './metrics';
import { integer, parameterValueSchema } from './parameter';
import { mapParametersSchema, parametersInputSchema, reduction, seedOf } from './parameters';
import { levelsOf, schemaOf, type Setting } from './setting';
import { fill, level, levelSchema, recipeInputSchema, recipeSchema, trainMask } from './training';

/** Which metric a run is measured by: the catalogue knows them. */
export const protocolSchema = metricSchema.shape.id;

/**
 * A setting of a run: the part of it that it belongs to, and whether it counts under a metric (left out:
 * under all).
 */
export type RunSetting = Exclude<Setting, { readonly kind: 'target' }> & {
  readonly part: 'evaluation' | 'training';
  readonly under?: (metric: Pick<MetricDescriptor, 'needs' | 'observation' | 'result'>) => boolean;
};

/** What a run sets, but for what it is of, its methods, its recipe and others' own parameters. */
export const runSettings = {
  /** Stratified by class: those whose values or whose accuracy counts. */
  images: {
    ...integer({
      label: 'Images',
      unit: 'of the validation split',
      low: 1,
      high: 10_000,
      default: 500,
    }),
    option: 'images',
    part: 'evaluation',
  },
  levels: {
    ...levelsOf({
      label: 'Levels t',
      phrase: 'levels',
      help: 'of removal, ascending from 0, e.g. 0,0.1,0.5',
      each: level,
      most: 21,
      default: paperLevels,
    }),
    option: 'levels',
    part: 'evaluation',
    under: ({ result }) => result === 'curve',
  },
  /** Each with seeds of its own. */
  repetitions: {
    ...integer({
      label: 'Repetitions',
      unit: 'models for each method and level',
      low: 1,
      high: 20,
      default: 5,
    }),
    option: 'repetitions',
    part: 'training',
    under: ({ needs }) => needs.includes('retrained-models'),
  },
  fill: { ...fill, part: 'evaluation', under: ({ result }) => result === 'curve' },
  trainMask: {
    ...trainMask,
    part: 'training',
    under: ({ needs }) => needs.includes('level-models'),
  },
  reduction: { ...reduction, part: 'evaluation' },
  /** Of masks, images, ties, fills, noise and the random map; the recipe's seed trains. */
  seed: {
    ...seedOf({ label: 'Seed', help: 'of everything drawn at random' }),
    option: 'seed',
    part: 'evaluation',
  },
  resamples: {
    ...integer({
      label: 'Bootstrap resamples',
      help: 'for the intervals',
      low: 100,
      high: 100_000,
      default: 2000,
    }),
    option: 'resamples',
    part: 'evaluation',
    under: ({ observation }) => observation === 'image',
  },
} as const satisfies Readonly<Record<string, RunSetting>>;

const settingsFields = {
  protocol: protocolSchema.default(paperMetric.id),
  /** What its metric has of its own; left out where that is nothing. */
  metric: z.record(z.string(), parameterValueSchema).optional(),
  dataset: datasetIdSchema,
  images: schemaOf(runSettings.images),
  levels: schemaOf(runSettings.levels),
  methods: z
    .array(z.string())
    .min(1, 'at least one method')
    .refine((ids) => ids.includes(randomMethodId), 'methods that include random, the baseline')
    .refine(eachOnce, 'each method once')
    .default([...paperMethods.map(({ id }) => id), randomMethodId]),
  parameters: mapParametersSchema.prefault({}),
  reduction: schemaOf(runSettings.reduction),
  fill: schemaOf(runSettings.fill),
  trainMask: schemaOf(runSettings.trainMask),
  repetitions: schemaOf(runSettings.repetitions),
  recipe: recipeSchema,
  seed: schemaOf(runSettings.seed),
  resamples: schemaOf(runSettings.resamples),
};

/** Every setting of a RemOve And Retrain run, as it is stored. */
export const roarSettingsSchema = z.object(settingsFields);
export type RoarSettings = z.infer<typeof roarSettingsSchema>;

/** What a request gives of them; `completeRoarSettings` knows the rest. */
export const roarInputSchema = leftOut({
  ...settingsFields,
  recipe: recipeInputSchema,
  parameters: parametersInputSchema,
});
export type RoarInput = z.infer<typeof roarInputSchema>;

/** The same for a metric and images of a shape: each level removes more pixels than the one before. */
export function roarSettingsFor(
  dataset: Pick<DatasetFacts, 'shape'>,
  metric: Pick<MetricDescriptor, 'result'>,
) {
  return roarSettingsSchema.superRefine(({ levels, recipe }, context) => {
    const wrong = cropRefusal(dataset.shape, recipe);
    if (wrong !== null) {
      const path = ['recipe', 'crop'];
      return context.addIssue({ code: 'custom', path, input: recipe.crop, message: wrong });
    }
    const seen = { shape: shapeSeen(dataset.shape, recipe) };
    const accepted = levelCountRefusal(metric, levels) ?? levelsRefusal(levels, seen);
    if (accepted === null) return;
    context.addIssue({ code: 'custom', path: ['levels'], input: levels, message: accepted });
  });
}

/** What is accepted instead of levels that remove equally many pixels; null: each removes its own. */
export function levelsRefusal(
  levels: readonly number[],
  dataset: Pick<DatasetFacts, 'shape'>,
): string | null {
  // What is no level at all is refused as such.
  if (!levels.every((level) => levelSchema.safeParse(level).success)) return null;
  const pixels = pixelsOf(dataset);
  const equal = equalLevels(levels, pixels);
  if (equal === null) return null;
  const [first, second] = equal.levels;
  return `levels of which each removes more pixels than the one before (${first} and ${second} both remove ${equal.removed} of ${pixels})`;
}
