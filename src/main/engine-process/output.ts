import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray } from '../../shared/arrays';
import { type EngineFile } from '../../shared/engine';
import { fileFailure } from '../../shared/errors';
import { encodeNpy } from '../../shared/npy';

/**
 * Write a result's file, which core adopts once the result names it with its hash. Throws
 * `disk-full` or `read-only`.
 */
export async function writeBytes(
  outDir: string,
  name: string,
  bytes: Uint8Array,
): Promise<EngineFile> {
  try {
    await mkdir(outDir, { recursive: true });
    await writeFile(join(outDir, name), bytes);
  } catch (error) {
    throw fileFailure(error, outDir);
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, sha256, bytes: bytes.byteLength };
}

export function writeArray(outDir: string, name: string, array: NdArray): Promise<EngineFile> {
  return writeBytes(outDir, name, encodeNpy(array));
}
