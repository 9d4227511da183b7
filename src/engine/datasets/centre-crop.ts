import { StudioError } from '../../shared/errors';
import { cropStart, shapeSeen } from '../../shared/model-input';
import type { Dataset, SplitData } from './dataset';
import type { ImageStore } from './image-store';

/**
 * The centre of every image of a dataset, as a model sees them that takes no more of it. Images are cut
 * when they are read; what the dataset's own images come from stays open behind them.
 *
 * @param crop side of the square, in pixels
 * @throws StudioError `conflict` where the images are smaller
 */
export function centreOf(dataset: Dataset, crop: number): Dataset {
  const [height, width, channels] = dataset.shape;
  if (height < crop || width < crop) {
    throw new StudioError({
      code: 'conflict',
      message: `The model sees the centre ${crop} x ${crop} of images, and these are ${height} x ${width}: import them larger, or import the model with a smaller crop.`,
      details: { crop: String(crop), images: `${height} x ${width}` },
    });
  }
  const cut = (split: SplitData): SplitData => ({
    ...split,
    images: new CentreImages(split.images, { height, width, channels, crop }),
  });
  return {
    ...dataset,
    shape: shapeSeen(dataset.shape, { crop }),
    train: cut(dataset.train),
    validation: cut(dataset.validation),
  };
}

interface Cut {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly crop: number;
}

/** The centres of a store's images. */
export class CentreImages implements ImageStore {
  readonly count: number;
  readonly imageBytes: number;
  readonly #whole: ImageStore;
  readonly #scratch: Uint8Array;
  /** The first byte of the first row, and bytes of a row in the image and in the cut. */
  readonly #start: number;
  readonly #row: number;
  readonly #cutRow: number;
  readonly #crop: number;

  constructor(whole: ImageStore, { height, width, channels, crop }: Cut) {
    this.count = whole.count;
    this.imageBytes = crop * crop * channels;
    this.#whole = whole;
    this.#scratch = new Uint8Array(whole.imageBytes);
    this.#row = width * channels;
    this.#cutRow = crop * channels;
    this.#crop = crop;
    this.#start = cropStart(height, crop) * this.#row + cropStart(width, crop) * channels;
  }

  read(index: number, into: Uint8Array, at: number): void {
    this.#whole.read(index, this.#scratch, 0);
    for (let row = 0; row < this.#crop; row += 1) {
      const from = this.#start + row * this.#row;
      into.set(this.#scratch.subarray(from, from + this.#cutRow), at + row * this.#cutRow);
    }
  }
}
