/** Milliseconds that the pace is measured over: long enough to be calm, short enough to be now's. */
const span = 4000;

/** How fast bytes go, over the last few seconds. */
export class TransferPace {
  readonly #total: number;
  #samples: { readonly at: number; readonly sent: number }[];

  /**
   * @param at monotonic milliseconds at which it began
   * @param sent what had been sent by then
   */
  constructor(total: number, at: number, sent = 0) {
    this.#total = total;
    this.#samples = [{ at, sent }];
  }

  /** @param at monotonic milliseconds */
  add(at: number, sent: number): void {
    this.#samples.push({ at, sent });
    // One from before the span stays, so that the span is always whole.
    while ((this.#samples[1]?.at ?? at) <= at - span) this.#samples.shift();
  }

  /** Bytes a second; null before anything is known. */
  get rate(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at <= first.at) return null;
    return (1000 * (last.sent - first.sent)) / (last.at - first.at);
  }

  /** Until all is sent, at this pace; null before anything is known, and while nothing moves. */
  get secondsLeft(): number | null {
    const sent = this.#samples.at(-1)?.sent ?? 0;
    const { rate } = this;
    return rate === null || rate <= 0 ? null : (this.#total - sent) / rate;
  }
}
