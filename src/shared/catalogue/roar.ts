import { z } from 'zod';
import { datasetIdSchema, datasets } from './datasets';
import { paperMethods, randomMethodId } from './methods';
import { mapParametersSchema, reductions, seedSchema } from './parameters';
import { fillSchema, levelSchema, recipeSchema } from './training';

export const paperLevels = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;

const ascending = (levels: readonly number[]) =>
  levels.every((level, i) => i === 0 || level > (levels[i - 1] ?? 0));

/** Every setting of a RemOve And Retrain run under the protocol `paper`. */
export const roarSettingsSchema = z.object({
  protocol: z.literal('paper').default('paper'),
  dataset: datasetIdSchema.default('mnist'),
  /** How many evaluation images, stratified by class out of the validation split. */
  images: z
    .int('a whole number from 1 to 10000')
    .min(1, 'a whole number from 1 to 10000')
    .max(10_000, 'a whole number from 1 to 10000')
    .default(500),
  levels: z
    .array(levelSchema)
    .min(2, 'at least two levels')
    .max(21, 'at most 21 levels')
    .refine((levels) => levels[0] === 0, 'levels that start at 0 (maps come from the t = 0 model)')
    .refine(ascending, 'levels in ascending order, each once')
    .default([...paperLevels]),
  methods: z
    .array(z.string())
    .min(1, 'at least one method')
    .refine((ids) => ids.includes(randomMethodId), 'methods that include random, the baseline')
    .refine((ids) => new Set(ids).size === ids.length, 'each method once')
    .default([...paperMethods.map(({ id }) => id), randomMethodId]),
  parameters: mapParametersSchema.prefault({}),
  reduction: z.enum(reductions).default('absolute'),
  fill: fillSchema.default('image-mean'),
  trainMask: z.enum(['fixed', 'redrawn']).default('fixed'),
  recipe: recipeSchema.prefault({}),
  /** Seed of masks, images, ties, fills, noise and the random map; the recipe's seed trains. */
  seed: seedSchema.default(0),
  /** Bootstrap resamples for the intervals. */
  resamples: z
    .int('a whole number from 100 to 100000')
    .min(100, 'a whole number from 100 to 100000')
    .max(100_000, 'a whole number from 100 to 100000')
    .default(2000),
});

export type RoarSettings = z.infer<typeof roarSettingsSchema>;

export interface RoarPreset {
  readonly id: 'quick' | 'paper';
  readonly name: string;
  /** What it does, and what it cuts against the paper. */
  readonly description: string;
  readonly settings: RoarSettings;
}

export const roarPresets: readonly RoarPreset[] = [
  {
    id: 'quick',
    name: 'Quick',
    description:
      'A look at the whole pipeline in minutes. Cuts: 6,000 of the 60,000 training images, 2 of 5 epochs, levels 0, .1, .3, .5, .7, .9, 50 of 500 images, 5 of 15 noisy samples, 16 of 50 steps. Its numbers are not the paper’s.',
    settings: roarSettingsSchema.parse({
      images: 50,
      levels: [0, 0.1, 0.3, 0.5, 0.7, 0.9],
      recipe: { epochs: 2, trainLimit: 6000 },
      parameters: { n: 5, steps: 16 },
    }),
  },
  {
    id: 'paper',
    name: 'Paper',
    description: `The paper’s protocol in full: ten models on all ${(datasets[0]?.train ?? 0).toLocaleString('en')} training images, 500 images, nine methods and the random map.`,
    settings: roarSettingsSchema.parse({}),
  },
];

/** The settings of a preset, as a fresh copy that may be edited. */
export function presetSettings(id: RoarPreset['id']): RoarSettings {
  const preset = roarPresets.find((candidate) => candidate.id === id);
  if (!preset) throw new RangeError(`no ROAR preset ${id}`);
  return roarSettingsSchema.parse(JSON.parse(JSON.stringify(preset.settings)));
}
