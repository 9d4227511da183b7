import { z } from 'zod';
import { valueAt } from '../checked-reads';
import { eachOnce } from '../each-once';
import { leftOut } from '../left-out';
import { equalLevels } from '../levels';
import { type DatasetFacts, datasetIdSchema, pixelsOf } from './datasets';
import { paperMethods, randomMethodId } from './methods';
import { levelCountRefusal, type MetricDescriptor, metricSchema } from './metric';
import { paperLevels, paperMetric } from './metrics';
import { parameterValueSchema } from './parameter';
import {
  mapParametersSchema,
  parametersInputSchema,
  reductionSchema,
  seedSchema,
} from './parameters';
import { schemaOf } from './setting';
import { fillSchema, levelSchema, recipeInputSchema, recipeSchema, trainMask } from './training';

/** Which metric a run is measured by: the catalogue knows them. */
export const protocolSchema = metricSchema.shape.id;

const ascending = (levels: readonly number[]) =>
  levels.every((level, i) => i === 0 || level > valueAt(levels, i - 1));

const settingsFields = {
  protocol: protocolSchema.default(paperMetric.id),
  /** What its metric has of its own; left out where that is nothing. */
  metric: z.record(z.string(), parameterValueSchema).optional(),
  dataset: datasetIdSchema,
  /**
   * How many evaluation images, stratified by class out of the validation split: those whose values
   * or whose accuracy counts.
   */
  images: z
    .int('a whole number from 1 to 10000')
    .min(1, 'a whole number from 1 to 10000')
    .max(10_000, 'a whole number from 1 to 10000')
    .default(500),
  levels: z
    .array(levelSchema)
    .min(1, 'at least one level')
    .max(21, 'at most 21 levels')
    .refine((levels) => levels[0] === 0, 'levels that start at 0 (maps come from the t = 0 model)')
    .refine(ascending, 'levels in ascending order, each once')
    .default([...paperLevels]),
  methods: z
    .array(z.string())
    .min(1, 'at least one method')
    .refine((ids) => ids.includes(randomMethodId), 'methods that include random, the baseline')
    .refine(eachOnce, 'each method once')
    .default([...paperMethods.map(({ id }) => id), randomMethodId]),
  parameters: mapParametersSchema.prefault({}),
  reduction: reductionSchema.default('absolute'),
  fill: fillSchema.default('image-mean'),
  /** Of metrics that train a model a level. */
  trainMask: schemaOf(trainMask),
  /** Models for each method and level, each with seeds of its own; of metrics that retrain. */
  repetitions: z
    .int('a whole number from 1 to 20')
    .min(1, 'a whole number from 1 to 20')
    .max(20, 'a whole number from 1 to 20')
    .default(5),
  recipe: recipeSchema,
  /** Seed of masks, images, ties, fills, noise and the random map; the recipe's seed trains. */
  seed: seedSchema.default(0),
  /** Bootstrap resamples for the intervals. */
  resamples: z
    .int('a whole number from 100 to 100000')
    .min(100, 'a whole number from 100 to 100000')
    .max(100_000, 'a whole number from 100 to 100000')
    .default(2000),
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
  return roarSettingsSchema.superRefine(({ levels }, context) => {
    const accepted = levelCountRefusal(metric, levels) ?? levelsRefusal(levels, dataset);
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
