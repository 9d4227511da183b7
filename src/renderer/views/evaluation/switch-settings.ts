import { datasetEntry, type DatasetId } from '../../../shared/catalogue/datasets';
import { usesStem } from '../../../shared/catalogue/recipes';
import {
  levelsRefusal,
  type Protocol,
  type RoarSettings,
  roarSettingsSchema,
} from '../../../shared/catalogue/roar';
import {
  type ImageCounts,
  type RoarPreset,
  roarPresets,
} from '../../../shared/catalogue/roar-presets';
import { changedSettings } from './settings-form';

/** How many images there are of a dataset. */
type CountsOf = (dataset: DatasetId) => ImageCounts;

/** The preset of the settings' own dataset and protocol that they differ least from. */
export function nearestPreset(
  settings: RoarSettings,
  countsOf: CountsOf = datasetEntry,
): RoarPreset {
  const { dataset, protocol } = settings;
  const presets = [...roarPresets(dataset, protocol, countsOf(dataset))];
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
}

/** Whether what was set for one dataset can be meant for another. */
function fits(path: string, value: unknown, dataset: DatasetId, counts: ImageCounts): boolean {
  const { classes } = datasetEntry(dataset);
  if (path === 'images') return typeof value === 'number' && value <= counts.validation;
  if (path === 'recipe.trainLimit') return value === null || Number(value) <= counts.train;
  if (path === 'recipe.stem') return usesStem(dataset);
  if (path === 'parameters.target') return typeof value !== 'number' || value < classes;
  // On smaller images two levels may remove equally many pixels.
  if (path === 'levels')
    return Array.isArray(value) && levelsRefusal(value.map(Number), dataset) === null;
  return path !== 'dataset' && path !== 'protocol';
}

/**
 * Settings for another dataset or protocol: the same preset's there, and whatever differed from the
 * preset before, where it still makes sense.
 */
export function switchSettings(
  settings: RoarSettings,
  to: { readonly dataset?: DatasetId; readonly protocol?: Protocol },
  countsOf: CountsOf = datasetEntry,
): RoarSettings {
  const { dataset = settings.dataset, protocol = settings.protocol } = to;
  const counts = countsOf(dataset);
  const before = nearestPreset(settings, countsOf);
  const target = roarPresets(dataset, protocol, counts).find(({ id }) => id === before.id);
  if (!target) throw new RangeError(`no preset ${before.id} of ${dataset} under ${protocol}`);
  const next = (): Tree => JSON.parse(JSON.stringify(target.settings)) as Tree;
  const kept = [...new Set(changedSettings(settings, before.settings).map(whole))]
    .map((path) => ({ path, value: read(settings, path.split('.')) }))
    .filter(({ path, value }) => fits(path, value, dataset, counts));
  const merge = (changes: typeof kept): Tree => {
    const tree = next();
    for (const { path, value } of changes) write(tree, path.split('.'), value);
    return tree;
  };
  // Parts of a recipe may not fit the rest of another dataset's: then that dataset's own stands.
  for (const changes of [kept, kept.filter(({ path }) => !path.startsWith('recipe.'))]) {
    const merged = roarSettingsSchema.safeParse(merge(changes));
    if (merged.success) return JSON.parse(JSON.stringify(merged.data)) as RoarSettings;
  }
  return next() as RoarSettings;
}
