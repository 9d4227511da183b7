import { replyFrameSchema } from '../../shared/wire';
import { type ReadFrame } from './transport';

/** Reads the frames of the researcher's page: answers, failures and events. */
export const readReply: ReadFrame = (received) => {
  const parsed = replyFrameSchema.safeParse(received);
  return parsed.success ? parsed.data : null;
};
