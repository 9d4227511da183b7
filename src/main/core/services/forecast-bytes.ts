import { datasetEntry } from '../../../shared/catalogue/datasets';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type Recipe } from '../../../shared/catalogue/training';
import { type DatasetCounts } from '../jobs/costs';
import { type StagePlan } from '../jobs/progress';
import { networkOf } from './model-form';

/** Trainable numbers of the network that a run trains. */
function parametersOf(settings: RoarSettings, classes: number): number {
  const { architecture, form } = networkOf(settings.dataset, classes, settings.recipe);
  if (architecture === 'mnist-cnn') return 421_642;
  // Blocks and batch normalisation, the first filter, and a row of the last layer for each class.
  const first = form.stem === 'imagenet' ? 64 * 3 * 49 : 64 * 3 * 9;
  return 11_167_104 + first + 513 * classes;
}

/** float32 numbers that an optimiser keeps for each of the network's. */
function optimiserNumbers({ optimiser, momentum }: Recipe): number {
  if (optimiser === 'adam') return 2;
  return momentum > 0 ? 1 : 0;
}

/**
 * Bytes that a run adds to the disk at its fullest. Of models that are kept: the weights of every
 * epoch and the optimiser's last state; of one in training all its optimiser states; of a model of a
 * grid that retrains two checkpoints, which go when it is done. A map is float32 and one value a
 * channel, a pixel order uint16; a score and its ties are float32.
 */
export function bytesOf(
  stages: readonly StagePlan[],
  known: ReadonlySet<string>,
  settings: RoarSettings,
  counts: DatasetCounts & { readonly classes: number },
): number {
  const { dataset, recipe, images, methods } = settings;
  const [height, width, channels] = datasetEntry(dataset).shape;
  const weights = 4 * parametersOf(settings, counts.classes);
  const optimiser = weights * optimiserNumbers(recipe);
  const train = Math.min(recipe.trainLimit ?? counts.train, counts.train);
  let bytes = 0;
  /** Of models under way, which go one after the other. */
  let passing = 0;
  for (const stage of stages) {
    const open = stage.items.filter(({ id }) => !known.has(`${stage.id} ${id}`)).length;
    /** Images of an item, on average: a shard is one of a method's equal parts. */
    const share = (total: number) => total / Math.max(1, stage.items.length / methods.length);
    if (stage.id === 'train' && open > 0) {
      bytes += open * weights + Math.ceil(open / recipe.epochs) * optimiser;
      passing = Math.max(passing, (recipe.epochs - 1) * optimiser);
    }
    if (stage.id === 'maps') bytes += open * share(images) * height * width * channels * 4;
    if (stage.id === 'orders') bytes += open * share(train + images) * height * width * 2;
    if (stage.id === 'score') bytes += open * images * methods.length * 8;
    if (stage.id === 'retrain' && recipe.epochs > 1) {
      passing = Math.max(passing, 2 * (weights + optimiser));
    }
  }
  return Math.round(bytes + passing);
}
