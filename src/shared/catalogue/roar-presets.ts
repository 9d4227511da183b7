import { formatCount } from '../format/counts';
import { completeRoarSettings, type RunSettingsOf } from './complete-settings';
import { type MetricDescriptor } from './metric';
import { fullPreset, type presetIds } from './preset-ids';
import { type RoarSettings } from './roar';
import { defaultRecipe, suggestionOf } from './suggestions';
import { type Recipe } from './training';

export interface RoarPreset {
  readonly id: (typeof presetIds)[number];
  readonly name: string;
  /** What it does, and what it cuts. */
  readonly description: string;
  readonly settings: RoarSettings;
}

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

function quick(of: RunSettingsOf, metric: MetricDescriptor, full: RoarSettings): RoarPreset {
  const { id: dataset, train, validation } = of.dataset;
  const { trainLimit: limit, epochs, images: shown } = suggestionOf(of.dataset).quick;
  const trainLimit = limit < train ? limit : null;
  const { images: wanted, levels, repetitions, methods, worth } = metric.presets.quick;
  const images = Math.min(wanted ?? shown, validation);
  const few = (count: number, all: number) => `${formatCount(count)} of ${formatCount(all)}`;
  const cuts = [
    ...(trainLimit === null ? [] : [`${few(trainLimit, train)} training images`]),
    `${epochs} of ${full.recipe.epochs} epochs`,
    ...(levels.length > 1 ? [`levels ${levels.map(shortLevel).join(', ')}`] : []),
    ...(repetitions === undefined ? [] : [`${few(repetitions, full.repetitions)} repetitions`]),
    `${few(images, full.images)} ${
      metric.observation === 'repetition' ? 'validation images' : 'images'
    }`,
    ...(methods ? [`${numbers[methods.length] ?? methods.length} methods`] : []),
    '5 of 15 noisy samples',
    '16 of 50 steps',
  ];
  return {
    id: 'quick',
    name: 'Quick',
    description: `A look at the whole pipeline in minutes. Cuts: ${cuts.join(', ')}. ${worth}`,
    settings: completeRoarSettings(of, {
      dataset,
      protocol: metric.id,
      images,
      levels: [...levels],
      repetitions,
      methods: methods && [...methods],
      recipe: { ...full.recipe, trainLimit, epochs },
      parameters: { n: 5, steps: 16 },
    }),
  };
}

/** 0.5 as .5. */
const shortLevel = (level: number): string => String(level).replace(/^0\./, '.');

function whole(
  { presets: { full } }: MetricDescriptor,
  train: number,
  settings: RoarSettings,
): RoarPreset {
  const { images, levels, repetitions } = settings;
  const facts: Readonly<Record<string, string>> = {
    training: `all ${formatCount(train)} training images`,
    images: String(images),
    repetitions: String(repetitions),
    above: String(levels.length - 1),
  };
  return {
    id: fullPreset,
    name: full.name,
    description: full.help.replaceAll(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole),
    settings,
  };
}

/**
 * The presets of a dataset under a protocol, none of which asks for more images than there are.
 *
 * @param recipe what models are trained by where nothing is cut; default: what the dataset suggests
 */
export function roarPresets(
  of: RunSettingsOf,
  protocol: string = of.metrics.usual.id,
  recipe: Recipe = defaultRecipe(of),
): readonly RoarPreset[] {
  const metric = of.metrics.get(protocol);
  const full = completeRoarSettings(of, { dataset: of.dataset.id, protocol, recipe });
  return [quick(of, metric, full), whole(metric, of.dataset.train, full)];
}

/** The settings of a preset, as a fresh copy that may be edited. */
export function presetSettings(
  id: RoarPreset['id'],
  of: RunSettingsOf,
  protocol: string = of.metrics.usual.id,
): RoarSettings {
  const preset = roarPresets(of, protocol).find((candidate) => candidate.id === id);
  if (!preset) throw new RangeError(`no ROAR preset ${id}`);
  return preset.settings;
}
