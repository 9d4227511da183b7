import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type NetworkCatalogue } from '../../../shared/catalogue/network';
import { optimiserBytes, weightsBytes } from '../../../shared/catalogue/network-size';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type StagePlan } from '../jobs/progress';
import { networkOf } from '../models/model-form';
import { orderBytes } from '../../../shared/pixel-orders';

/**
 * Bytes that a run adds to the disk at its fullest, by its own network. Of models that are kept: the
 * weights of every epoch and the optimiser's last state; of one in training all its optimiser states;
 * of a model of a grid that retrains two checkpoints (one where there is one epoch), which go when it
 * is done. A map is float32 and one value a channel, a pixel order uint16 or, of large images, uint32; a score and its ties are
 * float32. Headers of files, of a hundred bytes to some thousands, are not counted.
 */
export function bytesOf(
  stages: readonly StagePlan[],
  known: ReadonlySet<string>,
  settings: RoarSettings,
  counts: DatasetFacts,
  networks: NetworkCatalogue,
): number {
  const { recipe, images, methods } = settings;
  const [height, width, channels] = counts.shape;
  const { architecture, form } = networkOf(counts, recipe);
  const network = networks.get(architecture);
  const weights = weightsBytes(network, form);
  const optimiser = optimiserBytes(network, form, recipe);
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
    if (stage.id === 'orders')
      bytes += open * share(train + images) * height * width * orderBytes(height * width);
    if (stage.id === 'score') bytes += open * images * methods.length * 8;
    if (stage.id === 'retrain' && open > 0) {
      const checkpoints = recipe.epochs > 1 ? 2 : 1;
      passing = Math.max(passing, checkpoints * (weights + optimiser));
    }
  }
  return Math.round(bytes + passing);
}
