import { parseComposition } from '../../../shared/catalogue/compositions';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type MapParameters } from '../../../shared/catalogue/parameters';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type BatchPlan } from '../../../shared/catalogue/network';
import { factsOfFill, type Fill, type Recipe } from '../../../shared/catalogue/training';
import { type Rates } from '../../../shared/engine';
import { resizedSides } from '../../../shared/model-input';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

/** Images per stored file of maps, and per request that makes or scores them. */
export const shardSize = 256;

/**
 * Proportions of the three kinds of work, for weighing items where nothing has been measured yet;
 * no time is ever told from them.
 */
export const proportions: Speed = {
  trainImagesPerSecond: 1,
  gradientsPerSecond: 1,
  forwardImagesPerSecond: 3,
};

/** Expected seconds of finding so many values; not measured on this machine. */
export function fillSeconds(fill: Fill, values: number): number {
  const { valuesPerSecond } = factsOfFill(fill);
  return valuesPerSecond === null ? 0 : values / valuesPerSecond;
}

/**
 * Values that resizing goes through in a second, those of both its passes: between 90 million (32 pixels to
 * 64) and 240 million (512 to 64) were measured of `SeenImages` on a busy machine of two cores.
 */
const resizedValuesPerSecond = 2e8;

/** Expected seconds of resizing so many images as they are read; not measured on this machine. */
export function resizeSeconds(
  images: number,
  shape: DatasetFacts['shape'],
  { resize }: Pick<Recipe, 'resize'>,
): number {
  const [height, width, channels] = shape;
  const [high, wide] = resizedSides(shape, resize);
  if (high === height && wide === width) return 0;
  // Rows first: each value is looked at, or made, then so is each of the columns.
  const across = height * Math.max(width, wide);
  const down = wide * Math.max(height, high);
  return (images * channels * (across + down)) / resizedValuesPerSecond;
}

export type DatasetCounts = Pick<DatasetFacts, 'shape' | 'train' | 'validation'>;

/** Training images that a recipe uses. */
export function trainedImages(
  { trainLimit }: Pick<Recipe, 'trainLimit'>,
  { train }: Pick<DatasetCounts, 'train'>,
) {
  return Math.min(trainLimit ?? train, train);
}

/** How fast a network is, and how many images its batches hold: of a short one the whole is computed. */
export interface Speed extends Rates {
  /** Left out: every batch is taken to be full. */
  readonly batches?: Pick<BatchPlan, 'gradient' | 'forward'> | undefined;
}

/**
 * Expected seconds, or a weight, of a method's maps: of its gradients, and of a forward pass of each image
 * where that finds what they explain. What asks no model takes about as long as such a pass.
 */
export function mapCost(
  images: number,
  gradients: number,
  speed: Speed,
  { target }: Pick<MapParameters, 'target'>,
): number {
  if (gradients <= 0) return images / speed.forwardImagesPerSecond;
  const explained = target === 'predicted' ? scoreCost(images, speed) : 0;
  return explained + gradientCost(images, gradients, speed);
}

/**
 * Of some gradients of each image, as the evaluator makes them: images share a batch where it has room for
 * all the gradients of several, and every batch is filled up.
 */
function gradientCost(images: number, gradients: number, speed: Speed): number {
  const { batches, gradientsPerSecond } = speed;
  if (!batches) return (images * gradients) / gradientsPerSecond;
  const { gradient: batch } = batches;
  const places = Math.max(1, Math.floor(batch / gradients));
  const each = Math.ceil(gradients / Math.min(batch, gradients));
  return (Math.ceil(images / places) * each * batch) / gradientsPerSecond;
}

/** Of one score of each image: whole batches, the last of them filled up. */
export function scoreCost(images: number, { batches, forwardImagesPerSecond }: Speed): number {
  const batch = batches?.forward ?? 1;
  return (Math.ceil(images / batch) * batch) / forwardImagesPerSecond;
}

/**
 * Of one pass over the training images that a recipe uses. Where the last layer alone is trained the others
 * only go forward, and the steps of the one take next to no time.
 */
export function trainCost(
  recipe: Pick<Recipe, 'trainLimit' | 'init'>,
  counts: Pick<DatasetCounts, 'train'>,
  { trainImagesPerSecond, forwardImagesPerSecond }: Speed,
): number {
  const forward = recipe.init?.layers === 'last';
  return trainedImages(recipe, counts) / (forward ? forwardImagesPerSecond : trainImagesPerSecond);
}

/** Images in their shards. */
export function shardsOf(images: readonly number[]): number[][] {
  const shards: number[][] = [];
  for (let start = 0; start < images.length; start += shardSize) {
    shards.push(images.slice(start, start + shardSize));
  }
  return shards;
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

export function levelTitle(level: number): string {
  return `Level ${Number(level.toFixed(4))}`;
}
