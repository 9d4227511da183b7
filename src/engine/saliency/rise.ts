import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { type RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { rise as descriptor } from '../../shared/catalogue/operators';
import { valueAt } from '../../shared/checked-reads';
import { deriveSeed } from '../../shared/seeds';
import { breathe } from '../runtime/cancel';
import { generator } from '../runtime/permutation';
import { baselineOf } from './baseline';
import { type ImageShape } from './model';
import { directOperator } from './operator';
import { lastMade, modelScorer, probabilityOf, scoreSeries } from './score-series';
import { upsample } from './upsample';

/** Masks drawn between two pauses: some tens of milliseconds of small images. */
const masksPerPause = 1000;

/**
 * RISE: the mean of a class's probability over random masks, at each pixel weighted by how open the mask
 * is there, sum p_c(x' + M (x - x')) M / (N E[M]) (Petsiuk et al. 2018, arXiv 1806.07421, Eq. 6). A mask is a
 * coarse grid whose cells are open with a probability, brought to a cell more than the image's size by
 * bilinear interpolation and cut at a random place within that cell; each image has masks of its own, from
 * (seed, 'rise', image). Masked pixels show the baseline, by default 0 as the authors'. One value a pixel:
 * how far it is above the image's least, as the authors show maps. What all pixels have is what the model
 * says whatever the mask, beside which the rest would not be seen; the order is the same.
 */
export const rise = directOperator(
  descriptor,
  ({ target, masks: count, maskGrid, maskOpen, baseline }) => ({
    target,
    async attribute(context) {
      const { runtime, model, shape, seed, indices, targets, input } = context;
      const { forwardBatch, signal, report } = context;
      const [height, width, channels] = shape;
      const masksOf = (image: number) =>
        drawnMasks({
          seed,
          image: valueAt(indices, image),
          shape,
          grid: maskGrid,
          open: maskOpen,
        });
      const imageAt = lastMade(input);
      const hidden = lastMade((image) => baselineOf(baseline, input(image), shape, model.input));
      // Masks are drawn twice, to hide and to weigh by, rather than kept: here in the order of the inputs.
      const hiding = lastMade(masksOf);
      const total = targets.length;
      const scored = (inputs: number) =>
        report?.({ done: Math.floor(inputs / count), total, unit: 'images' });
      const [scores = new Float64Array()] = await scoreSeries(
        {
          images: total,
          steps: count,
          size: height * width * channels,
          write(image, _, into) {
            const mask = hiding(image)();
            const [seen, behind] = [imageAt(image), hidden(image)];
            for (let i = 0; i < into.length; i += 1) {
              const open = mask[Math.floor(i / channels)] as number;
              const away = behind[i] as number;
              into[i] = away + open * ((seen[i] as number) - away);
            }
          },
        },
        modelScorer({ runtime, model, forwardBatch, signal, scored }),
        [probabilityOf(targets)],
        (image) => `image ${valueAt(indices, image)}`,
      );
      const pixels = height * width;
      const maps = new Float32Array(total * pixels);
      for (let image = 0; image < total; image += 1) {
        const next = masksOf(image);
        const sums = new Float64Array(pixels);
        for (let drawn = 0; drawn < count; drawn += 1) {
          if (drawn % masksPerPause === 0) await breathe(signal);
          const mask = next();
          const score = scores[image * count + drawn] as number;
          for (let i = 0; i < pixels; i += 1) {
            sums[i] = (sums[i] as number) + score * (mask[i] as number);
          }
        }
        const least = sums.reduce((low, sum) => Math.min(low, sum), Infinity);
        maps.set(
          sums.map((sum) => (sum - least) / (count * maskOpen)),
          image * pixels,
        );
      }
      return maps;
    },
  }),
);

export interface MaskOptions {
  readonly seed: number;
  /** Index of the image in its split. */
  readonly image: number;
  readonly shape: ImageShape;
  /** Cells along a side. */
  readonly grid: number;
  /** The probability that one is open. */
  readonly open: number;
}

/** An image's masks, one a call, from 0 (hidden) to 1 (open): float64 [H, W]. */
export function drawnMasks({ seed, image, shape, grid, open }: MaskOptions): () => Float64Array {
  const random = generator(deriveSeed(seed, 'rise', image));
  return () => drawMask(random, shape, grid, open);
}

function drawMask(
  random: RandomGenerator,
  [height, width]: ImageShape,
  grid: number,
  open: number,
): Float64Array {
  const cells = Float64Array.from({ length: grid * grid }, () =>
    (random.next() >>> 8) / 2 ** 24 < open ? 1 : 0,
  );
  const cell = [Math.ceil(height / grid), Math.ceil(width / grid)] as const;
  const wide = (grid + 1) * cell[1];
  const whole = upsample(cells, [grid, grid], [(grid + 1) * cell[0], wide]);
  const top = uniformInt(random, 0, cell[0] - 1);
  const left = uniformInt(random, 0, cell[1] - 1);
  const mask = new Float64Array(height * width);
  for (let row = 0; row < height; row += 1) {
    const start = (top + row) * wide + left;
    mask.set(whole.subarray(start, start + width), row * width);
  }
  return mask;
}
