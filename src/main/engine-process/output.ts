import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray } from '../../shared/arrays';
import { type EngineFile } from '../../shared/engine';
import { StudioError } from '../../shared/errors';
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
    throw explainWriteError(error, outDir);
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, sha256, bytes: bytes.byteLength };
}

export function writeArray(outDir: string, name: string, array: NdArray): Promise<EngineFile> {
  return writeBytes(outDir, name, encodeNpy(array));
}

/** A full or read-only disk in the words of the contract; any other error as it is. */
export function explainWriteError(error: unknown, outDir: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const details = { path: outDir, code };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `The disk that holds ${outDir} is full: free some space, then go on; nothing done so far is lost.`;
    return new StudioError({ code: 'disk-full', message, details }, error);
  }
  if (['EROFS', 'EACCES', 'EPERM'].includes(code)) {
    const message = `${outDir} cannot be written: give your user the right to write there, or choose another data directory.`;
    return new StudioError({ code: 'read-only', message, details }, error);
  }
  return error;
}
