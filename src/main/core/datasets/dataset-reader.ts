import { type NdArray } from '../../../shared/arrays';
import { type Split } from '../../../shared/catalogue/datasets';
import { type EngineOutput } from '../../../shared/engine';
import { type Sight } from '../../../shared/model-input';
import { type EngineRequests } from '../jobs/engine-requests';
import { remember } from './remember';

export type Summary = EngineOutput<'dataset-summary'>;

/** What the files of datasets say: read and checked by the engine process, remembered here. */
export class DatasetReader {
  readonly #requests: EngineRequests;
  readonly #summaries = new Map<string, Promise<Summary>>();
  readonly #labels = new Map<string, Promise<NdArray>>();

  constructor(requests: EngineRequests) {
    this.#requests = requests;
  }

  /** @param onRead told once, when the files were read */
  summary(dataset: string, onRead: (summary: Summary) => void): Promise<Summary> {
    return remember(this.#summaries, dataset, async () => {
      const summary = await this.#requests.ask('dataset-summary', { dataset });
      onRead(summary);
      return summary;
    });
  }

  /** The class of every image of a split. */
  labels(dataset: string, split: Split): Promise<NdArray> {
    return remember(this.#labels, `${dataset}/${split}`, async () => {
      const input = { dataset, split };
      const [labels] = await this.#requests.arrays('dataset-labels', input, ['labels.npy']);
      return labels;
    });
  }

  /**
   * uint8 [N, H, W, C] and the labels of some images, as a model of that sight sees them.
   *
   * @param side pixels of the longer side, where the images are larger; null: as they are
   */
  async pixels(
    dataset: string,
    split: Split,
    indices: readonly number[],
    sight: Sight | undefined,
    side: number | null = null,
  ): Promise<{ images: NdArray; labels: number[] }> {
    const input = { dataset, split, indices: [...indices], ...(sight && { sight }), side };
    const names = ['images.npy', 'labels.npy'] as const;
    const [images, labels] = await this.#requests.arrays('dataset-images', input, names);
    return { images, labels: [...labels.data] };
  }

  /** Masks of those images that have one: uint8 [N, ceil(H * W / 8)], a bit a pixel. */
  async masks(
    dataset: string,
    split: Split,
    indices: readonly number[],
  ): Promise<{ masks: NdArray; indices: number[] }> {
    const input = { dataset, split, indices: [...indices] };
    const names = ['masks.npy', 'images.npy'] as const;
    const [masks, images] = await this.#requests.arrays('dataset-masks', input, names);
    return { masks, indices: [...images.data] };
  }

  /** The files are others now. */
  forget(dataset: string): void {
    this.#summaries.delete(dataset);
    this.#labels.clear();
  }
}
