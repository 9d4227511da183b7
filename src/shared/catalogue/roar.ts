import { z } from 'zod';
import { eachOnce } from '../each-once';
import { equalLevels } from '../levels';
import { datasetEntry, type DatasetId, datasetIds, datasetIdSchema, pixelsOf } from './datasets';
import { paperMethods, randomMethodId } from './methods';
import { levelCountRefusal, MetricCatalogue, type MetricDescriptor, metricSchema } from './metric';
import { builtInMetrics, paperLevels, paperMetric } from './metrics';
import { parameterValueSchema } from './parameter';
import { mapParametersSchema, reductionSchema, seedSchema } from './parameters';
import { completeRecipe } from './recipes';
import { fillSchema, levelSchema, trainMask, type RecipeInput, recipeSchema } from './training';
import { schemaOf } from './setting';

/** Which metric a run is measured by: the catalogue knows them. */
export const protocolSchema = metricSchema.shape.id;

const builtIn = new MetricCatalogue(builtInMetrics);

const ascending = (levels: readonly number[]) =>
  levels.every((level, i) => i === 0 || level > (levels[i - 1] ?? 0));

const settingsSchema = z.object({
  protocol: protocolSchema.default(paperMetric.id),
  /** What its metric has of its own; left out where that is nothing. */
  metric: z.record(z.string(), parameterValueSchema).optional(),
  dataset: datasetIdSchema.default('mnist'),
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
});

/**
 * Every setting of a RemOve And Retrain run. What is left out takes the default of its dataset and
 * protocol: the recipe and number of images of the one, the levels, fill and target of the other.
 */
export const roarSettingsSchema = z.preprocess(
  withDefaults,
  settingsSchema.superRefine(({ levels, dataset, protocol }, context) => {
    const metric = builtIn.find(protocol);
    const counted = metric ? levelCountRefusal(metric, levels) : null;
    const accepted = counted ?? levelsRefusal(levels, dataset);
    if (accepted === null) return;
    context.addIssue({ code: 'custom', path: ['levels'], input: levels, message: accepted });
  }),
);

/** The same as a run of any time was stored with: its levels may remove equally many pixels. */
export const storedRoarSettingsSchema = z.preprocess(withDefaults, settingsSchema);

/** What is accepted instead of levels that remove equally many pixels; null: each removes its own. */
export function levelsRefusal(levels: readonly number[], dataset: DatasetId): string | null {
  // What is no level at all is refused as such.
  if (!levels.every((level) => levelSchema.safeParse(level).success)) return null;
  const pixels = pixelsOf(dataset);
  const equal = equalLevels(levels, pixels);
  if (equal === null) return null;
  const [first, second] = equal.levels;
  return `levels of which each removes more pixels than the one before (${first} and ${second} both remove ${equal.removed} of ${pixels})`;
}

export type RoarSettings = z.infer<typeof settingsSchema>;
export type RoarInput = Omit<z.input<typeof settingsSchema>, 'recipe'> & {
  readonly recipe?: RecipeInput | undefined;
};

function withDefaults(input: RoarInput): RoarInput {
  if (typeof input !== 'object' || input === null) return input;
  const { dataset = 'mnist', protocol = paperMetric.id } = input;
  if (!datasetIds.includes(dataset)) return input;
  const metric = builtIn.find(protocol);
  // Of a metric that was added core and presets say the rest: a scalar's levels are these.
  const own: Partial<ReturnType<typeof metricDefaults>> = metric
    ? metricDefaults(metric, dataset)
    : { levels: [0] };
  return {
    ...own,
    ...input,
    recipe: completeRecipe(dataset, input.recipe),
    parameters: { ...own.parameters, ...input.parameters },
  };
}

/** What a metric's runs on a dataset are where nothing else is said. */
export function metricDefaults(
  { defaults: { images, levels, fill, target } }: Pick<MetricDescriptor, 'defaults'>,
  dataset: DatasetId,
) {
  const { validation, roarImages } = datasetEntry(dataset);
  return {
    images: images === 'validation' ? validation : roarImages,
    levels: [...levels],
    fill,
    parameters: { target },
  };
}
