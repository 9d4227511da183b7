import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Hash a file without holding it in memory. */
export async function hashFile(
  path: string,
  algorithm: 'md5' | 'sha256' | 'sha512',
  encoding: 'hex' | 'base64' = 'hex',
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash(algorithm);
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  await pipeline(stream, hash, ...(signal ? [{ signal }] : []));
  return hash.digest(encoding);
}
