import { type MapParameters, type Reduction } from '../../../shared/catalogue/parameters';

interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly help?: string;
}

const choices = <T extends string>(...list: Choice<T>[]): readonly Choice<T>[] => list;

/** The named choices of the map parameters, each with a sentence; the default first. */
export const parameterChoices = {
  sigmaMode: choices<MapParameters['sigmaMode']>(
    { value: 'absolute', label: 'Absolute', help: 'σ in the model’s input space' },
    { value: 'range', label: 'Share of range', help: 'σ times the image’s max − min' },
  ),
  quadrature: choices<MapParameters['quadrature']>(
    { value: 'gauss-legendre', label: 'Gauss–Legendre', help: 'As Captum: best for few steps' },
    { value: 'midpoint', label: 'Midpoint' },
    { value: 'trapezoid', label: 'Trapezoid' },
    { value: 'riemann-right', label: 'Riemann, right', help: 'The sum in the original paper' },
  ),
  baseline: choices<MapParameters['baseline']>(
    { value: 'zero', label: 'Zero', help: '0 in the model’s input space' },
    { value: 'black', label: 'Black image' },
    { value: 'white', label: 'White image' },
    { value: 'image-mean', label: 'Image mean', help: 'Per image and channel' },
    { value: 'blur', label: 'Blurred image' },
  ),
  score: choices<MapParameters['score']>(
    { value: 'logit', label: 'Logit', help: 'Class activation before softmax' },
    { value: 'probability', label: 'Probability', help: 'Softmax output' },
    { value: 'log-probability', label: 'Log-probability' },
  ),
  guidedGate: choices<MapParameters['guidedGate']>(
    { value: 'all-activations', label: 'All activations', help: 'Eq. 4 on SELU and ReLU alike' },
    {
      value: 'relu-only',
      label: 'ReLU only',
      help: 'As Captum: on a SELU network the plain gradient',
    },
  ),
  smoothAggregate: choices<MapParameters['smoothAggregate']>(
    { value: 'mean', label: 'Mean', help: 'SmoothGrad (Eq. 2)' },
    { value: 'mean-square', label: 'Mean square', help: 'SmoothGrad squared' },
    { value: 'variance', label: 'Variance', help: 'VarGrad' },
  ),
};

export const reductionChoices = choices<Reduction>(
  { value: 'absolute', label: 'Absolute sum', help: 'Σ |a| over channels' },
  { value: 'signed', label: 'Signed sum', help: 'Σ a over channels' },
  { value: 'positive', label: 'Positive part', help: 'Σ max(a, 0) over channels' },
  { value: 'max-absolute', label: 'Largest channel', help: 'max |a| over channels' },
);
