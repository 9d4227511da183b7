import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Redis } from 'ioredis';
import { type QueueAddress } from './address';
import { openConnection } from './connection';
import { neededCommands } from './needed-commands';
import {
  closes,
  explainQueue,
  isTlsAlert,
  problemOf,
  queueProblem,
  replica,
  silentPlain,
  silentTls,
} from './queue-problem';
import { connectDeadline } from './settings';

export interface CheckOptions {
  /** Of the keys that will be used: a user's rights may end at them. */
  readonly prefix: string;
  /** Milliseconds until a silent queue counts as away. */
  readonly deadline?: number;
}

/**
 * Connect once and see that the queue can be used: who waits for BullMQ to say so waits for ever.
 *
 * @returns the server's kind and version, as `Valkey 9.1.2`
 * @throws StudioError with a sentence that a person can act on; `problemOf` tells which
 */
export async function checkQueue(
  address: QueueAddress,
  { prefix, deadline = connectDeadline }: CheckOptions,
): Promise<{ version: string }> {
  // Who it is, `look` says: what a server answers to that, ioredis would print at times.
  const nobody = { ...address, username: '', password: '' };
  const redis = await openConnection(nobody, {
    lazyConnect: true,
    // Nothing is sent before.
    protocol: 2,
    retryStrategy: () => null,
    connectTimeout: deadline,
    // It would print that it may not ask; `look` asks, and says so.
    enableReadyCheck: false,
    autoResubscribe: false,
  });
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(queueProblem('silent', address, address.tls === null ? silentPlain : silentTls));
  }, deadline);
  try {
    return await Promise.race([late, look(redis, address, prefix)]);
  } catch (error) {
    if (problemOf(error) !== 'wants-tls') throw error;
    // What it says before it closes is lost where it had not read all that was sent.
    const words = await firstWords(address, silence);
    if (words) throw explainQueue(words, address, prefix);
    // Whoever stands before a server that is away closes, too: that passes, and this does not.
    throw (await speaksTls(address, silence))
      ? error
      : queueProblem('unreachable', address, closes);
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}

/** Milliseconds for what a server says unasked. */
const silence = 1_000;

/** What a server says, as an error, to whoever asks nothing, or why it is not reached; null: it says nothing. */
function firstWords({ host, port }: QueueAddress, milliseconds: number): Promise<Error | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: milliseconds });
    const end = (words: Error | null) => {
      socket.destroy();
      resolve(words);
    };
    socket.on('data', (chunk) => {
      const [, words] = /^-(.*)/.exec(String(chunk)) ?? [];
      end(words === undefined ? null : new Error(words));
    });
    socket.on('error', end);
    for (const event of ['close', 'timeout']) socket.on(event, () => end(null));
  });
}

/** Whether a server answers to TLS, whoever it is: nothing is asked of it. */
function speaksTls({ host, port }: QueueAddress, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, timeout: milliseconds, rejectUnauthorized: false });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('secureConnect', () => end(true));
    socket.on('error', (error) => end(isTlsAlert(error)));
    for (const event of ['close', 'timeout']) socket.on(event, () => end(false));
  });
}

async function look(redis: Redis, address: QueueAddress, prefix: string) {
  // The first error says it: those that follow are of its making.
  let first: unknown = null;
  redis.once('error', (error) => (first ??= error));
  const asking = async (): Promise<string> => {
    await redis.connect();
    const { username, password } = address;
    if (password !== '') await redis.call('AUTH', username === '' ? 'default' : username, password);
    return redis.info();
  };
  const info = await asking().catch((error: unknown) => {
    const isReply = error instanceof Error && error.name === 'ReplyError';
    throw explainQueue(first ?? (isReply ? error : null), address, prefix);
  });
  const version = checkInfo(info, address);
  await tryCommands(redis, address, prefix);
  return { version };
}

/** The fields of INFO, `name:value` in lines. */
function checkInfo(info: string, address: QueueAddress): string {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
  const valkey = field('valkey_version');
  const redis = field('redis_version') ?? '0';
  const version = valkey === null ? `Redis ${redis}` : `Valkey ${valkey}`;
  const [major = 0, minor = 0] = redis.split('.').map(Number);
  if (valkey === null && (major < 6 || (major === 6 && minor < 2))) {
    const clause = `is ${version}, which is too old: Redis 6.2 or newer, or Valkey, is needed`;
    throw queueProblem('too-old', address, clause);
  }
  if (field('cluster_enabled') === '1') {
    const clause = 'is a cluster, which is not supported: use a single server';
    throw queueProblem('cluster', address, clause);
  }
  if (field('role') === 'slave') throw queueProblem('replica', address, replica);
  const policy = field('maxmemory_policy');
  if (policy !== null && policy !== 'noeviction') {
    const clause = `throws away what it holds when its memory is full (maxmemory-policy ${policy}): set maxmemory-policy noeviction there`;
    throw queueProblem('evicts', address, clause);
  }
  return version;
}

async function tryCommands(redis: Redis, address: QueueAddress, prefix: string): Promise<void> {
  const key = `${prefix}:check:${randomUUID()}`;
  const tried = await Promise.allSettled([
    ...neededCommands(key).map(([name, ...parameters]) => redis.call(name, ...parameters)),
    // Last: no other command follows it on a connection.
    redis.subscribe(key),
  ]);
  for (const each of tried) {
    if (each.status === 'fulfilled') continue;
    const error: unknown = each.reason;
    // A script that nobody sent yet.
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) continue;
    throw explainQueue(error, address, prefix);
  }
}
