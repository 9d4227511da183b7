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

/** IPC channel names, and what preload puts on `window`. */
export const ipcCall = 'studio:call';
export const ipcEvent = 'studio:event';

export interface StudioBridge {
  /** Answers with a reply frame, never rejects. */
  call(frame: RequestFrame): Promise<ReplyFrame>;
  onEvent(listener: (frame: ReplyFrame) => void): () => void;
}
