import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { shuffled } from '../../shared/shuffle';
import type { SeedPair } from './noise';

/**
 * A generator (xoroshiro128+) of its own for one seed. Half its state is π's first digits, and the
 * first outputs, in which the two halves are not yet mixed, are skipped.
 */
export function generator(seed: SeedPair): RandomGenerator {
  const random = xoroshiro128plusFromState([seed[0], seed[1], 0x243f6a88, 0x05a308d3]);
  for (let i = 0; i < 16; i += 1) random.next();
  return random;
}

/** A seeded permutation of 0 .. count - 1, uniform over all permutations. */
export function permutation(count: number, seed: SeedPair): Int32Array {
  return shuffled(count, generator(seed));
}
