import { type Dataset } from '../../engine/datasets/dataset';
import { type Prepare } from '../../engine/models/inputs';
import { channelMeans } from '../../engine/removal/degrade';
import { randomRemoval } from '../../engine/removal/random-removal';
import { type Fill, type TrainingRemoval } from '../../shared/catalogue/training';

interface Entry {
  readonly dataset: Dataset;
  readonly key: string;
  readonly prepare: Prepare | undefined;
}

/** What removal draws or measures once for a whole dataset: means, and the last training masks. */
export class RemovalCache {
  readonly #means = new WeakMap<Dataset, number[]>();
  #last: Entry | null = null;

  /** Mean of each channel over the training split, where the fill needs it. */
  mean(dataset: Dataset, fill: Fill): number[] | undefined {
    if (fill !== 'dataset-mean') return undefined;
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
}
