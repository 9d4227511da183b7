import { parseComposition } from '../../../shared/catalogue/compositions';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type Fill, type Recipe } from '../../../shared/catalogue/training';
import { type Rates } from '../../../shared/engine';
import { formatCount } from '../../../shared/format/counts';
import { type StagePlan } from './progress';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

/** Images per stored file of maps, and per request that makes or scores them. */
export const shardSize = 256;

/**
 * Proportions of the three kinds of work, for weighing items where nothing has been measured yet;
 * no time is ever told from them.
 */
export const proportions: Rates = {
  trainImagesPerSecond: 1,
  gradientsPerSecond: 1,
  forwardImagesPerSecond: 3,
};

/**
 * Weighted sums of the bootstrap, and of the claims that rest on it, that one core does in a second:
 * not measured on this machine, for it is a second or two of a run.
 */
const resampledValuesPerSecond = 1e8;

/**
 * Values that the noisy linear fill finds in a second: between 0.4 million (a tenth of a 28x28 image)
 * and 1.8 million (half of a 32x32 colour one) were measured on a busy machine. Not measured on this
 * one; the other fills take next to no time.
 */
const filledValuesPerSecond = 1e6;

export function fillSeconds(fill: Fill, values: number): number {
  return fill === 'noisy-linear' ? values / filledValuesPerSecond : 0;
}

export type DatasetCounts = Pick<DatasetFacts, 'shape' | 'train' | 'validation'>;

function epochCost(recipe: Recipe, counts: DatasetCounts, rates: Rates | null): number {
  const speed = rates ?? proportions;
  const images = Math.min(recipe.trainLimit ?? counts.train, counts.train);
  return images / speed.trainImagesPerSecond + counts.validation / speed.forwardImagesPerSecond;
}

/** Images in their shards. */
export function shardsOf(images: readonly number[]): number[][] {
  const shards: number[][] = [];
  for (let start = 0; start < images.length; start += shardSize) {
    shards.push(images.slice(start, start + shardSize));
  }
  return shards;
}

/** Images in each shard of `count` images. */
export function shardSizes(count: number): number[] {
  const sizes: number[] = [];
  for (let left = count; left > 0; left -= shardSize) sizes.push(Math.min(shardSize, left));
  return sizes;
}

export function gradientsOf(
  operators: OperatorCatalogue,
  method: Method,
  settings: Pick<RoarSettings, 'parameters'>,
): number {
  return operators.cost(parseComposition(method.composition), settings.parameters);
}

/** Cheapest first; methods of equal cost keep their order. */
export function cheapestFirst(
  operators: OperatorCatalogue,
  methods: readonly Method[],
  settings: Pick<RoarSettings, 'parameters'>,
): Method[] {
  return [...methods].sort(
    (a, b) => gradientsOf(operators, a, settings) - gradientsOf(operators, b, settings),
  );
}

function levelTitle(level: number): string {
  return `Level ${Number(level.toFixed(4))}`;
}

// Items are named by the level's every digit: two that look alike are two.
export function epochItem(level: number, epoch: number): string {
  return `${level}/${epoch}`;
}

export function mapItem(method: string, shard: number): string {
  return `${method}/${shard}`;
}

export function scoreItem(level: number): string {
  return String(level);
}

export const reportItem = 'report';

export function trainingStage(
  levels: readonly number[],
  recipe: Recipe,
  counts: DatasetCounts,
  rates: Rates | null,
  /** Seconds that an epoch's fills take at a level. */
  fills: (level: number) => number = () => 0,
): StagePlan {
  const cost = epochCost(recipe, counts, rates);
  return {
    id: 'train',
    title: levels.length === 1 ? 'Train the model' : `Train ${levels.length} models`,
    items: levels.flatMap((level) =>
      Array.from({ length: recipe.epochs }, (_, epoch) => ({
        id: epochItem(level, epoch),
        title: `${levelTitle(level)}, epoch ${epoch + 1} of ${recipe.epochs}`,
        cost: cost + fills(level),
      })),
    ),
  };
}

/** Every item of a `paper` run, in order, with its expected seconds (or weights without rates). */
export function roarStages(
  operators: OperatorCatalogue,
  settings: RoarSettings,
  methods: readonly Method[],
  counts: DatasetCounts,
  rates: Rates | null,
): StagePlan[] {
  const speed = rates ?? proportions;
  const shards = shardSizes(settings.images);
  const values = settings.images * methods.length * settings.levels.length;
  const { levels, recipe, fill } = settings;
  const [height, width, channels] = counts.shape;
  const filled = Math.min(recipe.trainLimit ?? counts.train, counts.train) + counts.validation;
  const fills = (level: number) =>
    rates ? fillSeconds(fill, level * height * width * channels * filled) : 0;
  return [
    trainingStage(levels, recipe, counts, rates, fills),
    {
      id: 'maps',
      title: 'Make the maps',
      items: cheapestFirst(operators, methods, settings).flatMap((method) =>
        shards.map((size, shard) => ({
          id: mapItem(method.id, shard),
          title:
            shards.length === 1
              ? method.name
              : `${method.name}, part ${shard + 1} of ${shards.length}`,
          cost:
            (size * gradientsOf(operators, method, settings)) / speed.gradientsPerSecond +
            size / speed.forwardImagesPerSecond,
        })),
      ),
    },
    {
      id: 'score',
      title: 'Remove pixels and score',
      items: settings.levels.map((level) => ({
        id: scoreItem(level),
        title: levelTitle(level),
        cost: (settings.images * methods.length) / speed.forwardImagesPerSecond,
      })),
    },
    {
      id: 'report',
      title: 'Draw the curves',
      items: [
        {
          id: reportItem,
          title: `Intervals from ${formatCount(settings.resamples)} resamples`,
          cost: (values * settings.resamples) / resampledValuesPerSecond,
        },
      ],
    },
  ];
}
