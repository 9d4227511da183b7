import { operator, type OperatorDescriptor } from './operator';
import { choiceOf, integer, real, target } from './parameter';

const scored = {
  target: target('Target class'),
  score: choiceOf('Score', [
    { value: 'logit', label: 'Logit', help: 'Class activation before softmax' },
    { value: 'probability', label: 'Probability', help: 'Softmax output' },
    { value: 'log-probability', label: 'Log-probability' },
  ]),
};

export const gradient = operator({
  id: 'gradient',
  family: 'base',
  label: 'Gradient',
  help: 'The gradient of the class score by the input',
  equation: 'Eq. 1',
  parameters: scored,
  drawn: false,
  usesModel: true,
  cost: [1],
});

export const guided = operator({
  id: 'guided',
  family: 'base',
  label: 'Guided backprop',
  help: 'Only positive signals through active units',
  equation: 'Eqs. 4, 5',
  parameters: {
    ...scored,
    guidedGate: choiceOf('Guided gate', [
      { value: 'all-activations', label: 'All activations', help: 'Eq. 4 on SELU and ReLU alike' },
      {
        value: 'relu-only',
        label: 'ReLU only',
        help: 'As Captum: on a SELU network the plain gradient',
      },
    ]),
  },
  drawn: false,
  usesModel: true,
  cost: [1],
});

export const timesInput = operator({
  id: 'times-input',
  family: 'wrapper',
  label: 'Times input',
  help: 'times the input, value by value',
  equation: 'Sec. IV',
  parameters: {},
  drawn: false,
  usesModel: false,
  holdsInput: true,
  cost: [],
});

/** Noise that is added to the input, drawn once an image. */
const noise = {
  n: integer({
    label: 'Noisy samples n',
    phrase: 'noisy samples',
    low: 1,
    high: 200,
    default: 15,
    counts: 'noisy samples',
  }),
  sigma: real({
    label: 'Noise σ',
    phrase: 'noise σ',
    help: 'Standard deviation of the noise',
    low: 0,
    high: 5,
    default: 0.15,
    shareOf: 'the range',
  }),
  sigmaMode: {
    ...choiceOf('σ is', [
      { value: 'absolute', label: 'Absolute', help: 'σ in the model’s input space' },
      { value: 'range', label: 'Share of range', help: 'σ times the image’s max − min' },
    ]),
    phrase: 'what σ is',
  },
};

export const smooth = operator({
  id: 'smooth',
  family: 'wrapper',
  label: 'Smooth',
  help: 'average over noise',
  equation: 'Eqs. 2, 6, 7',
  parameters: {
    ...noise,
    smoothAggregate: choiceOf('Aggregate', [
      { value: 'mean', label: 'Mean', help: 'SmoothGrad (Eq. 2)' },
      { value: 'mean-square', label: 'Mean square', help: 'SmoothGrad squared' },
      { value: 'variance', label: 'Variance', help: 'VarGrad' },
    ]),
  },
  drawn: true,
  usesModel: false,
  cost: ['n'],
});

export const variance = operator({
  id: 'variance',
  family: 'wrapper',
  label: 'Variance',
  help: 'variance over noise',
  equation: 'VarGrad',
  parameters: noise,
  drawn: true,
  usesModel: false,
  cost: ['n'],
});

export const meanSquare = operator({
  id: 'mean-square',
  family: 'wrapper',
  label: 'Mean square',
  help: 'mean of the squares over noise',
  equation: 'SmoothGrad Squared',
  parameters: noise,
  drawn: true,
  usesModel: false,
  cost: ['n'],
});

/** What a method shows in the place of what it takes away. */
const baseline = choiceOf('Baseline', [
  { value: 'zero', label: 'Zero', help: '0 in the model’s input space' },
  { value: 'black', label: 'Black image' },
  { value: 'white', label: 'White image' },
  { value: 'image-mean', label: 'Image mean', help: 'Per image and channel' },
  { value: 'blur', label: 'Blurred image' },
]);

export const integrate = operator({
  id: 'integrate',
  family: 'wrapper',
  label: 'Integrate',
  help: 'along the path',
  equation: 'Eqs. 3, 8, 9',
  parameters: {
    steps: integer({
      label: 'Steps',
      phrase: 'integration steps',
      low: 1,
      high: 500,
      default: 50,
      counts: 'integration steps',
    }),
    quadrature: choiceOf('Quadrature', [
      {
        value: 'gauss-legendre',
        label: 'Gauss–Legendre',
        help: 'As Captum: best for few steps',
      },
      { value: 'midpoint', label: 'Midpoint' },
      { value: 'trapezoid', label: 'Trapezoid' },
      { value: 'riemann-right', label: 'Riemann, right', help: 'The sum in the original paper' },
    ]),
    baseline,
  },
  drawn: false,
  usesModel: false,
  holdsInput: true,
  cost: ['steps'],
});

/** A score takes about a third of what a gradient does. */
const scoreCost = 1 / 3;

export const gradCam = operator({
  id: 'grad-cam',
  family: 'direct',
  label: 'Grad-CAM',
  help: 'A layer’s activations, weighted by their gradients',
  equation: 'arXiv 1610.02391',
  parameters: {
    ...scored,
    camLayer: integer({
      label: 'Layer, from the last',
      phrase: 'Grad-CAM layer',
      help: '1 is the last layer that keeps places, 2 the one before it',
      low: 1,
      high: 20,
      default: 1,
    }),
  },
  drawn: false,
  usesModel: true,
  holdsInput: true,
  cost: [1],
});

export const occlusion = operator({
  id: 'occlusion',
  family: 'direct',
  label: 'Occlusion',
  help: 'What the score loses behind a sliding square',
  equation: 'arXiv 1311.2901',
  parameters: {
    target: scored.target,
    occlusionWindow: real({
      label: 'Window',
      phrase: 'occlusion window',
      help: 'Side of the square, as a share of the image’s shorter side',
      low: 0,
      above: true,
      high: 1,
      default: 0.25,
      shareOf: 'the shorter side',
    }),
    occlusionStrides: integer({
      label: 'Strides along a side',
      phrase: 'strides along a side',
      help: 'How many times the square moves along the image’s shorter side',
      low: 1,
      high: 224,
      default: 8,
      counts: 'strides along a side',
    }),
    baseline,
  },
  drawn: false,
  usesModel: true,
  holdsInput: true,
  cost: ['occlusionStrides', 'occlusionStrides', scoreCost],
});

export const rise = operator({
  id: 'rise',
  family: 'direct',
  label: 'RISE',
  help: 'The probability behind random masks',
  equation: 'arXiv 1806.07421',
  parameters: {
    target: scored.target,
    masks: integer({
      label: 'Masks',
      phrase: 'masks',
      low: 1,
      high: 20_000,
      default: 4000,
      counts: 'masks',
    }),
    maskGrid: integer({
      label: 'Cells along a mask’s side',
      phrase: 'cells along a mask’s side',
      low: 2,
      high: 64,
      default: 7,
    }),
    maskOpen: real({
      label: 'Share of open cells',
      phrase: 'share of open cells',
      help: 'Probability that a cell shows the image',
      low: 0,
      above: true,
      high: 1,
      default: 0.5,
      shareOf: 'the cells',
    }),
    baseline,
  },
  drawn: true,
  usesModel: true,
  holdsInput: true,
  cost: ['masks', scoreCost],
});

export const random = operator({
  id: 'random',
  family: 'control',
  label: 'Random',
  help: 'A fixed draw for each image',
  equation: '',
  parameters: {},
  drawn: true,
  usesModel: false,
  holdsInput: true,
  cost: [0],
});

export const sobel = operator({
  id: 'sobel',
  family: 'control',
  label: 'Sobel edges',
  help: 'The image’s own edges',
  equation: '',
  parameters: {},
  drawn: false,
  usesModel: false,
  holdsInput: true,
  cost: [0],
});

/** Every operator that Saliency Studio comes with. */
export const builtInOperators: readonly OperatorDescriptor[] = [
  gradient,
  guided,
  timesInput,
  smooth,
  variance,
  meanSquare,
  integrate,
  gradCam,
  occlusion,
  rise,
  random,
  sobel,
];
