import { z } from 'zod';
import { errorSchema } from './errors';
import { eventSchema } from './events';

/** Frames between a renderer and a shell, the same over IPC and WebSocket. */
export const requestFrameSchema = z.object({
  type: z.literal('call'),
  id: z.int().nonnegative(),
  route: z.string(),
  input: z.unknown(),
});
export type RequestFrame = z.infer<typeof requestFrameSchema>;

export const replyFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('answer'), id: z.int(), output: z.unknown() }),
  z.object({ type: z.literal('failure'), id: z.int(), error: errorSchema }),
  z.object({ type: z.literal('event'), event: eventSchema }),
]);
export type ReplyFrame = z.infer<typeof replyFrameSchema>;

/** What preload puts on `window` as `studio`. */
export interface StudioBridge {
  /** Answers with a reply frame, never rejects. */
  call(frame: RequestFrame): Promise<ReplyFrame>;
  onEvent(listener: (frame: ReplyFrame) => void): () => void;
}
