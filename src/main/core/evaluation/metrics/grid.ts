import { type Split } from '../../../../shared/catalogue/datasets';
import { type Method } from '../../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { type Recipe } from '../../../../shared/catalogue/training';
import { deriveSeed } from '../../../../shared/seeds';
import { artifactKey } from '../../artifacts/artifacts';
import {
  fillSeconds,
  proportions,
  resizeSeconds,
  scoreCost,
  trainCost,
  trainedImages,
} from '../../jobs/costs';
import {
  type Planned,
  type PlannedItem,
  specId,
  type Step,
  stored,
  workOrder,
} from '../../jobs/item-spec';
import { trainingId } from '../../models/trainings';
import { levelWeights } from '../roar/level-training';
import { type PlannedOrder } from './orders';
import { type PlanParts, type RunInLedger, type RunInputs } from '../roar/metric-plan';

/** A model of the grid: no method at level 0, where all share the models. */
export interface GridModel {
  readonly method: Method | null;
  readonly level: number;
  readonly repetition: number;
}

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

/**
 * The recipe of a repetition: its own seed, from (recipe.seed, 'repetition', r); the first has the
 * recipe's, which is the base model's.
 */
export function repetitionRecipe(recipe: Recipe, repetition: number): Recipe {
  if (repetition === 0) return recipe;
  return { ...recipe, seed: deriveSeed(recipe.seed, 'repetition', repetition)[0] };
}

// Items are named by the level's every digit: two that look alike are two.
const gridId = ({ method, level, repetition }: GridModel): string =>
  `${method?.id ?? ''}/${level}/${repetition}`;

function gridTitle({ method, level, repetition }: GridModel, settings: RoarSettings): string {
  const what =
    method === null ? 'Nothing removed' : `${method.name}, level ${Number(level.toFixed(4))}`;
  return `${what}, repetition ${repetition + 1} of ${settings.repetitions}`;
}

/**
 * One model, an epoch an item. Its checkpoints live as long as a later epoch needs them, so that a
 * grid of hundreds of models takes the disk of one.
 *
 * @param keep whether the last of an order go, not the first
 */
export function gridTraining(
  parts: PlanParts,
  inputs: RunInputs,
  orders: readonly PlannedOrder[],
  model: GridModel,
  keep: boolean,
): Planned {
  const { settings, counts, rates, size, owner } = inputs;
  const { recipe, images, fill } = settings;
  const { epochs } = recipe;
  const [height, width, channels] = counts.shape;
  const train = trainedImages(recipe, counts);
  const speed = rates ?? proportions;
  const values = model.level * height * width * channels * (train + images);
  const cost =
    trainCost(recipe, counts, speed) +
    scoreCost(images, speed) +
    (rates ? fillSeconds(fill, values) + resizeSeconds(train + images, inputs.whole, recipe) : 0);
  const title = gridTitle(model, settings);
  const items = Array.from({ length: epochs }, (_, epoch): PlannedItem => ({
    id: `${gridId(model)}/${epoch}`,
    title: `${title}, epoch ${epoch + 1} of ${epochs}`,
    cost,
    bytes: 0,
  }));
  const own = orders.filter(({ method }) => method === model.method?.id);
  const checkpoints = epochs > 1 ? 2 : 1;
  return {
    spec: {
      id: specId('retrain', gridId(model)),
      stage: 'retrain',
      title,
      passing: checkpoints * (size.weights + size.optimiser),
      needs: [trainingId(0), ...own.map(({ spec }) => spec.id)],
      items,
    },
    // Checkpoints are the run's own: without one nothing can be there.
    complete: () => owner && gridSteps(parts, inputs, owner, own, model, items, keep),
  };
}

interface CheckpointKeys {
  readonly weights: string;
  readonly optimiser: string;
}

/** A run's settings never change, so its id, the model's place and the epoch determine the content. */
function checkpointKeys(
  { run }: RunInLedger,
  { method, level, repetition }: GridModel,
  epoch: number,
): CheckpointKeys {
  const inputs = { run, method: method?.id ?? null, level, repetition, epoch };
  return { weights: artifactKey('weights', inputs), optimiser: artifactKey('optimiser', inputs) };
}

function gridSteps(
  parts: PlanParts,
  inputs: RunInputs,
  owner: RunInLedger,
  orders: readonly PlannedOrder[],
  model: GridModel,
  items: readonly PlannedItem[],
  keep: boolean,
): Step[] | null {
  const base = levelWeights(parts, inputs, 0);
  if (!base) return null;
  const { settings } = inputs;
  const { fill, seed, images, recipe } = settings;
  const ordersOf = (split: Split) =>
    orders.filter((order) => order.split === split).map(({ key }) => stored(key(base)));
  const retraining = {
    level: model.level,
    keep,
    fill,
    seed,
    images,
    trainSeed: recipe.seed,
    orders: { train: ordersOf('train'), validation: ordersOf('validation') },
  };
  return items.map(({ id: item }, epoch) => {
    const before = epoch === 0 ? null : checkpointKeys(owner, model, epoch - 1);
    const made = checkpointKeys(owner, model, epoch);
    const last = epoch === items.length - 1;
    const initial = before === null ? parts.trainings.initial(recipe) : null;
    const order = workOrder(
      'train-epoch',
      inputs.dataset,
      {
        recipe: repetitionRecipe(recipe, model.repetition),
        removal: {},
        removalSeed: 0,
        epoch,
        checkpoint: before && {
          model: stored(before.weights),
          optimiser: stored(before.optimiser),
        },
        ...(initial && { initial }),
        retraining,
      },
      last
        ? []
        : [
            { file: 'model.safetensors', kind: 'weights', key: made.weights },
            { file: 'optimiser.safetensors', kind: 'optimiser', key: made.optimiser },
          ],
    );
    return {
      item,
      before: () => {
        if (before === null) parts.trainings.requireInitial(recipe);
      },
      orders: [order],
      known: () => false,
      finish(outcome) {
        if (!last) return { artifacts: [made.weights, made.optimiser], reused: false };
        const { validationAccuracy: accuracy, seconds } = outcome.of(order);
        const earlier = items.slice(0, epoch);
        const took = earlier.reduce(
          (sum, { id }) => sum + (parts.jobs.item(owner.job, 'retrain', id)?.seconds ?? 0),
          seconds,
        );
        const { level, repetition } = model;
        const method = model.method?.id ?? null;
        return {
          artifacts: [],
          reused: false,
          commit: () =>
            parts.retrained.putModel(owner.run, {
              method,
              level,
              repetition,
              accuracy,
              seconds: took,
            }),
          announce: [{ type: 'run.changed', run: owner.run }],
        };
      },
      release: before ? [before.weights, before.optimiser] : [],
    };
  });
}
