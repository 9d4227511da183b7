import { StudioError } from '../../../../shared/errors';
import { attempts, maxStalledCount } from '../queue/settings';

/**
 * Workers failed at work as often as they may, and it is not begun again by itself.
 *
 * @param reason what the queue says of the last failure
 */
export function givenUp(what: string, workers: readonly string[], reason: string): StudioError {
  const who = workers.length > 0 ? workers.join(', ') : 'the queue’s workers';
  // BullMQ's words for workers that ended without a word.
  const why = /stalled/i.test(reason)
    ? `their processes ended under it ${maxStalledCount + 1} times`
    : reason.replace(/\.$/, '');
  return new StudioError({
    code: 'engine-failed',
    message: `${what} failed on ${who} and is given up: ${why}. What was finished is kept: look at what those machines say, then resume the job.`,
    details: { reason: why, workers: workers.join(', '), attempts: String(attempts) },
  });
}
