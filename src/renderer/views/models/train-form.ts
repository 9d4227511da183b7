import { canonicalJson } from '../../../shared/canonical';
import { type DatasetFacts, type ImageCounts } from '../../../shared/catalogue/datasets';
import { type SettingsOf } from '../../../shared/catalogue/suggestions';
import {
  completeTrainInput,
  type TrainInput,
  trainInputFor,
  trainRequestSchema,
} from '../../../shared/catalogue/train-input';
import { type Recipe } from '../../../shared/catalogue/training';
import { type ErrorData } from '../../../shared/errors';
import { type ModelRecord } from '../../../shared/records';

/** The dataset's default recipe at level 0. */
export function defaultTrainInput(of: SettingsOf): TrainInput {
  return completeTrainInput(of, trainRequestSchema.parse({ dataset: of.dataset.id }));
}

/** Refusals by dotted path; an empty object: accepted. */
export function trainErrors(
  input: TrainInput,
  dataset: Pick<DatasetFacts, 'shape'>,
): Record<string, string> {
  const result = trainInputFor(dataset).safeParse(input);
  if (result.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of result.error.issues) errors[issue.path.join('.')] ??= issue.message;
  return errors;
}

/** Core's refusal beside the field that it names, whatever core puts before the path. */
export function refusedField(error: ErrorData): string | null {
  const path = error.field?.replace(/^models\.train\./, '');
  return path && /^(dataset|recipe|removal|removalSeed)(\.|$)/.test(path) ? path : null;
}

/**
 * Seconds that this training should take by the epochs already measured here (the newest trained
 * model of the dataset); null before the first.
 */
export function forecastSeconds(
  input: TrainInput,
  entry: ImageCounts,
  models: readonly ModelRecord[],
): number | null {
  const images = (limit: number | null) => Math.min(limit ?? entry.train, entry.train);
  for (const model of models) {
    const { recipe } = model;
    const epochs = model.epochs.filter(({ seconds }) => seconds > 0);
    if (model.dataset !== input.dataset || !recipe || epochs.length === 0) continue;
    // Another network, or another option of it, may cost several times as much.
    if (networkOf(recipe) !== networkOf(input.recipe)) continue;
    const mean = epochs.reduce((sum, { seconds }) => sum + seconds, 0) / epochs.length;
    // An epoch trains on its images and scores the validation split, at about a third of the cost.
    const cost = (limit: number | null) => images(limit) + entry.validation / 3;
    return (input.recipe.epochs * mean * cost(input.recipe.trainLimit)) / cost(recipe.trainLimit);
  }
  return null;
}

const networkOf = ({ architecture, options }: Recipe): string =>
  canonicalJson([architecture, options]);
