import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { deriveSeed } from '../../../../shared/seeds';
import { shuffled } from '../../../../shared/shuffle';

/** Draws of one rater, each from (seed, purpose, ordinal, item) and from no shared stream. */
export class Draw {
  readonly #seed: number;
  readonly #ordinal: number;

  constructor(seed: number, ordinal: number) {
    this.#seed = seed;
    this.#ordinal = ordinal;
  }

  stream(purpose: string, item: number | string = 0) {
    const items = ['rater', this.#ordinal, item] as const;
    return xoroshiro128plusFromState([
      ...deriveSeed(this.#seed, purpose, ...items, 0),
      ...deriveSeed(this.#seed, purpose, ...items, 1),
    ]);
  }

  shuffle<T>(list: readonly T[], purpose: string): T[] {
    const order = shuffled(list.length, this.stream(purpose));
    return Array.from(order, (i) => list[i]).filter((value) => value !== undefined);
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number, purpose: string, item: number | string = 0): number {
    return uniformInt(this.stream(purpose, item), 0, count - 1);
  }
}
