import { holdsBytes, packFrame } from './packed-frame';
import { type ReplyFrame } from './wire';

/** The longest reply that is sent as text, in characters. */
const longestReply = 128 * 2 ** 20;

/** A reply as text; an answer that is too long becomes a failure that says so. */
export function replyText(reply: ReplyFrame, longest = longestReply): string {
  let text: string | null = null;
  try {
    text = JSON.stringify(reply);
  } catch (error) {
    // No text holds more than half a GiB.
    if (!(error instanceof RangeError)) throw error;
  }
  if (text !== null && (text.length <= longest || reply.type !== 'answer')) return text;
  const message = `The answer is longer than ${longest / 2 ** 20} MiB, more than a page can take: ask for a part of it, or use the command line.`;
  const id = reply.type === 'event' ? 0 : reply.id;
  return JSON.stringify({ type: 'failure', id, error: { code: 'internal', message } });
}

/** A reply as it is sent: text, or bytes where it holds pixels. */
export function replyMessage(reply: ReplyFrame): string | Uint8Array {
  return holdsBytes(reply) ? packFrame(reply) : replyText(reply);
}
