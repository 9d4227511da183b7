import { formatCount } from '../format/counts';
import { completeRoarSettings } from './complete-settings';
import { randomMethodId } from './methods';
import { type Protocol, retrains, type RoarSettings } from './roar';
import { defaultRecipe, type SettingsOf, suggestionOf } from './suggestions';
import { type Recipe } from './training';

export interface RoarPreset {
  readonly id: 'quick' | 'paper';
  readonly name: string;
  /** What it does, and what it cuts. */
  readonly description: string;
  readonly settings: RoarSettings;
}

function quick(of: SettingsOf, protocol: Protocol, full: RoarSettings): RoarPreset {
  const { id: dataset, train, validation } = of.dataset;
  const { trainLimit: limit, epochs, images: shown } = suggestionOf(of.dataset).quick;
  const trainLimit = limit < train ? limit : null;
  const trained =
    trainLimit === null
      ? ''
      : `${formatCount(trainLimit)} of the ${formatCount(train)} training images, `;
  const training = `${trained}${epochs} of ${full.recipe.epochs} epochs`;
  const recipe = { ...full.recipe, trainLimit, epochs };
  const parameters = { n: 5, steps: 16 };
  const maps = '5 of 15 noisy samples, 16 of 50 steps';
  if (retrains(protocol)) {
    const images = Math.min(500, validation);
    return {
      id: 'quick',
      name: 'Quick',
      description: `A look at the whole pipeline in minutes. Cuts: ${training}, levels 0, .5, .9, 2 of ${full.repetitions} repetitions, ${images} of ${formatCount(full.images)} validation images, four methods, ${maps}. Its numbers decide nothing.`,
      settings: completeRoarSettings(of, {
        dataset,
        protocol,
        images,
        levels: [0, 0.5, 0.9],
        repetitions: 2,
        methods: ['vanilla-gradient', 'integrated-gradients', 'guided-backprop', randomMethodId],
        recipe,
        parameters,
      }),
    };
  }
  const images = Math.min(shown, validation);
  return {
    id: 'quick',
    name: 'Quick',
    description: `A look at the whole pipeline in minutes. Cuts: ${training}, levels 0, .1, .3, .5, .7, .9, ${images} of ${full.images} images, ${maps}. Its numbers are not the paper’s.`,
    settings: completeRoarSettings(of, {
      dataset,
      protocol,
      images,
      levels: [0, 0.1, 0.3, 0.5, 0.7, 0.9],
      recipe,
      parameters,
    }),
  };
}

function whole(of: SettingsOf, protocol: Protocol, settings: RoarSettings): RoarPreset {
  const { images, levels, repetitions } = settings;
  const training = `all ${formatCount(of.dataset.train)} training images`;
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
 * @param recipe what models are trained by where nothing is cut; default: what the dataset suggests
 */
export function roarPresets(
  of: SettingsOf,
  protocol: Protocol = 'paper',
  recipe: Recipe = defaultRecipe(of),
): readonly RoarPreset[] {
  const full = completeRoarSettings(of, { dataset: of.dataset.id, protocol, recipe });
  return [quick(of, protocol, full), whole(of, protocol, full)];
}

/** The settings of a preset, as a fresh copy that may be edited. */
export function presetSettings(
  id: RoarPreset['id'],
  of: SettingsOf,
  protocol: Protocol = 'paper',
): RoarSettings {
  const preset = roarPresets(of, protocol).find((candidate) => candidate.id === id);
  if (!preset) throw new RangeError(`no ROAR preset ${id}`);
  return preset.settings;
}
