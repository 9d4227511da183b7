import { z } from 'zod';
import { leftOut } from '../left-out';
import { networkIdSchema } from './network-id';
import { choiceOf, integer, real } from './parameter';
import { seedOf } from './parameters';
import { limit, schemaOf, type Setting, type Settings, switchOf } from './setting';

/** What every fill is, with what it takes. */
interface FillFacts {
  /** Values that it finds in a second on this kind of machine; null: it takes next to no time. */
  readonly valuesPerSecond: number | null;
  /** Whether it is made of the channel means of the training images, which are measured once. */
  readonly datasetMean: boolean;
}

const fills = [
  {
    value: 'image-mean',
    label: 'Image mean',
    help: 'The paper: per image and channel',
    valuesPerSecond: null,
    datasetMean: false,
  },
  {
    value: 'dataset-mean',
    label: 'Dataset mean',
    help: 'Of the training images, per channel',
    valuesPerSecond: null,
    datasetMean: true,
  },
  {
    value: 'random',
    label: 'Random',
    help: 'Uniform in [0, 1], per channel',
    valuesPerSecond: null,
    datasetMean: false,
  },
  {
    value: 'noisy-linear',
    label: 'Noisy linear',
    help: 'ROAD: from the neighbours, with a little noise',
    // Between 0.4 million (a tenth of a 28x28 image) and 1.8 million (half of a 32x32 colour one)
    // were measured on a busy machine.
    valuesPerSecond: 1e6,
    datasetMean: false,
  },
] as const;

/** What the pixels that are removed become. */
export const fill = {
  ...choiceOf(
    'Removed pixels become',
    fills.map(({ value, label, help }) => ({ value, label, help })),
  ),
  option: 'fill',
} as const satisfies Setting;
export const fillSchema = schemaOf(fill).unwrap();
export type Fill = z.infer<typeof fillSchema>;

export function factsOfFill(id: Fill): FillFacts {
  const found = fills.find(({ value }) => value === id);
  if (!found) throw new RangeError(`there is no fill ${id}`);
  return found;
}

/** Whether a training image loses the same pixels in every epoch. */
export const trainMask = {
  ...choiceOf('Removal masks', [
    { value: 'fixed', label: 'Fixed', help: 'One mask an image for all epochs' },
    { value: 'redrawn', label: 'Redrawn', help: 'A new mask each epoch' },
  ]),
  phrase: 'random removal',
  option: 'train-mask',
} as const satisfies Setting;

/** A removal level t: the share of pixel locations removed. */
export const level = real({
  label: 'Level t',
  low: 0,
  high: 1,
  unit: 'of the pixels; 0 removes nothing',
  default: 0,
});
export const levelSchema = schemaOf(level).unwrap();

const ofSgd = { path: 'optimiser', value: 'sgd' } as const;
const ofSteps = { path: 'schedule.kind', value: 'step' } as const;

/** What a recipe sets, but for its network and that one's own options. */
export const recipeSettings = {
  epochs: {
    ...integer({
      label: 'Epochs',
      help: 'passes over the training images',
      low: 1,
      high: 200,
      default: 5,
    }),
    option: 'epochs',
  },
  trainLimit: {
    ...limit({
      label: 'Training images',
      help: 'use so many training images, stratified, or all',
      low: 10,
      high: 10_000_000,
    }),
    option: 'train-limit',
  },
  resize: {
    ...limit({
      label: 'Resize',
      help: 'shorter side in pixels, as torchvision resizes',
      low: 8,
      high: 1024,
      all: 'as the images are',
    }),
    option: 'resize',
  },
  crop: {
    ...limit({
      label: 'Centre crop',
      help: 'side in pixels of the centre that the model sees, after resizing',
      low: 8,
      high: 1024,
      all: 'whole images',
    }),
    option: 'crop',
  },
  batchSize: {
    ...integer({
      label: 'Batch size',
      help: 'images a training step',
      low: 1,
      high: 1024,
      default: 128,
    }),
    option: 'batch-size',
  },
  optimiser: {
    ...choiceOf('Optimiser', [
      { value: 'adam', label: 'Adam', help: 'β 0.9 and 0.999, as PyTorch' },
      { value: 'sgd', label: 'SGD', help: 'With momentum, as PyTorch' },
    ]),
    option: 'optimiser',
  },
  learningRate: {
    ...real({
      label: 'Learning rate',
      help: 'at the start, or at the cycle’s peak',
      low: 0,
      above: true,
      high: 1,
      default: 0.001,
    }),
    option: 'learning-rate',
  },
  /** The one-cycle schedule moves it between 0.85 and 0.95 instead. */
  momentum: {
    ...real({ label: 'Momentum', low: 0, high: 1, below: true, default: 0.9 }),
    option: 'momentum',
    of: ofSgd,
  },
  nesterov: {
    ...switchOf({
      label: 'Nesterov momentum',
      phrase: 'Nesterov momentum',
      help: 'looks ahead along the momentum',
      default: false,
    }),
    option: 'nesterov',
    of: ofSgd,
  },
  /** Times the weights, added to their gradients. */
  weightDecay: {
    ...real({
      label: 'Weight decay',
      help: 'as PyTorch’s SGD has it',
      low: 0,
      high: 1,
      default: 0,
    }),
    option: 'weight-decay',
    of: ofSgd,
  },
  'schedule.kind': {
    ...choiceOf('Schedule of the rate', [
      { value: 'constant', label: 'Constant', help: 'The same rate throughout' },
      { value: 'step', label: 'Steps', help: 'Times a factor every so many epochs' },
      { value: 'one-cycle', label: 'One cycle', help: 'Up to the rate, then down to nothing' },
    ]),
    option: 'schedule',
  },
  'schedule.every': {
    ...integer({ label: 'Step every, epochs', low: 1, high: 200, default: 30 }),
    option: 'step-every',
    of: ofSteps,
  },
  'schedule.factor': {
    ...real({
      label: 'Factor of a step',
      low: 0,
      above: true,
      high: 1,
      below: true,
      default: 0.1,
    }),
    option: 'step-factor',
    of: ofSteps,
  },
  'augmentation.padding': {
    ...integer({
      label: 'Random crop, padding',
      help: 'pixels: crop out of a wider black frame',
      low: 0,
      high: 32,
      default: 0,
    }),
    option: 'augment-padding',
  },
  'augmentation.flip': {
    ...switchOf({
      label: 'Random mirroring',
      help: 'every other image, left to right',
      default: false,
    }),
    option: 'augment-flip',
  },
  seed: seedOf({ label: 'Training seed', help: 'of initialisation, order and dropout' }),
} as const satisfies Settings;
const described = recipeSettings;

/** How the learning rate moves; the recipe's is where it starts from, or the peak of the cycle. */
export const scheduleSchema = z.discriminatedUnion(
  'kind',
  [
    z.object({ kind: z.literal('constant') }),
    /** Times `factor` after every `every` epochs. */
    z.object({
      kind: z.literal('step'),
      every: schemaOf(described['schedule.every']),
      factor: schemaOf(described['schedule.factor']),
    }),
    /** Up to the peak and down to nothing over the whole training (PyTorch's OneCycleLR). */
    z.object({ kind: z.literal('one-cycle') }),
  ],
  'a schedule: constant, step or one-cycle',
);
export type Schedule = z.infer<typeof scheduleSchema>;

/** How training images are varied, after removal and before normalisation. */
export const augmentationSchema = z.object({
  /** Crop at random out of the image with so many black pixels around it; 0: no cropping. */
  padding: schemaOf(described['augmentation.padding']),
  /** Mirror every other image, left to right. */
  flip: schemaOf(described['augmentation.flip']),
});
export type Augmentation = z.infer<typeof augmentationSchema>;

/** What becomes of the last layer of the weights that training starts from. */
export const initHead = {
  ...choiceOf('Last layer', [
    { value: 'keep', label: 'As it is', help: 'Where its classes have the same names; else anew' },
    { value: 'anew', label: 'Anew', help: 'Drawn from the training seed' },
  ]),
  option: 'init-head',
} as const satisfies Setting;

/** Which layers training moves, of weights that it starts from. */
export const initLayers = {
  ...choiceOf('Layers trained', [
    { value: 'all', label: 'All', help: 'The whole network is fine-tuned' },
    {
      value: 'last',
      label: 'The last one only',
      help: 'The others stay as they are, running statistics too, and drop nothing out',
    },
  ]),
  option: 'train-layers',
} as const satisfies Setting;

/** What weights set that training starts from, by its path in a recipe. */
export const startSettings = {
  'init.head': initHead,
  'init.layers': initLayers,
} as const satisfies Settings;

/** Weights that training starts from, in place of drawn ones. */
export const initSchema = z.object({
  /** Of a model that is here, by their content: a recipe means the same wherever they are. */
  weights: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the weights of a model that is here'),
  /** `keep` in a complete recipe says that it fits. */
  head: schemaOf(initHead),
  layers: schemaOf(initLayers),
});
export type Init = z.infer<typeof initSchema>;

/** Fields of a recipe; their defaults are of recipes that were stored before a field was there. */
export const recipeFields = {
  /** The network that is trained. */
  architecture: networkIdSchema,
  /** Of the network, by their ids; what is left out is the network's default. */
  options: z.record(z.string(), z.string('a choice of the option')).default({}),
  /** Left out where all is drawn from the seed. */
  init: initSchema.optional(),
  epochs: schemaOf(described.epochs),
  batchSize: schemaOf(described.batchSize),
  optimiser: schemaOf(described.optimiser),
  learningRate: schemaOf(described.learningRate),
  momentum: schemaOf(described.momentum),
  nesterov: schemaOf(described.nesterov),
  weightDecay: schemaOf(described.weightDecay),
  schedule: scheduleSchema.prefault({ kind: 'constant' }),
  augmentation: augmentationSchema.prefault({}),
  /** Use only the first so many training images of a seeded, stratified choice; null = all. */
  trainLimit: schemaOf(described.trainLimit),
  /** What the model sees of an image (`Looked`). */
  resize: schemaOf(described.resize),
  crop: schemaOf(described.crop),
  seed: schemaOf(described.seed),
};

/** How a model is built and trained; recorded whole with the model. */
export const recipeSchema = z
  .object(recipeFields)
  .refine(({ optimiser, weightDecay }) => optimiser === 'sgd' || weightDecay === 0, {
    path: ['weightDecay'],
    message: '0 with adam (weight decay belongs to sgd)',
  })
  .refine(({ optimiser, nesterov }) => optimiser === 'sgd' || !nesterov, {
    path: ['nesterov'],
    message: 'false with adam (Nesterov momentum belongs to sgd)',
  })
  .refine(({ momentum, nesterov }) => momentum > 0 || !nesterov, {
    path: ['nesterov'],
    message: 'false where momentum is 0',
  });
export type Recipe = z.infer<typeof recipeSchema>;
export type OptimiserName = Recipe['optimiser'];
/** What a request gives of a recipe: the rest, the network too, is what its dataset suggests. */
export const recipeInputSchema = leftOut(recipeFields);
export type RecipeInput = z.infer<typeof recipeInputSchema>;

/** What a training sets of random removal, by its path there. */
export const removalSettings = {
  'removal.level': {
    ...level,
    help: 'share of pixels removed at random before training',
    option: 'removal',
  },
  'removal.fill': fill,
  'removal.mask': { ...trainMask, option: 'mask' },
  removalSeed: {
    ...seedOf({ label: 'Seed of removal', help: 'of its masks' }),
    option: 'removal-seed',
  },
} as const satisfies Settings;

/** Random removal from the training (and validation) images before training at level t. */
export const trainingRemovalSchema = z.object({
  level: schemaOf(removalSettings['removal.level']),
  fill: schemaOf(removalSettings['removal.fill']),
  mask: schemaOf(removalSettings['removal.mask']),
});
export type TrainingRemoval = z.infer<typeof trainingRemovalSchema>;

export const epochRecordSchema = z.object({
  epoch: z.int(),
  /** Mean cross-entropy over the epoch's batches. */
  loss: z.number(),
  trainAccuracy: z.number(),
  validationAccuracy: z.number(),
  seconds: z.number(),
});
export type EpochRecord = z.infer<typeof epochRecordSchema>;
