import { type ErrorCode } from '../../../shared/errors';

/**
 * What keeps one machine from doing an order and says nothing of the order: another may do it. A damaged
 * file is one's own, since what is sent is held against its hash.
 */
export const ownMatters: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'engine-failed',
  'engine-unavailable',
  'cancelled',
  'corrupt-file',
  'disk-full',
  'read-only',
  'busy',
  'locked',
  'dataset-missing',
  'forbidden',
]);
