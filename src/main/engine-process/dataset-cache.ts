import { type Dataset } from '../../engine/datasets/dataset';
import { readDataset } from '../../engine/datasets/read';
import { type DatasetId, type Split } from '../../shared/catalogue/datasets';
import { refuse } from '../../shared/errors';

export interface DatasetSource {
  readonly dataset: DatasetId;
  readonly datasetDir: string;
}

/** Images of one split, as an operation asks for them. */
export interface ImageSource extends DatasetSource {
  readonly split: Split;
  /** Indices into the split. */
  readonly indices: readonly number[];
}

export interface PickedImages {
  /** Bytes [N, H, W, C]. */
  readonly images: Uint8Array;
  readonly labels: Int32Array;
  readonly shape: readonly [number, number, number];
}

/** Datasets decoded once and kept in memory. */
export class DatasetCache {
  readonly #datasets = new Map<string, Promise<Dataset>>();

  get(source: DatasetSource): Promise<Dataset> {
    const key = `${source.dataset}\n${source.datasetDir}`;
    let dataset = this.#datasets.get(key);
    if (!dataset) {
      dataset = readDataset(source.dataset, source.datasetDir);
      this.#datasets.set(key, dataset);
      // What could not be read may be there the next time.
      dataset.catch(() => this.#datasets.delete(key));
    }
    return dataset;
  }

  /** Read the files again, whatever is in memory. */
  refresh(source: DatasetSource): Promise<Dataset> {
    this.#datasets.delete(`${source.dataset}\n${source.datasetDir}`);
    return this.get(source);
  }

  /** Throws `invalid-input` for an index outside the split. */
  async pick(source: ImageSource): Promise<PickedImages> {
    const { shape, [source.split]: data } = await this.get(source);
    const size = shape[0] * shape[1] * shape[2];
    const images = new Uint8Array(source.indices.length * size);
    const labels = new Int32Array(source.indices.length);
    source.indices.forEach((index, i) => {
      if (index >= data.count) {
        throw refuse(`indices.${i}`, index, `an index from 0 to ${data.count - 1}`);
      }
      data.images.read(index, images, i * size);
      labels[i] = data.labels[index] ?? 0;
    });
    return { images, labels, shape };
  }
}
