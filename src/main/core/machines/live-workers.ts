import type { Redis } from 'ioredis';
import { type Heartbeat, heartbeatSchema } from './heartbeat';
import { workerKey, workersKey } from './queue/names';

/** Signs of life that count still, by the worker's name; what is none is left out. */
export async function liveWorkers(
  redis: Pick<Redis, 'smembers' | 'mget'>,
  prefix: string,
): Promise<Heartbeat[]> {
  const names = await redis.smembers(workersKey(prefix));
  if (names.length === 0) return [];
  const texts = await redis.mget(names.map((name) => workerKey(prefix, name)));
  return texts
    .flatMap((text) => (text === null ? [] : (heartbeatOf(text) ?? [])))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function heartbeatOf(text: string): Heartbeat | null {
  try {
    return heartbeatSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
