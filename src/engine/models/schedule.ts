/** What an optimiser takes a step by. */
export interface Rates {
  learningRate: number;
  /** SGD's momentum, Adam's first beta; absent: as the optimiser was made. */
  momentum?: number | undefined;
}

/** How the learning rate moves in training; the recipe's is the one it starts from or peaks at. */
export type Schedule =
  | { readonly kind: 'constant' }
  /** Times `factor` after every `every` epochs (PyTorch's StepLR). */
  | { readonly kind: 'step'; readonly every: number; readonly factor: number }
  | OneCycle;

/**
 * One cycle over all of training (Smith and Topin 2018; PyTorch's OneCycleLR with its defaults):
 * from the peak / 25 up to the peak in the first share of the steps, then down to the peak / 250,000,
 * by half cosines. Momentum goes from `momentum.high` down to `momentum.low` and back.
 */
export interface OneCycle {
  readonly kind: 'one-cycle';
  /** Of the whole training, however it is cut into sittings. */
  readonly epochs: number;
  /** Share of the steps that go up, in (0, 1); default 0.3. */
  readonly rising?: number | undefined;
  /** Default 0.85 and 0.95. */
  readonly momentum?: { readonly low: number; readonly high: number } | undefined;
}

/**
 * The rates of one step.
 *
 * @param learningRate the recipe's
 * @param step counted from 0 over all epochs
 * @param steps of an epoch
 */
export function ratesAt(
  schedule: Schedule,
  learningRate: number,
  { step, steps }: { step: number; steps: number },
): Rates {
  if (schedule.kind === 'constant') return { learningRate };
  if (schedule.kind === 'step') {
    const epoch = Math.floor(step / steps);
    return { learningRate: learningRate * schedule.factor ** Math.floor(epoch / schedule.every) };
  }
  const { epochs, rising = 0.3, momentum = { low: 0.85, high: 0.95 } } = schedule;
  const total = epochs * steps;
  if (step >= total) {
    throw new RangeError(`step ${step} is beyond the ${total} steps of the one-cycle schedule`);
  }
  const top = rising * total - 1;
  const start = learningRate / 25;
  if (step <= top && top > 0) {
    const done = step / top;
    return {
      learningRate: halfCosine(start, learningRate, done),
      momentum: halfCosine(momentum.high, momentum.low, done),
    };
  }
  const done = (step - top) / (total - 1 - top);
  return {
    learningRate: halfCosine(learningRate, start / 1e4, done),
    momentum: halfCosine(momentum.low, momentum.high, done),
  };
}

/** From `start` at 0 to `end` at 1. */
function halfCosine(start: number, end: number, done: number): number {
  return end + ((start - end) / 2) * (1 + Math.cos(Math.PI * done));
}
