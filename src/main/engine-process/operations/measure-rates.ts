import { initialise } from '../../../engine/models/initialise';
import { madeImages } from '../../../engine/models/made-images';
import { type Model } from '../../../engine/models/model';
import { trainModel } from '../../../engine/models/train';
import { breathe, pauseWith } from '../../../engine/runtime/cancel';
import { type Runtime } from '../../../engine/runtime/load';
import { makeMaps } from '../../../engine/saliency/make-maps';
import { predict } from '../../../engine/saliency/predict';
import { type Recipe } from '../../../shared/catalogue/training';
import { type Composition, wrapped } from '../../../shared/catalogue/compositions';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { type Operators } from '../../../engine/saliency/operators';
import { type Operation } from '../operation';

/** Milliseconds of each measurement after it has warmed up. */
const duration = 900;

/**
 * Images a second in training, gradients a second of a base in the wrappers that repeat it, such as
 * integrate(smooth(gradient)), and images a second forward, each over about a second on random images, with everything that the real
 * operations do around the kernels.
 */
export const measureRates: Operation<'measure-rates'> = async ({ architecture, form }, context) => {
  const runtime = await context.runtime();
  const { networks } = context.catalogues;
  const { recipe } = networks.get(architecture).descriptor;
  const model = networks.create(runtime.kernels, architecture, form);
  try {
    initialise(runtime.kernels, model, 0);
    return {
      trainImagesPerSecond: await trainRate(runtime, model, recipe, context.signal),
      gradientsPerSecond: await gradientRate(
        runtime,
        model,
        context.catalogues.operators,
        context.signal,
      ),
      forwardImagesPerSecond: await forwardRate(runtime, model, context.signal),
    };
  } finally {
    model.dispose();
  }
};

/** Counts work per second from the first count on, which is the warm-up, and ends it in time. */
function meter(outer: AbortSignal) {
  const stop = new AbortController();
  pauseWith(stop.signal, () => breathe(outer));
  let first: { at: number; done: number } | null = null;
  let last: { at: number; done: number } | null = null;
  return {
    signal: stop.signal,
    count(done: number) {
      const at = performance.now();
      last = { at, done };
      first ??= last;
      if (at - first.at > duration) stop.abort();
    },
    /** Run until `duration` is over; only our own abort is expected. */
    async rate(work: () => Promise<unknown>): Promise<number> {
      try {
        await work();
      } catch (error) {
        if (!stop.signal.aborted || outer.aborted) throw error;
      }
      if (!first || !last || last.at <= first.at) throw new RangeError('nothing was measured');
      return ((last.done - first.done) * 1000) / (last.at - first.at);
    },
  };
}

/** By the optimiser of the network's own recipe: of a large one Adam's moments are more than its memory. */
function trainRate(
  runtime: Runtime,
  model: Model,
  { optimiser, momentum, weightDecay, nesterov }: Recipe,
  outer: AbortSignal,
): Promise<number> {
  const { signal, count, rate } = meter(outer);
  const batchSize = model.batches.train;
  const data = madeImages(model, 16 * batchSize);
  const none = { images: new Uint8Array(0), labels: new Uint8Array(0), count: 0 };
  return rate(() =>
    trainModel({
      kernels: runtime.kernels,
      model,
      train: data,
      validation: none,
      epochs: 1000,
      batchSize,
      learningRate: 1e-3,
      optimiser:
        optimiser === 'sgd' ? { kind: 'sgd', momentum, weightDecay, nesterov } : { kind: 'adam' },
      seed: 0,
      signal,
      onStep: ({ epoch, step, steps }) => count((epoch * steps + step) * batchSize),
    }),
  );
}

function gradientRate(
  runtime: Runtime,
  model: Model,
  operators: Operators,
  outer: AbortSignal,
): Promise<number> {
  const { signal, count, rate } = meter(outer);
  const { images, labels, count: total } = madeImages(model, 32);
  return rate(() =>
    makeMaps({
      runtime,
      model,
      images,
      labels,
      indices: Int32Array.from({ length: total }, (_, i) => i),
      operators,
      composition: timed(operators.catalogue),
      parameters: operators.catalogue.complete({}),
      seed: 0,
      batch: model.batches.gradient,
      forwardBatch: model.batches.forward,
      signal,
      report: ({ done }) => count(done),
    }),
  );
}

/** The first base in all wrappers that repeat it: gradients and little else. */
function timed(operators: OperatorCatalogue): Composition {
  const [base] = [...operators.ofFamily('base'), ...operators.ofFamily('direct')];
  if (!base) throw new RangeError('there is no operator to time');
  const wrappers = base.family === 'base' ? operators.repeating : [];
  return wrapped(
    base.id,
    wrappers.map(({ id }) => id),
  );
}

function forwardRate(runtime: Runtime, model: Model, outer: AbortSignal): Promise<number> {
  const { signal, count, rate } = meter(outer);
  const forwardBatch = model.batches.forward;
  const { images } = madeImages(model, forwardBatch);
  return rate(async () => {
    for (let done = forwardBatch; ; done += forwardBatch) {
      await predict({ runtime, model, images, forwardBatch, signal });
      count(done);
    }
  });
}
