// @ts-check
/**
 * What is measured: a network on images of one size, how much of each measure, and what the numbers
 * may differ by. The paper's network sees MNIST; ResNet18, with torchvision's stem, made images of
 * CIFAR-10's and Tiny ImageNet's sizes.
 * @typedef {{do: string, count?: number, batch?: number, steps?: number, optimiser?: string}} Command
 * @typedef {{id: string, title: string, unit: string, engine: Command, torch?: Command}} Measure
 * @typedef {{id: string, title: string, network: {architecture: string, side: number,
 *   channels: number, stem?: string}, epochs: number, flopOfGradient: number, median: number,
 *   batches: Record<string, (number | null)[]>, measures: Measure[],
 *   memory: {what: string, of: string, options: Record<string, number>,
 *     torch?: {optimiser: string}}[]}} Workload
 *   median: what the median image's maps may be off by;
 *   flopOfGradient: the forward pass and the gradient by the input of each layer, as sums of
 *   products; batches: PyTorch gets the best of them by measure; null is all points that a method
 *   has at once; memory: how much of what, and the measure whose fastest way PyTorch takes
 */

const [forward, gradient] = ['forward', 'gradient'];
/** Of the 750 points of a smoothed path integral. */
const pointsOfCaptum = [null, 250, 50];

/**
 * Products of ResNet18's forward pass on side x side images, stem 7x7 and maxima.
 * @param {number} side
 */
function resnetProducts(side) {
  const places = (/** @type {number} */ reduction) => (side / reduction) ** 2;
  let sum = places(2) * 64 * 3 * 49 + 512 * 10;
  [64, 128, 256, 512].forEach((outputs, stage) => {
    const inputs = stage === 0 ? 64 : outputs / 2;
    const shortcut = stage === 0 ? 0 : inputs * outputs;
    sum += places(4 * 2 ** stage) * (9 * inputs * outputs + shortcut + 27 * outputs * outputs);
  });
  return sum;
}

/**
 * @param {number} side
 * @param {number} count
 * @returns {Workload}
 */
function resnet(side, count) {
  const batches = [32, 64, 128, 256];
  return {
    id: `resnet18-${side}`,
    title: `ResNet18 on ${side}x${side}`,
    network: { architecture: 'resnet18', side, channels: 3, stem: 'imagenet' },
    epochs: 3,
    flopOfGradient: 4 * resnetProducts(side),
    median: 2e-3,
    batches: {
      train: [128],
      forward: batches,
      gradient: batches,
      'nine-one': pointsOfCaptum,
      nine: pointsOfCaptum,
    },
    measures: [
      {
        id: 'train',
        title: 'Training, batch 128',
        unit: 'images/s',
        engine: { do: 'train', batch: 128, steps: 4 },
        torch: { do: 'train', batch: 128, steps: 4, optimiser: 'sgd' },
      },
      { id: forward, title: 'Forward', unit: 'images/s', engine: { do: forward, count } },
      {
        id: gradient,
        title: 'Input gradients',
        unit: 'gradients/s',
        engine: { do: gradient, count },
      },
      {
        id: 'nine-one',
        title: 'Nine methods, one image',
        unit: 'images/s',
        engine: { do: 'nine', count: 1 },
        torch: { do: 'nine', count: 1 },
      },
      // A full batch holds several images; Captum takes them one by one, however many there are.
      {
        id: 'nine',
        title: 'Nine methods',
        unit: 'images/s',
        engine: { do: 'nine', count: 5 },
        torch: { do: 'nine', count: 1 },
      },
    ],
    memory: [
      {
        what: 'train',
        of: 'train',
        options: { batch: 128, steps: 4 },
        torch: { optimiser: 'sgd' },
      },
      { what: gradient, of: gradient, options: { count: 300 } },
      { what: 'nine', of: 'nine-one', options: { count: 1 } },
    ],
  };
}

/** @type {Workload[]} */
export const workloads = [
  {
    id: 'mnist-cnn',
    title: 'The paper’s network on MNIST',
    network: { architecture: 'mnist-cnn', side: 28, channels: 1 },
    epochs: 1,
    flopOfGradient:
      2 * (2 * 28 * 28 * 32 * 9 + 2 * 14 * 14 * 64 * 288 + 2 * 3136 * 128 + 2 * 128 * 10),
    median: 2e-4,
    batches: {
      train: [128],
      forward: [64, 128, 256, 512],
      gradient: [64, 128, 256, 512],
      nine: pointsOfCaptum,
    },
    measures: [
      {
        id: 'train',
        title: 'Training, batch 128',
        unit: 'images/s',
        engine: { do: 'train', batch: 128, steps: 60 },
      },
      { id: forward, title: 'Forward', unit: 'images/s', engine: { do: forward, count: 6000 } },
      {
        id: gradient,
        title: 'Input gradients',
        unit: 'gradients/s',
        engine: { do: gradient, count: 6000 },
      },
      {
        id: 'nine',
        title: 'Nine methods',
        unit: 'images/s',
        engine: { do: 'nine', count: 10 },
        torch: { do: 'nine', count: 5 },
      },
    ],
    memory: [
      { what: 'train', of: 'train', options: { batch: 128, steps: 60 } },
      { what: gradient, of: gradient, options: { count: 6000 } },
      { what: 'nine', of: 'nine', options: { count: 3 } },
    ],
  },
  resnet(64, 600),
  resnet(32, 1200),
];
