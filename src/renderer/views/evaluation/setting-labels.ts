import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type NetworkOption } from '../../../shared/catalogue/network';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { phraseOf } from '../../../shared/catalogue/parameter';
import { runSettings } from '../../../shared/catalogue/roar';
import { type Settings } from '../../../shared/catalogue/setting';
import { recipeSettings, startSettings } from '../../../shared/catalogue/training';

/** Who says what settings of a run are called, besides those that every run has. */
export interface SettingNames {
  readonly operators: Pick<OperatorCatalogue, 'parameters'>;
  readonly metric?: Pick<MetricDescriptor, 'parameters'> | undefined;
  /** Of the run's network; default none. */
  readonly options?: readonly NetworkOption[] | undefined;
}

/** What a setting of a run is called, by its path; a path that nobody names is its own name. */
export function settingLabel(
  { operators, metric, options = [] }: SettingNames,
  path: string,
): string {
  const within: Readonly<Record<string, Settings>> = {
    recipe: { ...recipeSettings, ...startSettings },
    parameters: operators.parameters,
    metric: metric?.parameters ?? {},
  };
  const [, group = '', name = ''] = /^(\w+)\.(.+)$/.exec(path) ?? [];
  const all: Settings = within[group] ?? runSettings;
  const setting = all[name || path];
  if (setting) return phraseOf(setting);
  if (path === 'recipe.architecture') return 'network';
  if (path === 'recipe.init.weights') return 'weights that training starts from';
  const option = options.find(({ id }) => name === `options.${id}`);
  return option?.label.toLowerCase() ?? path.replace(/^recipe\.options\./, '');
}
