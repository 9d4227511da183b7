import { setTimeout as sleep } from 'node:timers/promises';
import { type StudioError } from '../../../../shared/errors';
import { type QueueAddress } from '../queue/address';
import { checkQueue } from '../queue/check-queue';
import { passing, problemOf } from '../queue/queue-problem';

/**
 * Wait until the queue can be used, and say once why it cannot yet.
 *
 * @returns the server's kind and version
 * @throws StudioError for what does not pass by itself, such as a wrong password; `cancelled`
 */
export async function waitForQueue(
  address: QueueAddress,
  prefix: string,
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<string> {
  let said: string | null = null;
  for (;;) {
    signal.throwIfAborted();
    try {
      const { version } = await checkQueue(address, { prefix });
      return version;
    } catch (error) {
      const problem = problemOf(error);
      if (problem === null || !passing.has(problem)) throw error;
      const { message } = error as StudioError;
      if (message !== said) say(`${message} Waiting for it.`);
      said = message;
    }
    await sleep(1000, undefined, { signal });
  }
}
