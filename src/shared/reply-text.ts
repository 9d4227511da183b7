import { holdsBytes, packFrame } from './packed-frame';
import { type ReplyFrame } from './wire';

/** The longest reply that is sent, in characters of text or in bytes. */
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
  return tooLong(reply, longest);
}

/** A reply as it is sent: text, or bytes where it holds pixels; an answer that is too long as above. */
export function replyMessage(
  reply: ReplyFrame,
  longest = longestReply,
): string | Uint8Array<ArrayBuffer> {
  if (!holdsBytes(reply)) return replyText(reply, longest);
  const packed = packFrame(reply);
  return packed.length > longest && reply.type === 'answer' ? tooLong(reply, longest) : packed;
}

function tooLong(reply: ReplyFrame, longest: number): string {
  const message = `The answer is longer than ${longest / 2 ** 20} MiB, more than a page can take: ask for a part of it, or use the command line.`;
  const id = reply.type === 'event' ? 0 : reply.id;
  return JSON.stringify({ type: 'failure', id, error: { code: 'internal', message } });
}
