import { z } from 'zod';
import { networkIdSchema } from './catalogue/network-id';
import { modelInputSchema } from './model-input';

/** Tensors that a report lists by name, at most; it counts the others. */
export const mostNamed = 1000;

/** How a file's tensors are a network's. */
export const networkFitSchema = z.object({
  architecture: networkIdSchema,
  /** Options that the file's tensors tell, such as the kind of the first layer. */
  options: z.record(z.string(), z.string()),
  classes: z.int(),
  channels: z.int(),
  /** Side of the images where the weights tell it; null: they leave it open. */
  side: z.int().nullable(),
  /** All that the network cannot do without is there in its shape. */
  fits: z.boolean(),
  /** Tensors of the network that are there in its shape, of how many that it cannot do without. */
  found: z.int(),
  needed: z.int(),
  /** What was taken off names, and off how many. */
  prefixes: z.array(z.object({ prefix: z.string(), names: z.int() })),
  /** By the network's names. */
  missing: z.array(z.string()),
  /** By the network's names, with both shapes. */
  otherShape: z.array(
    z.object({ name: z.string(), has: z.array(z.int()), needs: z.array(z.int()) }),
  ),
  /** Tensors that the network lacks, by the file's names: the first of them, and how many. */
  extra: z.array(z.string()),
  extraCount: z.int(),
});
export type NetworkFit = z.infer<typeof networkFitSchema>;

/** What a file of weights holds. */
export const weightsInspectionSchema = z.object({
  file: z.string(),
  bytes: z.int(),
  form: z.enum(['safetensors', 'pytorch-zip', 'pytorch-older']),
  /** Sets of weights in it; with more than one, a person says which. */
  sets: z.array(z.object({ key: z.string().nullable(), tensors: z.int(), parameters: z.int() })),
  /** Which of them the rest is of; null where nobody has said it, or the file is one set. */
  key: z.string().nullable(),
  /** Whether a set is still to be chosen: then nothing else is said. */
  undecided: z.boolean(),
  /** Of the chosen set, at most so many. */
  tensors: z.array(z.object({ name: z.string(), shape: z.array(z.int()), dtype: z.string() })),
  tensorCount: z.int(),
  /** How many values all tensors have together. */
  parameters: z.int(),
  /** Tensors by their type. */
  dtypes: z.array(z.object({ dtype: z.string(), tensors: z.int() })),
  /** What the file says of itself, where the studio wrote it. */
  stated: z.object({
    architecture: networkIdSchema.nullable(),
    input: modelInputSchema.nullable(),
    /** Names of its outputs. */
    classes: z.array(z.string()).nullable(),
  }),
  /** Networks that it may be of, the likeliest first. */
  guesses: z.array(networkFitSchema),
  notes: z.array(z.string()),
});
export type WeightsInspection = z.infer<typeof weightsInspectionSchema>;
