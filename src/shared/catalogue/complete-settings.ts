import { parse } from '../errors';
import { completeMetric, type MetricCatalogue } from './metric';
import { type OperatorCatalogue } from './operator-catalogue';
import { type RoarInput, type RoarSettings, roarSettingsFor, runSettings } from './roar';
import { completeRecipe, type SettingsOf, suggestionOf } from './suggestions';

/** What settings of a run are made for: the metrics and operators that there are, too. */
export interface RunSettingsOf extends SettingsOf {
  readonly metrics: MetricCatalogue;
  readonly operators: OperatorCatalogue;
}

/**
 * Settings of a run with what they leave out: the recipe and number of images that the dataset
 * suggests, the levels, fill and target of the metric, every parameter of the operators that there are
 * (a default that changes later changes nothing that is stored), and of the rest the paper's.
 *
 * @param field where the settings stand, for refusals
 * @throws StudioError `invalid-input` where the whole is refused
 */
export function completeRoarSettings(
  of: RunSettingsOf,
  input: RoarInput,
  field = 'settings',
): RoarSettings {
  const { dataset, metrics, operators } = of;
  const metric = metrics.get(input.protocol ?? metrics.usual.id, `${field}.protocol`);
  const { images, levels, fill, target } = metric.defaults;
  const suggested =
    images === 'validation' ? runSettings.images.high : suggestionOf(dataset).images;
  const { metric: given = {}, ...others } = input;
  const own = completeMetric(metric, given, `${field}.metric`);
  return parse(
    roarSettingsFor(dataset, metric),
    {
      images: Math.min(suggested, dataset.validation),
      levels,
      fill,
      ...others,
      protocol: metric.id,
      ...(Object.keys(own).length > 0 && { metric: own }),
      dataset: dataset.id,
      recipe: completeRecipe(of, input.recipe, `${field}.recipe`),
      parameters: operators.complete({ target, ...input.parameters }, `${field}.parameters`),
    },
    field,
  );
}
