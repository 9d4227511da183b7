import { parseComposition } from '../../../shared/catalogue/compositions';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { factsOfFill, type Fill, type Recipe } from '../../../shared/catalogue/training';
import { type Rates } from '../../../shared/engine';
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

/** Expected seconds of finding so many values; not measured on this machine. */
export function fillSeconds(fill: Fill, values: number): number {
  const { valuesPerSecond } = factsOfFill(fill);
  return valuesPerSecond === null ? 0 : values / valuesPerSecond;
}

export type DatasetCounts = Pick<DatasetFacts, 'shape' | 'train' | 'validation'>;

/** Training images that a recipe uses. */
export function trainedImages({ trainLimit }: Recipe, { train }: Pick<DatasetCounts, 'train'>) {
  return Math.min(trainLimit ?? train, train);
}

/** Expected seconds, or a weight, of gradients and the forward passes beside them. */
export function mapCost(images: number, gradients: number, speed: Rates): number {
  return (images * gradients) / speed.gradientsPerSecond + images / speed.forwardImagesPerSecond;
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
