import { z } from 'zod';
import { errorSchema } from './errors';

/** Frames that ask and answer. They know no event and no route: an annotator's page has no others. */
export const requestFrameSchema = z.object({
  type: z.literal('call'),
  id: z.int().nonnegative(),
  route: z.string(),
  input: z.unknown(),
});
export type RequestFrame = z.infer<typeof requestFrameSchema>;

export const answerSchema = z.object({
  type: z.literal('answer'),
  id: z.int(),
  output: z.unknown(),
});
export const failureSchema = z.object({
  type: z.literal('failure'),
  id: z.int(),
  error: errorSchema,
});

export const answeredFrameSchema = z.discriminatedUnion('type', [answerSchema, failureSchema]);
export type AnsweredFrame = z.infer<typeof answeredFrameSchema>;
