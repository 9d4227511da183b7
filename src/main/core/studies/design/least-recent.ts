/** Values by key up to a number of bytes: the ones not used for longest go first. */
export class LeastRecent<V> {
  readonly #limit: number;
  readonly #kept = new Map<string, { value: V; bytes: number }>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): V | undefined {
    const found = this.#kept.get(key);
    if (!found) return undefined;
    // A map keeps the order of insertion: what was used moves to the end.
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  /** Without counting as a use. */
  peek(key: string): V | undefined {
    return this.#kept.get(key)?.value;
  }

  /** The newest always stays, however large. */
  put(key: string, value: V, bytes: number): void {
    this.drop(key);
    this.#kept.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const old of this.#kept.keys()) {
      if (this.#bytes <= this.#limit || old === key) break;
      this.drop(old);
    }
  }

  drop(key: string): void {
    const found = this.#kept.get(key);
    if (!found) return;
    this.#kept.delete(key);
    this.#bytes -= found.bytes;
  }
}
