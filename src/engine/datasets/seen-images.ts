import { StudioError } from '../../shared/errors';
import {
  cropStart,
  largestCrop,
  resizedSides,
  shapeSeen,
  type Sight,
} from '../../shared/model-input';
import type { Dataset, SplitData } from './dataset';
import type { ImageStore } from './image-store';
import { plainPixels, rowsOf } from './images/pixels';
import { resizeBilinear, type Window } from './images/resize';

/**
 * A dataset as a model of some sight sees it: its images resized, to the bit as torchvision does it, and cut
 * to their centres. That is done when they are read; what the dataset's own images come from stays open
 * behind them.
 *
 * @throws StudioError `conflict` where the images are smaller than the crop
 */
export function seenBy(dataset: Dataset, sight: Sight): Dataset {
  const { shape } = dataset;
  const most = largestCrop(shape, sight);
  if (sight.crop !== undefined && sight.crop > most) {
    const [height, width] = resizedSides(shape, sight.resize);
    throw new StudioError({
      code: 'conflict',
      message: `The model sees the centre ${sight.crop} x ${sight.crop} of images, and these are ${height} x ${width}: import them larger, or import the model with a smaller crop.`,
      details: { crop: String(sight.crop), images: `${height} x ${width}` },
    });
  }
  const seen = (split: SplitData): SplitData => ({
    ...split,
    images: new SeenImages(split.images, shape, sight),
  });
  return {
    ...dataset,
    shape: shapeSeen(shape, sight),
    train: seen(dataset.train),
    validation: seen(dataset.validation),
  };
}

/** A store's images as they are seen. */
export class SeenImages implements ImageStore {
  readonly count: number;
  readonly imageBytes: number;
  readonly #whole: ImageStore;
  readonly #shape: Dataset['shape'];
  readonly #scratch: Uint8Array;
  readonly #size: { readonly width: number; readonly height: number };
  readonly #window: Window;

  constructor(whole: ImageStore, shape: Dataset['shape'], sight: Sight) {
    const [height, width] = resizedSides(shape, sight.resize);
    const [high, wide, channels] = shapeSeen(shape, sight);
    this.count = whole.count;
    this.imageBytes = high * wide * channels;
    this.#whole = whole;
    this.#shape = shape;
    this.#scratch = new Uint8Array(whole.imageBytes);
    this.#size = { width, height };
    const [top, left] = [cropStart(height, high), cropStart(width, wide)];
    this.#window = { top, left, width: wide, height: high };
  }

  read(index: number, into: Uint8Array, at: number): void {
    this.#whole.read(index, this.#scratch, 0);
    const [height, width] = this.#shape;
    if (this.#size.height === height && this.#size.width === width) this.#cut(into, at);
    else into.set(this.#resized(), at);
  }

  #cut(into: Uint8Array, at: number): void {
    const [, width, channels] = this.#shape;
    const { top, left, height, width: wide } = this.#window;
    const row = wide * channels;
    for (let y = 0; y < height; y += 1) {
      const from = ((y + top) * width + left) * channels;
      into.set(this.#scratch.subarray(from, from + row), at + y * row);
    }
  }

  #resized(): Uint8Array {
    const [height, width, depth] = this.#shape;
    const channels = depth === 1 ? 1 : 3;
    const image = rowsOf(plainPixels({ data: this.#scratch, width, height, channels }));
    return resizeBilinear(image, this.#size, this.#window).data;
  }
}
