import { formatCount } from '../format/counts';
import { datasetEntry, type DatasetEntry, type DatasetId } from './datasets';
import { MetricCatalogue, type MetricDescriptor } from './metric';
import { builtInMetrics, paperMetric } from './metrics';
import { metricDefaults, type RoarSettings, roarSettingsSchema } from './roar';
import { defaultRecipe } from './recipes';
import { type Recipe } from './training';

export interface RoarPreset {
  readonly id: 'quick' | 'paper';
  readonly name: string;
  /** What it does, and what it cuts. */
  readonly description: string;
  readonly settings: RoarSettings;
}

/** How many images there are: of a cut fewer than of the whole dataset. */
export type ImageCounts = Pick<DatasetEntry, 'train' | 'validation'>;

/** What a quick run trains on, per dataset: minutes on two cores. */
const quickTraining: Readonly<Record<DatasetId, { trainLimit: number; epochs: number }>> = {
  mnist: { trainLimit: 6000, epochs: 2 },
  cifar10: { trainLimit: 5000, epochs: 3 },
  'tiny-imagenet': { trainLimit: 4000, epochs: 2 },
};

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

function quick(
  metric: MetricDescriptor,
  dataset: DatasetId,
  counts: ImageCounts,
  full: RoarSettings,
  usual: Recipe,
): RoarPreset {
  const { trainLimit: limit, epochs } = quickTraining[dataset];
  const trainLimit = limit < counts.train ? limit : null;
  const { images: wanted, levels, repetitions, methods, worth } = metric.presets.quick;
  const images = Math.min(wanted ?? (dataset === 'mnist' ? 50 : 20), counts.validation);
  const few = (count: number, all: number) => `${formatCount(count)} of ${formatCount(all)}`;
  const cuts = [
    ...(trainLimit === null
      ? []
      : [`${formatCount(trainLimit)} of the ${formatCount(counts.train)} training images`]),
    `${epochs} of ${full.recipe.epochs} epochs`,
    ...(levels.length > 1 ? [`levels ${levels.map(shortLevel).join(', ')}`] : []),
    ...(repetitions === undefined ? [] : [`${few(repetitions, full.repetitions)} repetitions`]),
    `${few(images, Math.min(full.images, counts.validation))} ${
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
    settings: roarSettingsSchema.parse({
      dataset,
      protocol: metric.id,
      images,
      levels: [...levels],
      repetitions,
      methods: methods && [...methods],
      fill: metric.defaults.fill,
      recipe: { ...usual, trainLimit, epochs },
      parameters: { target: metric.defaults.target, n: 5, steps: 16 },
    }),
  };
}

/** 0.5 as .5. */
const shortLevel = (level: number): string => String(level).replace(/^0\./, '.');

function whole(
  { presets: { full } }: MetricDescriptor,
  counts: ImageCounts,
  settings: RoarSettings,
): RoarPreset {
  const { levels, repetitions } = settings;
  const images = Math.min(settings.images, counts.validation);
  const facts: Readonly<Record<string, string>> = {
    training: `all ${formatCount(counts.train)} training images`,
    images: String(images),
    repetitions: String(repetitions),
    above: String(levels.length - 1),
  };
  return {
    id: 'paper',
    name: full.name,
    description: full.help.replaceAll(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole),
    settings: { ...settings, images },
  };
}

/**
 * The presets of a dataset under a protocol, none of which asks for more images than there are.
 *
 * @param usual what models are trained by where nothing is cut; default: the dataset's recipe
 */
export function roarPresets(
  dataset: DatasetId = 'mnist',
  protocol: string = paperMetric.id,
  counts: ImageCounts = datasetEntry(dataset),
  usual: Recipe = defaultRecipe(dataset),
  metrics: MetricCatalogue = builtIn,
): readonly RoarPreset[] {
  const metric = metrics.get(protocol);
  const own = metricDefaults(metric, dataset);
  const full = roarSettingsSchema.parse({ ...own, dataset, protocol, recipe: usual });
  return [quick(metric, dataset, counts, full, usual), whole(metric, counts, full)];
}

const builtIn = new MetricCatalogue(builtInMetrics);

/** The settings of a preset, as a fresh copy that may be edited. */
export function presetSettings(
  id: RoarPreset['id'],
  dataset: DatasetId = 'mnist',
  protocol: string = paperMetric.id,
  counts: ImageCounts = datasetEntry(dataset),
): RoarSettings {
  const preset = roarPresets(dataset, protocol, counts).find((candidate) => candidate.id === id);
  if (!preset) throw new RangeError(`no ROAR preset ${id}`);
  return preset.settings;
}
