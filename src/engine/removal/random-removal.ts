import { type TrainingRemoval } from '../../shared/catalogue/training';
import { type Prepare } from '../models/inputs';
import { type ImageShape, sizeOf } from '../saliency/model';
import { removedCount } from '../../shared/levels';
import { type Mask, maskBytes, randomMask, type Split } from './mask';
import { fillRemoved } from './replace';

export interface RandomRemovalOptions {
  readonly shape: ImageShape;
  readonly removal: TrainingRemoval;
  readonly seed: number;
  /** Images of each split. */
  readonly counts: Readonly<Record<Split, number>>;
  /** Mean of each channel over the training split, needed by `dataset-mean`. */
  readonly datasetMean?: readonly number[] | undefined;
}

/**
 * Random removal as training wants it: pixels of a batch are changed in place, before they are
 * normalised or augmented. Each image has its own mask; `fixed` masks are kept (a bit per pixel), so
 * that later epochs only look them up; `redrawn` ones add the epoch on the training split. The
 * validation split keeps its masks, so that epochs compare. Undefined where nothing is removed.
 */
export function randomRemoval(options: RandomRemovalOptions): Prepare | undefined {
  const { shape, removal, seed, counts, datasetMean } = options;
  const { level } = removal;
  const size = sizeOf(shape);
  const pixels = shape[0] * shape[1];
  if (removedCount(level, pixels) === 0) return undefined;
  const stores = {
    train: maskStore(counts.train, pixels),
    validation: maskStore(counts.validation, pixels),
  };
  return (batch, indices, { split, epoch }) => {
    const redrawn = removal.mask === 'redrawn' && split === 'train';
    indices.forEach((image, position) => {
      const draw = () =>
        randomMask({ seed, level, image, pixels, split, epoch: redrawn ? epoch : undefined });
      const mask = redrawn ? draw() : stores[split](image, draw);
      const target = batch.subarray(position * size, (position + 1) * size);
      const context = { shape, seed, split, image, datasetMean, mask, level };
      fillRemoved(target, removal.fill, context);
    });
  };
}

/** Masks drawn at first use, in one flat array. */
function maskStore(count: number, pixels: number): (image: number, draw: () => Mask) => Mask {
  const bytes = maskBytes(pixels);
  const drawn = new Uint8Array(count);
  let masks: Uint8Array | null = null;
  return (image, draw) => {
    masks ??= new Uint8Array(count * bytes);
    const mask = masks.subarray(image * bytes, (image + 1) * bytes);
    if (drawn[image] !== 1) {
      mask.set(draw());
      drawn[image] = 1;
    }
    return mask;
  };
}
