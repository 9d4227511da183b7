import { valueAt } from '../../../shared/checked-reads';
import type { Redis } from 'ioredis';
import { type Heartbeat, heartbeatSchema } from './heartbeat';
import { workerKey, workersKey } from './queue/names';

/** A worker's sign of life that counts still, and the milliseconds for which it does. */
export interface SignOfLife {
  readonly sign: Heartbeat;
  readonly left: number;
}

/** What the queue knows of workers. */
export interface SignsOfLife {
  /** By the worker's name; what is none is left out. */
  readonly signs: readonly SignOfLife[];
  /** Names whose sign has run out. */
  readonly silent: readonly string[];
}

export async function signsOfLife(
  redis: Pick<Redis, 'smembers' | 'mget' | 'pttl'>,
  prefix: string,
): Promise<SignsOfLife> {
  const names = await redis.smembers(workersKey(prefix));
  if (names.length === 0) return { signs: [], silent: [] };
  const keys = names.map((name) => workerKey(prefix, name));
  const [texts, lefts] = await Promise.all([
    redis.mget(keys),
    Promise.all(keys.map((key) => redis.pttl(key))),
  ]);
  const signs: SignOfLife[] = [];
  const silent: string[] = [];
  for (const [index, name] of names.entries()) {
    const text = texts[index] ?? null;
    const sign = text === null ? null : heartbeatOf(text);
    if (text === null) silent.push(name);
    if (sign) signs.push({ sign, left: Math.max(0, valueAt(lefts, index)) });
  }
  signs.sort((a, b) => a.sign.name.localeCompare(b.sign.name));
  return { signs, silent };
}

/** Signs of life that count still. */
export async function liveWorkers(
  redis: Pick<Redis, 'smembers' | 'mget' | 'pttl'>,
  prefix: string,
): Promise<readonly Heartbeat[]> {
  return (await signsOfLife(redis, prefix)).signs.map(({ sign }) => sign);
}

/** Those that were killed never take their names away. One that was only cut off gives its own again. */
export async function forgetWorkers(
  redis: Pick<Redis, 'srem'>,
  prefix: string,
  names: readonly string[],
): Promise<void> {
  if (names.length > 0) await redis.srem(workersKey(prefix), ...names);
}

function heartbeatOf(text: string): Heartbeat | null {
  try {
    return heartbeatSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
