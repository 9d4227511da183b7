import { getCACertificates } from 'node:tls';
import type { Redis, RedisOptions } from 'ioredis';
import { type QueueAddress } from './address';
import { retryDelay, socketTimeout } from './settings';

/**
 * How a connection to the queue is opened: tried again for ever after an outage, given up when nothing
 * came for 15 s. BullMQ takes these options, and reports what is wrong by its `error` events.
 */
export function connectionOptions({ host, port, username, password, tls }: QueueAddress) {
  return {
    host,
    port,
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(tls !== null && { tls: { ca: tls.ca ?? trustedHere() } }),
    socketTimeout,
    retryStrategy: retryDelay,
    // BullMQ's demand: a command waits for the connection.
    maxRetriesPerRequest: null,
    disableClientInfo: true,
  } satisfies RedisOptions;
}

/** Whom Node trusts, and whom this machine's keepers added. */
const trustedHere = (): string[] => [
  ...getCACertificates('default'),
  ...getCACertificates('system'),
];

/**
 * A connection of one's own beside BullMQ's. It is loaded only now. It says nothing of outages, after
 * which it goes on by itself; whoever opened it ends it with `disconnect()`.
 */
export async function openConnection(
  address: QueueAddress,
  options: Omit<RedisOptions, 'replyMapping'> = {},
): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const redis = new Redis({ ...connectionOptions(address), ...options });
  // Without a listener they are printed.
  redis.on('error', () => undefined);
  return redis;
}
