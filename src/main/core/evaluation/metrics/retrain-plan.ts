import { rankedPixels } from '../../../../shared/catalogue/metric';
import { counted } from '../../../../shared/format/counts';
import { proportions, scoreCost } from '../../jobs/costs';
import { oneItem, planOf, type Planned, stored, workOrder } from '../../jobs/item-spec';
import { trainingId, trainingStage } from '../../models/trainings';
import { trainingImages } from '../training-images';
import { gridModels, gridTraining } from './grid';
import { levelTraining, levelWeights } from '../roar/level-training';
import { plannedOrders } from './orders';
import {
  gradientsOfAll,
  type MakePlan,
  ownerOf,
  type PlanParts,
  reportItem,
  type RunInputs,
} from '../roar/metric-plan';

/**
 * The metrics that retrain (Hooker et al. 2019, arXiv 1806.10758): a base model, its maps' pixel
 * orders of every image, then a new model for each method, level and repetition, trained and tested
 * on images degraded by that method's orders.
 *
 * @param keep whether the last of an order go, not the first
 */
export const retrainPlan =
  (keep: boolean): MakePlan =>
  async (parts, inputs) => {
    const { settings, methods, rates } = inputs;
    const { recipe, images } = settings;
    const training = trainingImages(await inputs.trainLabels(), settings);
    const base = levelTraining(parts, inputs, 0);
    const orders = plannedOrders(parts, inputs, training, keep);
    const accuracy = baseAccuracy(parts, inputs);
    const grid = gridModels(settings, methods).map((model) =>
      gridTraining(parts, inputs, orders, model, keep),
    );
    const report = reportItem(
      parts,
      inputs,
      { title: 'Means and intervals over repetitions', cost: 0 },
      [accuracy, ...grid].map(({ spec }) => spec.id),
    );
    const train = training.length;
    const ranked = train + images;
    const epochs = counted(recipe.epochs, 'epoch');
    return planOf(
      [
        {
          ...trainingStage(1),
          title: 'Train the base model',
          work: `${counted(train * recipe.epochs, 'training image')} (1 model, ${epochs})`,
        },
        {
          id: rankedPixels.stage,
          title: 'Rank the pixels of every image',
          work: `${counted(gradientsOfAll(inputs) * ranked, 'input gradient')} (${counted(ranked, 'image')}, ${counted(methods.length, 'method')})`,
        },
        {
          id: 'retrain',
          title: 'Retrain without them',
          work: `${counted(train * recipe.epochs * grid.length, 'training image')} (${counted(grid.length, 'model')}, ${epochs})`,
        },
        {
          id: 'report',
          title: 'Draw the curves',
          work: counted(grid.length + 1, 'accuracy', 'accuracies'),
        },
      ],
      rates !== null,
      [base, ...orders, accuracy, ...grid, report],
    );
  };

/** Level 0, repetition 0: the base model, tested on the images that count. */
function baseAccuracy(parts: PlanParts, inputs: RunInputs): Planned {
  const { settings, rates } = inputs;
  const { seed, images } = settings;
  const item = {
    id: 'base',
    title: 'Accuracy of the base model',
    cost: scoreCost(images, rates ?? proportions),
    bytes: 0,
  };
  return oneItem('retrain', item, [trainingId(0)], () => {
    const weights = levelWeights(parts, inputs, 0);
    if (!weights) return null;
    const order = workOrder('evaluate', inputs.dataset, {
      model: stored(weights.artifact),
      split: 'validation',
      choice: { count: images, seed },
      removal: { level: 0 },
      removalSeed: 0,
    });
    return {
      orders: [order],
      finish(outcome) {
        const { run } = ownerOf(inputs);
        const { accuracy } = outcome.of(order);
        const seconds = parts.runs.levels(run).find(({ level }) => level === 0)?.seconds ?? 0;
        return {
          artifacts: [],
          reused: false,
          commit: () =>
            parts.retrained.putModel(run, {
              method: null,
              level: 0,
              repetition: 0,
              accuracy,
              seconds,
            }),
          announce: [{ type: 'run.changed', run }],
        };
      },
    };
  });
}
