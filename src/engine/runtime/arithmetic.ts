import { trainingOf } from '../../shared/engine';

/**
 * Raised where an architecture's scores and gradients come out in other last digits on purpose: what
 * was made with the earlier ones is then not mixed with what is made now. Weights do not depend on
 * it; a model's validation accuracy, which is stored with it, may by an image. From 2 on products are
 * summed in short chains (ConvolutionEnding.fine), and mnist-cnn's convolutions are our own; resnet18's
 * 2 alone went forward in double precision for maps of one gradient.
 */
const ofKernels = { 'mnist-cnn': 2, resnet18: 3 } as const;

/** The same of weights as an architecture's training leaves them: mnist-cnn's by our own kernels since 2. */
const ofTraining = { [trainingOf('mnist-cnn')]: 2 };

/**
 * The same of what no kernel decides. `probability`: maps of a probability or its logarithm, since 2
 * from the sum of the other classes' (scoreGradient). `noisy-linear`: what that fill puts in, scores
 * and weights that were trained with it, too; since 2 its solver ends at the right values where all
 * known neighbours are alike.
 */
const ofMethods = { probability: 2, 'noisy-linear': 2 } as const;

/** What of an engine's own arithmetic is not the first. On a GPU every kernel is TensorFlow's. */
export function arithmeticOn(device: 'cpu' | 'cuda'): Record<string, number> {
  return device === 'cpu' ? { ...ofKernels, ...ofTraining, ...ofMethods } : { ...ofMethods };
}
