import { z } from 'zod';
import { leftOut } from '../left-out';
import { networkIdSchema } from './network-id';
import { seedSchema } from './parameters';

export const fills = ['image-mean', 'dataset-mean', 'random', 'noisy-linear'] as const;
export const fillSchema = z.enum(fills);
export type Fill = (typeof fills)[number];

/** A removal level t: the share of pixel locations removed. */
export const levelSchema = z
  .number('a number from 0 to 1')
  .min(0, 'a number from 0 to 1')
  .max(1, 'a number from 0 to 1');

const count = (low: number, high: number) => {
  const accepted = `a whole number from ${low} to ${high}`;
  return z.int(accepted).min(low, accepted).max(high, accepted);
};

export const optimisers = ['adam', 'sgd'] as const;
export type OptimiserName = (typeof optimisers)[number];

const share = (accepted: string) => z.number(accepted).gt(0, accepted).lt(1, accepted);

/** How the learning rate moves; the recipe's is where it starts from, or the peak of the cycle. */
export const scheduleSchema = z.discriminatedUnion(
  'kind',
  [
    z.object({ kind: z.literal('constant') }),
    /** Times `factor` after every `every` epochs. */
    z.object({
      kind: z.literal('step'),
      every: count(1, 200).default(30),
      factor: share('a number between 0 and 1').default(0.1),
    }),
    /** Up to the peak and down to nothing over the whole training (PyTorch's OneCycleLR). */
    z.object({ kind: z.literal('one-cycle') }),
  ],
  'a schedule: constant, step or one-cycle',
);
export type Schedule = z.infer<typeof scheduleSchema>;
export const schedules = ['constant', 'step', 'one-cycle'] as const;

/** How training images are varied, after removal and before normalisation. */
export const augmentationSchema = z.object({
  /** Crop at random out of the image with so many black pixels around it; 0: no cropping. */
  padding: count(0, 32).default(0),
  /** Mirror every other image, left to right. */
  flip: z.boolean('true or false').default(false),
});
export type Augmentation = z.infer<typeof augmentationSchema>;

const momentumText = 'a number from 0 to below 1';
const decayText = 'a number from 0 to 1';

/** Fields of a recipe; their defaults are of recipes that were stored before a field was there. */
export const recipeFields = {
  /** The network that is trained. */
  architecture: networkIdSchema,
  /** Of the network, by their ids; what is left out is the network's default. */
  options: z.record(z.string(), z.string('a choice of the option')).default({}),
  epochs: count(1, 200).default(5),
  batchSize: count(1, 1024).default(128),
  optimiser: z.enum(optimisers, `one of: ${optimisers.join(', ')}`).default('adam'),
  learningRate: z
    .number('a number above 0 and at most 1')
    .gt(0, 'a number above 0 and at most 1')
    .max(1, 'a number above 0 and at most 1')
    .default(0.001),
  /** Of SGD; the one-cycle schedule moves it between 0.85 and 0.95 instead. */
  momentum: z.number(momentumText).min(0, momentumText).lt(1, momentumText).default(0.9),
  nesterov: z.boolean('true or false').default(false),
  /** Of SGD, times the weights, added to their gradients, as PyTorch does. */
  weightDecay: z.number(decayText).min(0, decayText).max(1, decayText).default(0),
  schedule: scheduleSchema.prefault({ kind: 'constant' }),
  augmentation: augmentationSchema.prefault({}),
  /** Use only the first so many training images of a seeded, stratified choice; null = all. */
  trainLimit: count(10, 10_000_000).nullable().default(null),
  seed: seedSchema.default(0),
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
/** What a request gives of a recipe: the rest, the network too, is what its dataset suggests. */
export const recipeInputSchema = leftOut(recipeFields);
export type RecipeInput = z.infer<typeof recipeInputSchema>;

/** Random removal from the training (and validation) images before training at level t. */
export const trainingRemovalSchema = z.object({
  level: levelSchema.default(0),
  fill: fillSchema.default('image-mean'),
  /** `fixed`: one mask per image for all epochs; `redrawn`: a new mask each epoch. */
  mask: z.enum(['fixed', 'redrawn']).default('fixed'),
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
