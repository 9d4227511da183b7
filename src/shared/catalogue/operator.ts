import { z } from 'zod';
import { costSchema, parameterSchema, type Parameters, versionSchema } from './parameter';

/**
 * `base`: one backward pass. `wrapper`: another attribution at several points. `control`: a map that
 * owes nothing to gradients. `direct`: owns its algorithm, from scores, gradients and activations.
 * `imported`: no algorithm; maps that were made elsewhere. The wrappers go around a base; the others stand
 * alone.
 */
const operatorFamilies = ['base', 'wrapper', 'control', 'direct', 'imported'] as const;
export type OperatorFamily = (typeof operatorFamilies)[number];

/** All that anybody but its own algorithm knows of a saliency operator: data, which travels. */
export const operatorSchema = z.object({
  /** As compositions name it. */
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
  family: z.enum(operatorFamilies),
  label: z.string(),
  /** A sentence or less, beside the label. */
  help: z.string(),
  /** Where it is defined: 'Eq. 2', a section, a paper. Empty: nowhere. */
  equation: z.string(),
  /** What its values depend on. Operators that share a parameter describe it alike. */
  parameters: z.record(z.string(), parameterSchema),
  /** Whether it draws at random: then the seed counts. */
  drawn: z.boolean(),
  /** Whether its values depend on the model. A wrapper's do as far as those of what it wraps. */
  usesModel: z.boolean(),
  /**
   * Whether its values, or those of what it wraps by it, are shares of the score: slopes are such only times
   * the input. Left out: they are not.
   */
  holdsInput: z.boolean().optional(),
  /** Backward passes an image, or how many times those of what it wraps: numbers and parameters. */
  cost: costSchema,
  /** Of its own arithmetic: part of the keys of its maps. */
  version: versionSchema,
});
export type OperatorDescriptor = z.infer<typeof operatorSchema>;

/** A descriptor whose parameters' types are known, for its own algorithm. */
export type DescribedOperator<P extends Parameters> = Omit<OperatorDescriptor, 'parameters'> & {
  readonly parameters: P;
};

/** Keeps the types of a descriptor's parameters. */
export const operator = <P extends Parameters>(of: DescribedOperator<P>) => of;
