import { z } from 'zod';
import { eventSchema } from './events';
import { errorSchema } from './errors';
import { answerSchema, failureSchema, type RequestFrame } from './frames';
import { uploadSchema } from './uploads';

export { requestFrameSchema, type RequestFrame } from './frames';

/** What a shell sends to the researcher's page, the same over IPC and WebSocket. */
export const replyFrameSchema = z.discriminatedUnion('type', [
  answerSchema,
  failureSchema,
  z.object({ type: z.literal('event'), event: eventSchema }),
]);
export type ReplyFrame = z.infer<typeof replyFrameSchema>;

/** What became of a file of this machine that the desktop shell was given. */
export const givenSchema = z.union([uploadSchema, z.object({ error: errorSchema })]);
export type Given = z.infer<typeof givenSchema>;

/** Where the person saved an exported file; null where they chose not to. */
export const savedSchema = z.union([
  z.object({ path: z.string().nullable() }),
  z.object({ error: errorSchema }),
]);
export type Saved = z.infer<typeof savedSchema>;

/** What preload puts on `window` as `studio`. */
export interface StudioBridge {
  /** Answers with a reply frame, never rejects. */
  call(frame: RequestFrame): Promise<ReplyFrame>;
  onEvent(listener: (frame: ReplyFrame) => void): () => void;
  /** A file that the person chose, read where it lies; null for one that has no path. */
  give(file: File): Promise<Given | null>;
  /** The next piece of a file without a path; false where it was not taken, and why is asked. */
  piece(upload: string, bytes: Uint8Array): Promise<boolean>;
  /** Asks the person where an exported file is to go, and puts it there. */
  save(file: string): Promise<Saved>;
}
