// @ts-check
/**
 * What is measured: a network on images of one size, how much of each measure, and what the numbers
 * may differ by. The paper's network sees MNIST; the others, with torchvision's stem, made images of
 * CIFAR-10's, Tiny ImageNet's and ImageNet's sizes.
 * @typedef {{do: string, count?: number, batch?: number, steps?: number, optimiser?: string}} Command
 * @typedef {{id: string, title: string, unit: string, engine: Command, torch?: Command,
 *   like?: string}} Measure like: PyTorch does it in the layout and mode that this one was fastest in
 * @typedef {{id: string, title: string, network: {architecture: string, side: number,
 *   channels: number, stem?: string, images: number, batch: number, learningRate: number,
 *   maps?: {n: number, steps: number}}, epochs: number, flopOfGradient: number, median: number,
 *   compared: number,
 *   batches: Record<string, (number | null)[]>, measures: Measure[],
 *   memory: {what: string, of: string, options: Record<string, number>,
 *     torch?: {optimiser: string}}[]}} Workload
 *   median: what the median image's maps may be off by; compared: of how many images;
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
    network: {
      architecture: 'resnet18',
      side,
      channels: 3,
      stem: 'imagenet',
      images: 1280,
      batch: 128,
      learningRate: 0.01,
    },
    epochs: 3,
    compared: 100,
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

/**
 * Products of ResNet50's forward pass at 224 x 224: a block's first convolution, and that of a stage's
 * first shortcut, meet what goes in, its second halves the sides.
 */
function bottleneckProducts() {
  let sum = 112 ** 2 * 64 * 3 * 49 + 2048 * 10;
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const [width, side] = [64 * 2 ** stage, 56 / 2 ** stage];
    const entering = stage === 0 ? { inputs: 64, side } : { inputs: 2 * width, side: 2 * side };
    const inner = side ** 2 * (9 * width * width + 4 * width * width);
    sum += entering.side ** 2 * entering.inputs * width + side ** 2 * entering.inputs * 4 * width;
    sum += blocks * inner + (blocks - 1) * side ** 2 * 4 * width * width;
  });
  return sum;
}

/** Those of VGG16's. */
function vggProducts() {
  let sum = 25_088 * 4096 + 4096 * 4096 + 4096 * 10;
  let inputs = 3;
  [64, 128, 256, 512, 512].forEach((outputs, stage) => {
    for (let i = 0; i < (stage < 2 ? 2 : 3); i += 1) {
      sum += (224 / 2 ** stage) ** 2 * 9 * inputs * outputs;
      inputs = outputs;
    }
  });
  return sum;
}

/**
 * At ImageNet's size. Paths have 10 steps, Captum's and the engine's: with the paper's 50 one image
 * would take Captum up to seven minutes.
 * @param {string} architecture
 * @param {string} name
 * @param {{products: number, images: number, learningRate: number, count: number}} sizes
 * @param {Measure[]} more
 * @returns {Workload}
 */
function large(architecture, name, { products, images, learningRate, count }, more = []) {
  return {
    id: `${architecture}-224`,
    title: `${name} on 224x224`,
    network: {
      architecture,
      side: 224,
      channels: 3,
      images,
      batch: 16,
      learningRate,
      maps: { n: 15, steps: 10 },
    },
    epochs: 1,
    compared: 4,
    flopOfGradient: 4 * products,
    median: 2e-3,
    batches: { train: [32], gradient: [8, 16, 32], 'nine-one': [50] },
    measures: [
      ...more,
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
        like: gradient,
      },
      // What a person waits for; the engine fills a batch, for the same bytes.
      {
        id: 'map',
        title: 'One map, model loaded',
        unit: 'maps/s',
        engine: { do: 'map' },
        like: gradient,
      },
    ],
    memory: [
      ...more.map(({ id, engine: { batch = 0, steps = 0 }, torch }) => ({
        what: id,
        of: id,
        options: { batch, steps },
        ...(torch?.optimiser ? { torch: { optimiser: torch.optimiser } } : {}),
      })),
      { what: gradient, of: gradient, options: { count } },
      { what: 'nine', of: 'nine-one', options: { count: 1 } },
    ],
  };
}

/** @type {Workload[]} */
export const workloads = [
  {
    id: 'mnist-cnn',
    title: 'The paper’s network on MNIST',
    network: {
      architecture: 'mnist-cnn',
      side: 28,
      channels: 1,
      images: 12_800,
      batch: 128,
      learningRate: 0.001,
    },
    epochs: 1,
    compared: 100,
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
  large(
    'resnet18',
    'ResNet18',
    { products: resnetProducts(224), images: 96, learningRate: 0.01, count: 64 },
    [
      {
        id: 'train',
        title: 'Training, batch 32',
        unit: 'images/s',
        engine: { do: 'train', batch: 32, steps: 3 },
        torch: { do: 'train', batch: 32, steps: 3, optimiser: 'sgd' },
      },
    ],
  ),
  large('resnet50', 'ResNet50', {
    products: bottleneckProducts(),
    images: 64,
    learningRate: 0.01,
    count: 32,
  }),
  large('vgg16', 'VGG16', { products: vggProducts(), images: 32, learningRate: 1e-3, count: 32 }),
];
