/** Workers that are remembered; each has a name of its own process. */
const atMost = 1000;
/** Paces that a machine can have; another is no pace that a forecast could rest on. */
const [slowest, fastest] = [0.001, 1000];

interface Done {
  readonly expected: number;
  readonly seconds: number;
}

/**
 * How fast workers are beside this machine: the seconds that what a worker did should take here, by each
 * second that it took there. What a worker says of its time is its own word, which nothing but
 * forecasts rests on.
 */
export class WorkerPace {
  /** By name, the one heard of last at the end. */
  readonly #done = new Map<string, Done>();

  /** @param expected seconds here @param seconds there; what is not above 0 tells nothing */
  add(worker: string, expected: number, seconds: number): void {
    if (!(expected > 0) || !(seconds > 0)) return;
    const before = this.#done.get(worker) ?? { expected: 0, seconds: 0 };
    this.#done.delete(worker);
    this.#done.set(worker, {
      expected: before.expected + expected,
      seconds: before.seconds + seconds,
    });
    const [oldest] = this.#done.keys();
    if (this.#done.size > atMost && oldest !== undefined) this.#done.delete(oldest);
  }

  /** Null: it did nothing yet whose time here is known. */
  of(worker: string): number | null {
    const done = this.#done.get(worker);
    if (!done) return null;
    const pace = done.expected / done.seconds;
    return pace >= slowest && pace <= fastest ? pace : null;
  }
}
