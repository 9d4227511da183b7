import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { SeedPair } from './noise';

/** A seeded permutation of 0 .. count - 1 (Fisher and Yates), uniform over all permutations. */
export function permutation(count: number, seed: SeedPair): Int32Array {
  const random = xoroshiro128plusFromState([seed[0], seed[1], ~seed[0], ~seed[1]]);
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = uniformInt(random, 0, last);
    const value = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = value;
  }
  return order;
}
