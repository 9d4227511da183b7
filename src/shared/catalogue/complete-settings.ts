import { parse } from '../errors';
import {
  retrainLevels,
  retrains,
  type RoarInput,
  type RoarSettings,
  roarSettingsFor,
} from './roar';
import { completeRecipe, type SettingsOf, suggestionOf } from './suggestions';

/** A run evaluates so many images at most. */
const mostImages = 10_000;

/**
 * Settings of a run with what they leave out: the recipe and number of images that the dataset
 * suggests, the levels, fill and target of the protocol, and of the rest the paper's.
 *
 * @param field where the settings stand, for refusals
 * @throws StudioError `invalid-input` where the whole is refused
 */
export function completeRoarSettings(
  of: SettingsOf,
  input: RoarInput,
  field = 'settings',
): RoarSettings {
  const { dataset } = of;
  const retraining = retrains(input.protocol ?? 'paper');
  const suggested = retraining ? mostImages : suggestionOf(dataset).images;
  return parse(
    roarSettingsFor(dataset),
    {
      images: Math.min(suggested, dataset.validation),
      ...(retraining ? { levels: [...retrainLevels], fill: 'dataset-mean' } : {}),
      ...input,
      dataset: dataset.id,
      recipe: completeRecipe(of, input.recipe, `${field}.recipe`),
      parameters: { ...(retraining ? { target: 'predicted' } : {}), ...input.parameters },
    },
    field,
  );
}
