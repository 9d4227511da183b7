import { valueAt } from '../../shared/checked-reads';
import { notFinite } from '../../shared/errors';

/** As in the authors' code. */
const usualBins = 100;

/**
 * Entropy, in nats, of the histogram of a map's values in equal bins from its least to its largest value,
 * the last bin closed.
 *
 * @param map one value per pixel, [P]
 * @param name what the map is called in a refusal
 * @returns from 0 to the logarithm of the bins; null where the map is constant
 * @throws StudioError `invalid-input` for a value that is not finite
 */
export function histogramEntropy(map: Float32Array, name = 'map', bins = usualBins): number | null {
  const broken = map.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw notFinite(`${name} at pixel ${broken}`, valueAt(map, broken), 'make the map again');
  }
  const low = map.reduce((least, value) => Math.min(least, value), Infinity);
  const high = map.reduce((most, value) => Math.max(most, value), -Infinity);
  if (low === high) return null;
  const counts = new Float64Array(bins);
  for (const value of map) {
    const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    counts[bin] = valueAt(counts, bin) + 1;
  }
  return counts.reduce((sum, count) => {
    const share = count / map.length;
    return count === 0 ? sum : sum - share * Math.log(share);
  }, 0);
}

/**
 * Efficient model parameter randomisation: how much more complex a map is by a model of random weights,
 * (H_random - H) / H by the entropies of both histograms; higher is better, 0 of a control (Hedström et
 * al. 2024, arXiv 2401.06465).
 *
 * @param trained, random one value per pixel, [P]
 * @returns null where a map is constant
 * @throws StudioError `invalid-input` for a value that is not finite
 */
export function entropyGain(
  trained: Float32Array,
  random: Float32Array,
  name = 'map',
  bins = usualBins,
): number | null {
  const before = histogramEntropy(trained, name, bins);
  const after = histogramEntropy(random, `${name} of random weights`, bins);
  return before === null || after === null ? null : (after - before) / before;
}
