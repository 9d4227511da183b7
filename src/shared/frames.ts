import { z } from 'zod';
import { errorSchema, StudioError } from './errors';

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

/** The longest request that a shell takes, in characters: settings and lists. Files go by themselves. */
export const longestRequest = 4 * 2 ** 20;

const mebibytes = (length: number) => `${Math.ceil(length / 2 ** 20)} MiB`;

/** Refuses the text of a request that is too long: before it is sent, and before it is carried out. */
export function checkRequestLength(text: string): void {
  if (text.length <= longestRequest) return;
  throw new StudioError({
    code: 'invalid-input',
    message: `This request is ${mebibytes(text.length)} long; accepted: at most ${mebibytes(longestRequest)}. Large data is sent as a file.`,
  });
}
