import { z } from 'zod';
import { parse } from '../errors';
import { removedCount } from '../levels';
import { cropRefusal, shapeSeen } from '../model-input';
import { type DatasetFacts, datasetIdSchema, pixelsOf } from './datasets';
import { schemaOf } from './setting';
import { completeRecipe, type SettingsOf } from './suggestions';
import {
  levelSchema,
  recipeInputSchema,
  recipeSchema,
  removalSettings,
  trainingRemovalSchema,
} from './training';

const fields = {
  dataset: datasetIdSchema,
  removal: trainingRemovalSchema.prefault({}),
  removalSeed: schemaOf(removalSettings.removalSeed),
};

/** What a request gives to train a model; `completeTrainInput` knows the rest of the recipe. */
export const trainRequestSchema = z.object({ ...fields, recipe: recipeInputSchema.prefault({}) });

const trainInputSchema = z.object({ ...fields, recipe: recipeSchema });
/** All that a model is trained by. */
export type TrainInput = z.infer<typeof trainInputSchema>;

/**
 * The same for images of a shape: a level that is not 0 but removes no pixel would train the model of
 * level 0 once more.
 */
export function trainInputFor(dataset: Pick<DatasetFacts, 'shape'>) {
  return trainInputSchema.superRefine(({ removal: { level }, recipe }, context) => {
    const wrong = cropRefusal(dataset.shape, recipe);
    if (wrong !== null) {
      const path = ['recipe', 'crop'];
      return context.addIssue({ code: 'custom', path, input: recipe.crop, message: wrong });
    }
    // What is no level at all is refused as such.
    if (!levelSchema.safeParse(level).success) return;
    const pixels = pixelsOf({ shape: shapeSeen(dataset.shape, recipe) });
    if (level === 0 || removedCount(level, pixels) > 0) return;
    const message = `0, or a level that removes a pixel (${level} and 0 both remove 0 of ${pixels})`;
    context.addIssue({ code: 'custom', path: ['removal', 'level'], input: level, message });
  });
}

/** Throws `invalid-input` where the whole is refused. */
export function completeTrainInput(
  of: SettingsOf,
  input: z.infer<typeof trainRequestSchema>,
): TrainInput {
  const recipe = completeRecipe(of, input.recipe);
  return parse(trainInputFor(of.dataset), { ...input, recipe });
}
