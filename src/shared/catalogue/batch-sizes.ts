import {
  type BatchPlan,
  type NetworkDescription,
  type NetworkForm,
  withDefaultOptions,
} from './network';

/** Images of at most so many pixels have whole batches. */
const small = 64 * 64;
/** Of images of so many pixels a batch has so small a part of its size, of others in proportion. */
const large = 224 * 224;
const part = 10;
/** Gradients are let more memory: what a layer's filter costs to read is shared by a whole batch. */
const partOfGradients = 6;

/**
 * Sizes that the evaluator's 15 samples, 50 steps and their 750 pairs fill to five sixths at least: the
 * rest of a batch is computed in vain.
 */
const filled = [150, 50, 15, 8, 5, 1];

type Sized = Pick<NetworkForm, 'inputShape' | 'options'>;

/**
 * How many images of a form's size take the place of so many of at most 64 x 64: no more, and 1 at
 * least, so that memory and the time between two batches stay within bounds.
 */
export function inProportion(
  size: number,
  network: Pick<NetworkDescription, 'options'>,
  { inputShape: [height, width], options }: Sized,
  ofLarge = part,
): number {
  const pixels = height * width;
  if (pixels <= small) return size;
  const chosen = Object.entries(withDefaultOptions(network, options));
  const factors = chosen.map(([id, value]) => {
    const option = network.options.find((one) => one.id === id);
    return option?.choices.find((choice) => choice.value === value)?.places ?? 1;
  });
  const places = factors.reduce((product, factor) => product * factor, pixels);
  return Math.min(size, Math.max(1, Math.floor((size * large) / (ofLarge * places))));
}

/**
 * Physical batch sizes for images of a form, of the plan that is for those of at most 64 x 64. They
 * depend on nothing else, for the same inputs are to give the same bytes.
 */
export function batchesFor(
  plan: BatchPlan,
  network: Pick<NetworkDescription, 'options'>,
  form: Sized,
): BatchPlan {
  const sized = (size: number) => inProportion(size, network, form);
  const gradient = inProportion(plan.gradient, network, form, partOfGradients);
  return {
    train: sized(plan.train),
    gradient:
      gradient === plan.gradient ? gradient : (filled.find((size) => size <= gradient) ?? 1),
    forward: sized(plan.forward),
  };
}
