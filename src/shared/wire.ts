import { z } from 'zod';
import { eventSchema } from './events';
import { answerSchema, failureSchema, type RequestFrame } from './frames';

export { requestFrameSchema, type RequestFrame } from './frames';

/** What a shell sends to the researcher's page, the same over IPC and WebSocket. */
export const replyFrameSchema = z.discriminatedUnion('type', [
  answerSchema,
  failureSchema,
  z.object({ type: z.literal('event'), event: eventSchema }),
]);
export type ReplyFrame = z.infer<typeof replyFrameSchema>;

/** What preload puts on `window` as `studio`. */
export interface StudioBridge {
  /** Answers with a reply frame, never rejects. */
  call(frame: RequestFrame): Promise<ReplyFrame>;
  onEvent(listener: (frame: ReplyFrame) => void): () => void;
}
