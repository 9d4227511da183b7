import { z } from 'zod';
import { seedSchema } from './parameters';

export const fills = ['image-mean', 'dataset-mean', 'random'] as const;
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

/** How a model is trained; recorded whole with the model. */
export const recipeSchema = z.object({
  epochs: count(1, 200).default(5),
  batchSize: count(1, 1024).default(128),
  optimiser: z.literal('adam').default('adam'),
  learningRate: z
    .number('a number above 0 and at most 1')
    .gt(0, 'a number above 0 and at most 1')
    .max(1, 'a number above 0 and at most 1')
    .default(0.001),
  /** Use only the first so many training images of a seeded, stratified choice; null = all. */
  trainLimit: count(10, 10_000_000).nullable().default(null),
  seed: seedSchema.default(0),
});
export type Recipe = z.infer<typeof recipeSchema>;

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
