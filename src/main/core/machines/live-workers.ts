import type { Redis } from 'ioredis';
import { type Heartbeat, heartbeatSchema } from './heartbeat';
import { workerKey, workersKey } from './queue/names';

/** What the queue knows of workers. */
export interface SignsOfLife {
  /** Those that count still, by the worker's name; what is none is left out. */
  readonly signs: readonly Heartbeat[];
  /** Names whose sign has run out. */
  readonly silent: readonly string[];
}

export async function signsOfLife(
  redis: Pick<Redis, 'smembers' | 'mget'>,
  prefix: string,
): Promise<SignsOfLife> {
  const names = await redis.smembers(workersKey(prefix));
  if (names.length === 0) return { signs: [], silent: [] };
  const texts = await redis.mget(names.map((name) => workerKey(prefix, name)));
  return {
    signs: texts
      .flatMap((text) => (text === null ? [] : (heartbeatOf(text) ?? [])))
      .sort((a, b) => a.name.localeCompare(b.name)),
    silent: names.filter((_, index) => texts[index] === null),
  };
}

/** Signs of life that count still. */
export async function liveWorkers(
  redis: Pick<Redis, 'smembers' | 'mget'>,
  prefix: string,
): Promise<readonly Heartbeat[]> {
  return (await signsOfLife(redis, prefix)).signs;
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
