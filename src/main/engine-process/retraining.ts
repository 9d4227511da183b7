import { type Dataset, type SplitData } from '../../engine/datasets/dataset';
import { subsetOf } from '../../engine/datasets/subset';
import { type Prepare } from '../../engine/models/inputs';
import { maskBytes } from '../../engine/removal/mask';
import { type RankedImages, rankedMasks, rankedRemoval } from '../../engine/removal/ranked-removal';
import { breathe } from '../../engine/runtime/cancel';
import { type Recipe } from '../../shared/catalogue/training';
import { type Retraining } from '../../shared/engine';
import { StudioError } from '../../shared/errors';
import { removedCount } from '../../shared/levels';
import { stratifiedIndices } from '../../shared/selection';
import { readOrders } from './order-file';

/** What one model of a protocol that retrains sees: its images, and what is removed of them. */
export interface RetrainingData {
  readonly train: SplitData;
  readonly validation: SplitData;
  /** Undefined where nothing is removed. */
  readonly prepare: Prepare | undefined;
}

/**
 * The chosen images of both splits with their masks.
 *
 * @throws StudioError `corrupt-file` where the orders are not of these images
 */
export async function retrainingData(
  dataset: Dataset,
  retraining: Retraining,
  limit: Recipe['trainLimit'],
  datasetMean: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<RetrainingData> {
  const { level, keep, fill, seed, orders } = retraining;
  const { shape } = dataset;
  const pixels = shape[0] * shape[1];
  const train = chosen(dataset.train, limit, retraining.trainSeed, 'train-limit');
  const validation = chosen(dataset.validation, retraining.images, seed, 'images');
  const data = {
    train: subsetOf(dataset.train, train),
    validation: subsetOf(dataset.validation, validation),
  };
  if (removedCount(level, pixels) === 0) return { ...data, prepare: undefined };
  const ranked = async (
    indices: ArrayLike<number>,
    paths: readonly string[],
  ): Promise<RankedImages> => {
    const masks = new Uint8Array(indices.length * maskBytes(pixels));
    let at = 0;
    for (const path of paths) {
      await breathe(signal);
      const part = rankedMasks(await readOrders(path, pixels), pixels, level, keep);
      if (at + part.length > masks.length) throw otherImages(indices.length);
      masks.set(part, at);
      at += part.length;
    }
    if (at !== masks.length) throw otherImages(indices.length);
    return { indices, masks };
  };
  const images = {
    train: await ranked(train, orders.train),
    validation: await ranked(validation, orders.validation),
  };
  return { ...data, prepare: rankedRemoval({ shape, level, fill, seed, images, datasetMean }) };
}

function chosen(split: SplitData, count: number | null, seed: number, purpose: string): Int32Array {
  if (count === null || count >= split.count) {
    return Int32Array.from({ length: split.count }, (_, index) => index);
  }
  return Int32Array.from(stratifiedIndices(split.labels, count, seed, purpose));
}

function otherImages(count: number): StudioError {
  return new StudioError({
    code: 'corrupt-file',
    message: `The pixel orders are not those of the run's ${count} images: start a new run.`,
  });
}
