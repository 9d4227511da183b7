import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset } from '../../engine/datasets/dataset';
import { DiskImages } from '../../engine/datasets/image-store';
import { type DatasetPlace, isStored, readDataset } from '../../engine/datasets/read';
import { seenBy } from '../../engine/datasets/seen-images';
import { verifyStored } from '../../engine/datasets/stored';
import { type Split } from '../../shared/catalogue/datasets';
import { valueAt } from '../../shared/checked-reads';
import { refuse } from '../../shared/errors';
import { type Looked, sightOf } from '../../shared/model-input';
import { storedDatasetFile } from '../../shared/stored-dataset';

/** As an operation names a dataset. */
export type DatasetSource = DatasetPlace;

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

interface Entry {
  /** Which state of the folder was read. */
  readonly state: string;
  readonly dataset: Promise<Dataset>;
}

/**
 * Datasets opened once: MNIST in memory, the others as files that images are read from. A folder
 * whose dataset was installed anew is opened anew.
 */
export class DatasetCache {
  readonly #entries = new Map<string, Entry>();
  /** By the dataset, and the sight. */
  readonly #seen = new WeakMap<Dataset, Map<string, Dataset>>();

  async get(source: DatasetSource): Promise<Dataset> {
    const key = `${source.dataset}\n${source.datasetDir}`;
    const state = await stateOf(source);
    const entry = this.#entries.get(key);
    if (entry?.state === state) return entry.dataset;
    this.#drop(key);
    const dataset = readDataset(source);
    this.#entries.set(key, { state, dataset });
    // What could not be read may be there the next time.
    dataset.catch(() => {
      if (this.#entries.get(key)?.dataset === dataset) this.#entries.delete(key);
    });
    return dataset;
  }

  /** Read all files again, whatever is in memory, and compare them with their checksums. */
  async verify(
    source: DatasetSource,
    options: { signal: AbortSignal; report: (done: number, total: number) => void },
  ): Promise<Dataset> {
    const { dataset, datasetDir } = source;
    if (isStored(source)) await verifyStored(source, options);
    else this.#drop(`${dataset}\n${datasetDir}`);
    return this.get(source);
  }

  /** What a model sees of its images; the same as long as the dataset is. Throws `conflict` where these are smaller. */
  seen(dataset: Dataset, { resize, crop }: Looked): Dataset {
    const sight = sightOf({ resize, crop });
    if (sight === undefined) return dataset;
    const known = this.#seen.get(dataset) ?? new Map<string, Dataset>();
    const key = JSON.stringify(sight);
    const seen = known.get(key) ?? seenBy(dataset, sight);
    this.#seen.set(dataset, known.set(key, seen));
    return seen;
  }

  /**
   * Throws `invalid-input` for an index outside the split.
   *
   * @param sight what of them is wanted; default the whole
   */
  async pick(source: ImageSource, sight: Looked = {}): Promise<PickedImages> {
    const { shape, [source.split]: data } = this.seen(await this.get(source), sight);
    const size = shape[0] * shape[1] * shape[2];
    const images = new Uint8Array(source.indices.length * size);
    const labels = new Int32Array(source.indices.length);
    source.indices.forEach((index, i) => {
      if (index >= data.count) {
        throw refuse(`indices.${i}`, index, `an index from 0 to ${data.count - 1}`);
      }
      data.images.read(index, images, i * size);
      labels[i] = valueAt(data.labels, index);
    });
    return { images, labels, shape };
  }

  /** Forget a dataset; whatever still reads its images is told that they are no longer there. */
  #drop(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    void entry?.dataset.then(
      ({ train, validation }) => {
        for (const { images } of [train, validation]) {
          if (images instanceof DiskImages) images.close();
        }
      },
      () => undefined,
    );
  }
}

/** Changes whenever another dataset takes the folder's place. */
async function stateOf(source: DatasetSource): Promise<string> {
  if (!isStored(source)) return '';
  const found = await stat(join(source.datasetDir, storedDatasetFile), { bigint: true }).catch(
    () => null,
  );
  return found ? `${found.ino} ${found.size} ${found.mtimeNs}` : 'missing';
}
