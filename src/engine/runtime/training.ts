import { valueAt } from '../../shared/checked-reads';
import type { ConvolutionOptions } from './convolution';
import type { Operations } from './operations';
import type { Attribute, Tensor, Tensor1D, Tensor4D } from './tensorflow';

/** A batch normalised by its own statistics, with what follows it at once. */
export interface NormalisedActivation {
  /** max(0, (x - mean) / sqrt(variance + epsilon) * scale + offset + addend), [B, H, W, C]. */
  output: Tensor4D;
  /** The batch's, [C]; the inverse is that of sqrt(variance + epsilon). */
  mean: Tensor1D;
  inverse: Tensor1D;
  /** The running statistics, moved: the variance with Bessel's correction. */
  running: { mean: Tensor1D; variance: Tensor1D };
}

/**
 * Our own operations for training (native/training.cc), each in as few passes over memory as can be.
 * Results do not depend on the number of threads.
 */
export interface TrainingKernels {
  /** Whether batch normalisation takes x: channels in panels of 16, and more than one value each. */
  fits(x: Tensor): boolean;
  /** Normalise x [B, H, W, C]; the addend is like x, and both it and the ReLU may be left out. */
  batchNorm(
    x: Tensor4D,
    parameters: {
      scale: Tensor1D;
      offset: Tensor1D;
      running: { mean: Tensor1D; variance: Tensor1D };
    },
    settings: { epsilon: number; momentum: number; relu: boolean; addend: Tensor | null },
  ): NormalisedActivation;
  /**
   * Backward through the ReLU, whose output is given where there is one, and through the statistics.
   * `split` also gives the signal that came through the ReLU, which is the addend's gradient.
   */
  batchNormGradient(
    x: Tensor4D,
    signal: Tensor4D,
    saved: { output: Tensor | null; scale: Tensor1D; mean: Tensor1D; inverse: Tensor1D },
    split: boolean,
  ): { input: Tensor4D; scale: Tensor1D; offset: Tensor1D; through: Tensor4D | null };
  /** d/dfilter of sum(convolution of x * signal), D in panels of 16: [kernel, kernel, C, D]. */
  filterGradient(
    x: Tensor4D,
    signal: Tensor4D,
    sizes: ConvolutionOptions & { kernel: number },
  ): Tensor4D;
  /**
   * The signal [B, h, w, C] at maxima of 3x3 windows, stride 2, padding 1 (see
   * DirectKernels.poolRelu), to the image [B, height, width, C].
   */
  unpool(signal: Tensor4D, index: Tensor, height: number, width: number): Tensor4D;
  /**
   * One step of gradient descent with momentum, in PyTorch's order (see Sgd): it moves the parameter and
   * its average where they lie, so that a wide layer is not in memory twice. Neither may be a typed
   * array's. `settings` is [learning rate, momentum, decay].
   */
  momentum(
    parameter: Tensor,
    average: Tensor,
    gradient: Tensor,
    settings: Tensor1D,
    nesterov: boolean,
  ): void;
}

export function trainingKernels(operations: Operations): TrainingKernels {
  const { tf } = operations;
  const none = tf.keep(tf.tensor1d([], 'float32'));
  const norms = new Map<string, Attribute[]>();
  const sized = new Map<string, Attribute[]>();
  const splits = flags('split');
  const rules = flags('nesterov');

  function flags(name: string): Attribute[][] {
    return [false, true].map((value) => operations.attributes({ [name]: { bool: value } }));
  }

  function sizes(values: Record<string, number>): Attribute[] {
    const key = JSON.stringify(values);
    let attributes = sized.get(key);
    if (!attributes) {
      attributes = operations.attributes(
        Object.fromEntries(Object.entries(values).map(([name, int]) => [name, { int }])),
      );
      sized.set(key, attributes);
    }
    return attributes;
  }

  return {
    fits({ shape, size }) {
      const channels = valueAt(shape, 3);
      return channels % 16 === 0 && size > channels;
    },
    batchNorm(x, { scale, offset, running }, { epsilon, momentum, relu, addend }) {
      const key = [epsilon, momentum, relu].join();
      let attributes = norms.get(key);
      if (!attributes) {
        attributes = operations.attributes({
          relu: { bool: relu },
          epsilon: { float: epsilon },
          momentum: { float: momentum },
        });
        norms.set(key, attributes);
      }
      const [output, mean, inverse, nextMean, nextVariance] = operations.runMany(
        'StudioBatchNorm',
        attributes,
        [x, scale, offset, running.mean, running.variance, addend ?? none],
        5,
      );
      if (!output || !mean || !inverse || !nextMean || !nextVariance) {
        throw new RangeError('batch normalisation gave no result');
      }
      return {
        output: output as Tensor4D,
        mean: mean as Tensor1D,
        inverse: inverse as Tensor1D,
        running: { mean: nextMean as Tensor1D, variance: nextVariance as Tensor1D },
      };
    },
    batchNormGradient(x, signal, { output, scale, mean, inverse }, split) {
      const [input, byScale, byOffset, through] = operations.runMany(
        'StudioBatchNormGradient',
        valueAt(splits, split ? 1 : 0),
        [x, signal, output ?? none, scale, mean, inverse],
        4,
      );
      if (!input || !byScale || !byOffset || !through) {
        throw new RangeError('batch normalisation has no gradient');
      }
      if (!split) through.dispose();
      return {
        input: input as Tensor4D,
        scale: byScale as Tensor1D,
        offset: byOffset as Tensor1D,
        through: split ? (through as Tensor4D) : null,
      };
    },
    filterGradient: (x, signal, { kernel, stride, padding }) =>
      operations.run('StudioFilterGradient', sizes({ kernel, stride, padding }), [
        x,
        signal,
      ]) as Tensor4D,
    unpool: (signal, index, height, width) =>
      operations.run('StudioUnpoolWindows', sizes({ height, width }), [signal, index]) as Tensor4D,
    momentum(parameter, average, gradient, settings, nesterov) {
      const inputs = [parameter, average, gradient, settings];
      const attributes = valueAt(rules, nesterov ? 1 : 0);
      operations.runMany('StudioMomentum', attributes, inputs, 0);
    },
  };
}
