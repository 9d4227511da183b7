import { type Split } from '../../../../shared/catalogue/datasets';
import { type Method } from '../../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { type Rates } from '../../../../shared/engine';
import {
  cheapestFirst,
  type DatasetCounts,
  fillSeconds,
  gradientsOf,
  proportions,
  reportItem,
  shardSizes,
  trainingStage,
} from '../../jobs/costs';
import { type ItemPlan, type StagePlan } from '../../jobs/progress';
import { type OperatorCatalogue } from '../../../../shared/catalogue/operator-catalogue';

export function orderItem(method: string, split: Split, shard: number): string {
  return `${method}/${split}/${shard}`;
}

/** A model of the grid: no method at level 0, where all share the models. */
export interface GridModel {
  readonly method: Method | null;
  readonly level: number;
  readonly repetition: number;
}

// Items are named by the level's every digit: two that look alike are two.
export function gridItem({ method, level, repetition }: GridModel, epoch: number): string {
  return `${method?.id ?? ''}/${level}/${repetition}/${epoch}`;
}

/** The base model is repetition 0 of level 0: its accuracy on the images that count. */
export const baseItem = 'base';

/**
 * The models to train besides the base model, in order: a whole repetition before the next, so that
 * there are curves early.
 */
export function gridModels(settings: RoarSettings, methods: readonly Method[]): GridModel[] {
  return Array.from({ length: settings.repetitions }, (_, repetition) =>
    settings.levels.flatMap((level): GridModel[] => {
      if (level > 0) return methods.map((method) => ({ method, level, repetition }));
      return repetition === 0 ? [] : [{ method: null, level, repetition }];
    }),
  ).flat();
}

function gridTitle({ method, level, repetition }: GridModel, settings: RoarSettings): string {
  const what =
    method === null ? 'Nothing removed' : `${method.name}, level ${Number(level.toFixed(4))}`;
  return `${what}, repetition ${repetition + 1} of ${settings.repetitions}`;
}

/** Every item of a run that retrains, in order, with its expected seconds or weight. */
export function retrainStages(
  operators: OperatorCatalogue,
  settings: RoarSettings,
  methods: readonly Method[],
  counts: DatasetCounts,
  rates: Rates | null,
): StagePlan[] {
  const { recipe, images, fill } = settings;
  const speed = rates ?? proportions;
  const train = Math.min(recipe.trainLimit ?? counts.train, counts.train);
  const splits = [
    ['train', 'training', shardSizes(train)],
    ['validation', 'validation', shardSizes(images)],
  ] as const;
  const orders = cheapestFirst(operators, methods, settings).flatMap((method) =>
    splits.flatMap(([split, name, sizes]) =>
      sizes.map((size, shard): ItemPlan => ({
        id: orderItem(method.id, split, shard),
        title: `${method.name}, ${name} images, part ${shard + 1} of ${sizes.length}`,
        cost:
          (size * gradientsOf(operators, method, settings)) / speed.gradientsPerSecond +
          size / speed.forwardImagesPerSecond,
      })),
    ),
  );
  const [height, width, channels] = counts.shape;
  const values = height * width * channels;
  const grid = gridModels(settings, methods).flatMap((model) => {
    const cost =
      train / speed.trainImagesPerSecond +
      images / speed.forwardImagesPerSecond +
      (rates ? fillSeconds(fill, model.level * values * (train + images)) : 0);
    return Array.from({ length: recipe.epochs }, (_, epoch): ItemPlan => ({
      id: gridItem(model, epoch),
      title: `${gridTitle(model, settings)}, epoch ${epoch + 1} of ${recipe.epochs}`,
      cost,
    }));
  });
  const base: ItemPlan = {
    id: baseItem,
    title: 'Accuracy of the base model',
    cost: images / speed.forwardImagesPerSecond,
  };
  return [
    { ...trainingStage([0], recipe, counts, rates), title: 'Train the base model' },
    { id: 'orders', title: 'Rank the pixels of every image', items: orders },
    { id: 'retrain', title: 'Retrain without them', items: [base, ...grid] },
    {
      id: 'report',
      title: 'Draw the curves',
      items: [{ id: reportItem, title: 'Means and intervals over repetitions', cost: 0 }],
    },
  ];
}
