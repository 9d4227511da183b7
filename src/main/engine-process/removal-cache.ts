import { type Dataset } from '../../engine/datasets/dataset';
import { type Prepare } from '../../engine/models/inputs';
import { channelMeans } from '../../engine/removal/degrade';
import { randomRemoval } from '../../engine/removal/random-removal';
import {
  factsOfFill,
  type Fill,
  type Recipe,
  type TrainingRemoval,
} from '../../shared/catalogue/training';
import { type Retraining } from '../../shared/engine';
import { retrainingData, type RetrainingData } from './retraining';

interface Entry {
  readonly dataset: Dataset;
  readonly key: string;
  readonly prepare: Prepare | undefined;
}

/** What removal draws or measures once for a whole dataset: means, and the last training masks. */
export class RemovalCache {
  readonly #means = new WeakMap<Dataset, number[]>();
  #last: Entry | null = null;
  #retraining: { dataset: Dataset; key: string; data: RetrainingData } | null = null;

  /** Mean of each channel over the training split, where the fill needs it. */
  mean(dataset: Dataset, fill: Fill): number[] | undefined {
    if (!factsOfFill(fill).datasetMean) return undefined;
    let mean = this.#means.get(dataset);
    if (!mean) {
      mean = channelMeans(dataset.train.images, dataset.shape[2]);
      this.#means.set(dataset, mean);
    }
    return mean;
  }

  /** Random removal for training; undefined where nothing is removed. */
  random(dataset: Dataset, removal: TrainingRemoval, seed: number): Prepare | undefined {
    const key = JSON.stringify([removal.level, removal.fill, removal.mask, seed]);
    if (this.#last?.dataset === dataset && this.#last.key === key) return this.#last.prepare;
    const { shape, train, validation } = dataset;
    const prepare = randomRemoval({
      shape,
      removal,
      seed,
      counts: { train: train.count, validation: validation.count },
      datasetMean: this.mean(dataset, removal.fill),
    });
    this.#last = { dataset, key, prepare };
    return prepare;
  }

  /** Images and masks of a protocol that retrains; the last ones stay for further epochs. */
  async retraining(
    dataset: Dataset,
    retraining: Retraining,
    limit: Recipe['trainLimit'],
    signal: AbortSignal,
  ): Promise<RetrainingData> {
    const key = JSON.stringify([retraining, limit]);
    if (this.#retraining?.dataset === dataset && this.#retraining.key === key) {
      return this.#retraining.data;
    }
    // Masks of another level would only take memory while these are made.
    this.#retraining = null;
    const mean = retraining.level > 0 ? this.mean(dataset, retraining.fill) : undefined;
    const data = await retrainingData(dataset, retraining, limit, mean, signal);
    this.#retraining = { dataset, key, data };
    return data;
  }
}
