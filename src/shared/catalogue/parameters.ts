import { z } from 'zod';
import { type Composition, operatorsOf } from './compositions';

export const quadratures = ['gauss-legendre', 'midpoint', 'trapezoid', 'riemann-right'] as const;
export const baselines = ['zero', 'black', 'white', 'image-mean', 'blur'] as const;
export const scoreKinds = ['logit', 'probability', 'log-probability'] as const;
export const guidedGates = ['all-activations', 'relu-only'] as const;
export const smoothAggregates = ['mean', 'mean-square', 'variance'] as const;
export const sigmaModes = ['absolute', 'range'] as const;
export const reductions = ['absolute', 'signed', 'positive', 'max-absolute'] as const;

const integer = (low: number, high: number) =>
  z
    .int(`a whole number from ${low} to ${high}`)
    .min(low, `a whole number from ${low} to ${high}`)
    .max(high, `a whole number from ${low} to ${high}`);

/** A seed for everything drawn at random. */
export const seedSchema = integer(0, 2 ** 31 - 1);

/** Parameters of the saliency operators; the default first, as the paper has them. */
export const mapParametersSchema = z.object({
  /** Noisy samples of smooth (Eq. 2). */
  n: integer(1, 200).default(15),
  /** Standard deviation of the noise: in the model's input space, or a share of the image's range. */
  sigma: z
    .number('a number from 0 to 5')
    .min(0, 'a number from 0 to 5')
    .max(5, 'a number from 0 to 5')
    .default(0.15),
  sigmaMode: z.enum(sigmaModes).default('absolute'),
  /** Points of integrate's quadrature (Eq. 3). */
  steps: integer(1, 500).default(50),
  quadrature: z.enum(quadratures).default('gauss-legendre'),
  baseline: z.enum(baselines).default('zero'),
  score: z.enum(scoreKinds).default('logit'),
  /** The class explained: the image's label, the model's prediction, or a class number. */
  target: z.union([z.enum(['label', 'predicted']), integer(0, 9999)]).default('label'),
  guidedGate: z.enum(guidedGates).default('all-activations'),
  smoothAggregate: z.enum(smoothAggregates).default('mean'),
});

export type MapParameters = z.infer<typeof mapParametersSchema>;
export const defaultMapParameters: MapParameters = mapParametersSchema.parse({});
export type Reduction = (typeof reductions)[number];

/** The parameters that a composition's values depend on: an artifact's key holds these alone. */
export function relevantParameters(
  composition: Composition,
  parameters: MapParameters,
): Partial<MapParameters> {
  const ops = operatorsOf(composition);
  const relevant: Partial<MapParameters> = {};
  if (ops.includes('random') || ops.includes('sobel')) return relevant;
  relevant.score = parameters.score;
  relevant.target = parameters.target;
  if (ops.includes('guided')) relevant.guidedGate = parameters.guidedGate;
  if (ops.includes('smooth')) {
    relevant.n = parameters.n;
    relevant.sigma = parameters.sigma;
    relevant.sigmaMode = parameters.sigmaMode;
    relevant.smoothAggregate = parameters.smoothAggregate;
  }
  if (ops.includes('integrate')) {
    relevant.steps = parameters.steps;
    relevant.quadrature = parameters.quadrature;
    relevant.baseline = parameters.baseline;
  }
  return relevant;
}
