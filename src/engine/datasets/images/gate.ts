/**
 * Lets in as much at a time as fits, in the order in which it came. What alone is more than fits goes in
 * by itself.
 */
export class Gate {
  readonly #capacity: number;
  #taken = 0;
  readonly #waiting: { readonly amount: number; readonly enter: () => void }[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Resolves when so much is let in; it is given back by `leave`. */
  enter(amount: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ amount, enter: resolve });
      this.#next();
    });
  }

  leave(amount: number): void {
    this.#taken -= amount;
    this.#next();
  }

  #next(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (!first || (this.#taken > 0 && this.#taken + first.amount > this.#capacity)) return;
      this.#waiting.shift();
      this.#taken += first.amount;
      first.enter();
    }
  }
}
