import { valueAt } from '../../../shared/checked-reads';

/** The least of what it holds, always at hand. */
export class Heap<T> {
  readonly #held: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** @param before whether `a` comes out before `b`; of equals, either may */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#held.length;
  }

  put(value: T): void {
    const held = this.#held;
    held.push(value);
    let at = held.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(valueAt(held, at), valueAt(held, parent))) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Undefined: it is empty. */
  take(): T | undefined {
    const held = this.#held;
    if (held.length === 0) return undefined;
    this.#swap(0, held.length - 1);
    const least = held.pop();
    let at = 0;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < held.length && this.#before(valueAt(held, child), valueAt(held, least))) {
          least = child;
        }
      }
      if (least === at) break;
      this.#swap(at, least);
      at = least;
    }
    return least;
  }

  #swap(a: number, b: number): void {
    const held = this.#held;
    const value = valueAt(held, a);
    held[a] = valueAt(held, b);
    held[b] = value;
  }
}
