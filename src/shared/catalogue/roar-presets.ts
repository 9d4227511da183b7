import { formatCount } from '../format/counts';
import { datasetEntry, type DatasetEntry, type DatasetId } from './datasets';
import { retrains, type RoarSettings, roarSettingsSchema } from './roar';
import { randomMethodId } from './methods';
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

function quick(
  dataset: DatasetId,
  protocol: string,
  counts: ImageCounts,
  usual: Recipe,
): RoarPreset {
  const full = roarSettingsSchema.parse({ dataset, protocol, recipe: usual });
  const { trainLimit: limit, epochs } = quickTraining[dataset];
  const trainLimit = limit < counts.train ? limit : null;
  const trained =
    trainLimit === null
      ? ''
      : `${formatCount(trainLimit)} of the ${formatCount(counts.train)} training images, `;
  const training = `${trained}${epochs} of ${full.recipe.epochs} epochs`;
  const few = (wanted: number) => Math.min(wanted, counts.validation);
  const maps = '5 of 15 noisy samples, 16 of 50 steps';
  if (retrains(protocol)) {
    const images = few(500);
    return {
      id: 'quick',
      name: 'Quick',
      description: `A look at the whole pipeline in minutes. Cuts: ${training}, levels 0, .5, .9, 2 of ${full.repetitions} repetitions, ${images} of ${formatCount(few(full.images))} validation images, four methods, ${maps}. Its numbers decide nothing.`,
      settings: roarSettingsSchema.parse({
        ...{ dataset, protocol, images, levels: [0, 0.5, 0.9], repetitions: 2 },
        methods: ['vanilla-gradient', 'integrated-gradients', 'guided-backprop', randomMethodId],
        recipe: { ...usual, trainLimit, epochs },
        parameters: { n: 5, steps: 16 },
      }),
    };
  }
  const images = few(dataset === 'mnist' ? 50 : 20);
  return {
    id: 'quick',
    name: 'Quick',
    description: `A look at the whole pipeline in minutes. Cuts: ${training}, levels 0, .1, .3, .5, .7, .9, ${images} of ${few(full.images)} images, ${maps}. Its numbers are not the paper’s.`,
    settings: roarSettingsSchema.parse({
      ...{ dataset, protocol, images, levels: [0, 0.1, 0.3, 0.5, 0.7, 0.9] },
      recipe: { ...usual, trainLimit, epochs },
      parameters: { n: 5, steps: 16 },
    }),
  };
}

function whole(
  dataset: DatasetId,
  protocol: string,
  counts: ImageCounts,
  usual: Recipe,
): RoarPreset {
  const full = roarSettingsSchema.parse({ dataset, protocol, recipe: usual });
  const settings = { ...full, images: Math.min(full.images, counts.validation) };
  const { images, levels, repetitions } = settings;
  const training = `all ${formatCount(counts.train)} training images`;
  if (!retrains(protocol)) {
    return {
      id: 'paper',
      name: 'Paper',
      description: `The paper’s protocol in full: ten models on ${training}, ${images} images, nine methods and the random map.`,
      settings,
    };
  }
  const removed = protocol === 'retrain' ? 'without' : 'with nothing but';
  return {
    id: 'paper',
    name: 'Full',
    description: `Hooker et al. in full: ${repetitions} models for each method and level (${levels.length - 1} above 0) on ${training} ${removed} each method’s own top pixels. See the forecast: it may take days.`,
    settings,
  };
}

/**
 * The presets of a dataset under a protocol, none of which asks for more images than there are.
 *
 * @param usual what models are trained by where nothing is cut; default: the dataset's recipe
 */
export function roarPresets(
  dataset: DatasetId = 'mnist',
  protocol: string = 'paper',
  counts: ImageCounts = datasetEntry(dataset),
  usual: Recipe = defaultRecipe(dataset),
): readonly RoarPreset[] {
  return [quick(dataset, protocol, counts, usual), whole(dataset, protocol, counts, usual)];
}

/** The settings of a preset, as a fresh copy that may be edited. */
export function presetSettings(
  id: RoarPreset['id'],
  dataset: DatasetId = 'mnist',
  protocol: string = 'paper',
  counts: ImageCounts = datasetEntry(dataset),
): RoarSettings {
  const preset = roarPresets(dataset, protocol, counts).find((candidate) => candidate.id === id);
  if (!preset) throw new RangeError(`no ROAR preset ${id}`);
  return preset.settings;
}
