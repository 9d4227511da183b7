import { rankCorrelation } from '../../statistics/correlation';
import { isConstant, totalOf } from './shares';
import { structuralSimilarity } from './structural-similarity';

/** How alike an image's maps by two models are. */
export interface MapSimilarity {
  /** Spearman's rank correlation with mid-ranks over all pixels, -1 to 1. */
  readonly spearman: number | null;
  /** Structural similarity, up to 1. */
  readonly ssim: number | null;
  /** Share of the pixels that are 0 in both, whose ties keep the correlation high. */
  readonly zeroInBoth: number;
}

/**
 * A map by the trained model beside one by a model with random weights: lower says that the map follows
 * the weights (Adebayo et al. 2018, arXiv 1810.03292). Both are null where a map is constant or 0; the
 * second, too, where the image is smaller than its window.
 *
 * @param trained, random one value per pixel, none negative, [H, W]
 * @param name what the maps are called in a refusal
 * @throws StudioError `invalid-input` for a value that is not finite, or is negative
 */
export function mapSimilarity(
  trained: Float32Array,
  random: Float32Array,
  shape: readonly [number, number],
  name = 'map',
): MapSimilarity {
  const randomName = `${name} of random weights`;
  totalOf(trained, name);
  totalOf(random, randomName);
  const constant = isConstant(trained) || isConstant(random);
  const zeros = trained.reduce(
    (count, value, pixel) => (value === 0 && random[pixel] === 0 ? count + 1 : count),
    0,
  );
  return {
    spearman: constant ? null : rankCorrelation(trained, random),
    ssim: constant ? null : structuralSimilarity(trained, random, shape, [name, randomName]),
    zeroInBoth: zeros / trained.length,
  };
}
