import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
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

/** `writeBytes` of a file that is never whole in memory. */
export async function writePieces(
  outDir: string,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<EngineFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const failed = (error: unknown) => fileFailure(error, outDir);
  await mkdir(outDir, { recursive: true }).catch((error: unknown) => {
    throw failed(error);
  });
  const file = await open(join(outDir, name), 'w').catch((error: unknown) => {
    throw failed(error);
  });
  try {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.byteLength;
      await file.writeFile(piece).catch((error: unknown) => {
        throw failed(error);
      });
    }
  } finally {
    await file.close();
  }
  return { name, sha256: hash.digest('hex'), bytes };
}

export function writeArray(outDir: string, name: string, array: NdArray): Promise<EngineFile> {
  return writeBytes(outDir, name, encodeNpy(array));
}
