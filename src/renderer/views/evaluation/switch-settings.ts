import { type RunSettingsOf } from '../../../shared/catalogue/complete-settings';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { levelCountRefusal, type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type NetworkDescription, takes } from '../../../shared/catalogue/network';
import { levelsRefusal, type RoarSettings, roarSettingsFor } from '../../../shared/catalogue/roar';
import { type RoarPreset, roarPresets } from '../../../shared/catalogue/roar-presets';
import {
  defaultRecipe,
  type SettingsOf,
  suggestedNetwork,
} from '../../../shared/catalogue/suggestions';
import { changedSettings } from './settings-form';

/** The preset of the settings' own dataset, protocol and network that they differ least from. */
export function nearestPreset(settings: RoarSettings, of: RunSettingsOf): RoarPreset {
  const network = of.networks.find(({ id }) => id === settings.recipe.architecture);
  const presets = [...roarPresets(of, settings.protocol, defaultRecipe(of, network))];
  presets.sort(
    (a, b) =>
      changedSettings(settings, a.settings).length - changedSettings(settings, b.settings).length,
  );
  const [nearest] = presets;
  if (!nearest) throw new RangeError('no ROAR presets');
  return nearest;
}

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A schedule's kind and its numbers go together. */
const whole = (path: string) => path.replace(/^(recipe\.schedule)\..*$/, '$1');

function read(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isTree(at) ? at[key] : undefined), tree);
}

function write(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  const next = tree[key];
  if (rest.length === 0) tree[key] = value;
  else if (isTree(next)) write(next, rest, value);
  else if (next === undefined) tree[key] = { [rest.join('.')]: value };
}

/** Where a recipe keeps what its network leaves open. */
const optionPath = /^recipe\.options\./;

/** Whether what was set for one dataset can be meant for another, and for another network. */
function fits(
  path: string,
  value: unknown,
  { dataset, network, metric, sameDataset, sameMetric }: Target,
): boolean {
  const { classes, train, validation } = dataset;
  if (path === 'images') return typeof value === 'number' && value <= validation;
  if (path === 'recipe.trainLimit') return value === null || Number(value) <= train;
  if (optionPath.test(path)) {
    const option = network.options.find(({ id }) => path === `recipe.options.${id}`);
    return option?.choices.some((choice) => choice.value === value) ?? false;
  }
  if (path === 'parameters.target') return typeof value !== 'number' || value < classes;
  // On smaller images two levels may remove equally many pixels.
  if (path === 'levels') {
    const levels = Array.isArray(value) ? value.map(Number) : [];
    const accepted = levelCountRefusal(metric, levels) ?? levelsRefusal(levels, dataset);
    return accepted === null;
  }
  // Whether weights suit other images core alone knows.
  if (path.startsWith('recipe.init.')) return sameDataset;
  if (path === 'recipe.resize' || path === 'recipe.crop') return sameDataset;
  // What one metric has of its own means nothing to another.
  if (path.startsWith('metric.')) return sameMetric;
  return !['dataset', 'protocol', 'recipe.architecture'].includes(path);
}

/** What settings are changed to. */
interface Target {
  readonly dataset: DatasetFacts;
  readonly network: NetworkDescription;
  readonly metric: MetricDescriptor;
  readonly sameDataset: boolean;
  readonly sameMetric: boolean;
}

/** A network that was chosen stays where it takes the images; else it is what the dataset suggests. */
function networkFor(
  { recipe: { architecture } }: RoarSettings,
  before: SettingsOf,
  of: SettingsOf,
): NetworkDescription {
  const chosen = of.networks.find(({ id }) => id === architecture);
  const isChosen = architecture !== suggestedNetwork(before).id;
  const data = { inputShape: of.dataset.shape, classes: null };
  return isChosen && chosen && takes(chosen, data) ? chosen : suggestedNetwork(of);
}

/**
 * Settings for another dataset or protocol: the same preset's there, and whatever differed from the
 * preset before, where it still makes sense.
 */
export function switchSettings(
  settings: RoarSettings,
  to: { readonly dataset?: string; readonly protocol?: string },
  settingsOf: (dataset: string) => RunSettingsOf,
): RoarSettings {
  const { protocol = settings.protocol } = to;
  const [from, of] = [settingsOf(settings.dataset), settingsOf(to.dataset ?? settings.dataset)];
  const { dataset } = of;
  const metric = of.metrics.get(protocol);
  const sameDataset = dataset.id === settings.dataset;
  const sameMetric = protocol === settings.protocol;
  const network = networkFor(settings, from, of);
  const before = nearestPreset(settings, from);
  const presets = roarPresets(of, protocol, defaultRecipe(of, network));
  const target = presets.find(({ id }) => id === before.id);
  if (!target) throw new RangeError(`no preset ${before.id} of ${dataset.id} under ${protocol}`);
  const next = (): Tree => JSON.parse(JSON.stringify(target.settings)) as Tree;
  const kept = [...new Set(changedSettings(settings, before.settings).map(whole))]
    .map((path) => ({ path, value: read(settings, path.split('.')) }))
    .filter(({ path, value }) =>
      fits(path, value, { dataset, network, metric, sameDataset, sameMetric }),
    );
  const merge = (changes: typeof kept): Tree => {
    const tree = next();
    for (const { path, value } of changes) write(tree, path.split('.'), value);
    return tree;
  };
  // Parts of a recipe may not fit the rest of another dataset's: then that dataset's own stands.
  for (const changes of [kept, kept.filter(({ path }) => !path.startsWith('recipe.'))]) {
    const merged = roarSettingsFor(dataset, metric).safeParse(merge(changes));
    if (merged.success) return JSON.parse(JSON.stringify(merged.data)) as RoarSettings;
  }
  return next() as RoarSettings;
}
