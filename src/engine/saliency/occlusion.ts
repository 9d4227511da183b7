import { occlusion as descriptor } from '../../shared/catalogue/operators';
import { valueAt } from '../../shared/checked-reads';
import { refuse } from '../../shared/errors';
import { baselineOf } from './baseline';
import { type ImageShape } from './model';
import { directOperator } from './operator';
import { lastMade, logitOf, modelScorer, scoreSeries } from './score-series';

/** A part of the image, whole locations. */
interface Patch {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/**
 * Occlusion: what the class's logit loses while a square shows the baseline, at each pixel the mean over
 * the squares that cover it (Zeiler and Fergus 2014, arXiv 1311.2901; Captum's `Occlusion`). Squares start
 * at every stride from the corner on, and the last ones end with the image. One value a pixel.
 */
export const occlusion = directOperator(
  descriptor,
  ({ target, occlusionWindow, occlusionStrides, baseline }) => ({
    target,
    async attribute(context) {
      const { runtime, model, shape, indices, targets, input } = context;
      const { forwardBatch, signal, report } = context;
      const [height, width, channels] = shape;
      const patches = patchesOf(shape, occlusionWindow, occlusionStrides);
      const steps = patches.length + 1;
      const imageAt = lastMade(input);
      const hidden = lastMade((image) => baselineOf(baseline, input(image), shape, model.input));
      const total = targets.length;
      const scored = (inputs: number) =>
        report?.({ done: Math.floor(inputs / steps), total, unit: 'images' });
      const [scores = new Float64Array()] = await scoreSeries(
        {
          images: total,
          steps,
          size: height * width * channels,
          write(image, step, into) {
            into.set(imageAt(image));
            const patch = patches[step - 1];
            if (!patch) return;
            const behind = hidden(image);
            for (let row = patch.top; row < patch.bottom; row += 1) {
              const start = (row * width + patch.left) * channels;
              const end = (row * width + patch.right) * channels;
              into.set(behind.subarray(start, end), start);
            }
          },
        },
        modelScorer({ runtime, model, forwardBatch, signal, scored }),
        [logitOf(targets)],
        (image) => `image ${valueAt(indices, image)}`,
      );
      const pixels = height * width;
      const maps = new Float32Array(total * pixels);
      for (let image = 0; image < total; image += 1) {
        const own = scores.subarray(image * steps, (image + 1) * steps);
        maps.set(meanDrops(patches, own, shape), image * pixels);
      }
      return maps;
    },
  }),
);

/**
 * @param share side of the window as a share of the shorter side
 * @param strides how often the stride goes into the shorter side
 */
function patchesOf([height, width]: ImageShape, share: number, strides: number): Patch[] {
  const shorter = Math.min(height, width);
  const side = Math.max(1, Math.round(share * shorter));
  const stride = Math.max(1, Math.round(shorter / strides));
  if (stride > side) {
    const fewest = Math.ceil(shorter / (side + 0.5));
    throw refuse(
      'occlusionStrides',
      strides,
      `at least ${fewest} with windows of ${side} pixels: between them pixels would have no value`,
    );
  }
  const starts = (length: number) =>
    Array.from({ length: Math.ceil((length - side) / stride) + 1 }, (_, i) => i * stride);
  return starts(height).flatMap((top) =>
    starts(width).map((left) => ({
      top,
      left,
      bottom: Math.min(top + side, height),
      right: Math.min(left + side, width),
    })),
  );
}

/** @param scores of the image, then with each patch hidden */
function meanDrops(
  patches: readonly Patch[],
  scores: Float64Array,
  [height, width]: ImageShape,
): Float64Array {
  const sums = new Float64Array(height * width);
  const counts = new Float64Array(height * width);
  patches.forEach(({ top, left, bottom, right }, i) => {
    const drop = (scores[0] as number) - (scores[i + 1] as number);
    for (let row = top; row < bottom; row += 1) {
      for (let place = row * width + left; place < row * width + right; place += 1) {
        sums[place] = (sums[place] as number) + drop;
        counts[place] = (counts[place] as number) + 1;
      }
    }
  });
  return sums.map((sum, place) => sum / (counts[place] as number));
}
