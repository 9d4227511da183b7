import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, StudioError } from '../../shared/errors';

/** What an archive turns out to be by its first bytes. */
export type Container = 'folder' | 'gzip' | 'tar' | 'zip';

/** By its first bytes, never by its name; null: it is none of them. */
export async function containerOf(source: string): Promise<Container | null> {
  return sniff(source).catch((error: unknown) => {
    if (error instanceof StudioError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new StudioError(
      {
        code: missing ? 'not-found' : 'corrupt-file',
        message: missing
          ? `${source} is not there.`
          : `${source} cannot be read (${reasonOf(error)}).`,
        details: { file: path.basename(source), path: source },
      },
      error,
    );
  });
}

export function containerWords(container: Container | null): string {
  if (container === null) return 'no archive';
  return { folder: 'a folder', gzip: 'a gzipped file', tar: 'a tar', zip: 'a zip file' }[container];
}

async function sniff(source: string): Promise<Container | null> {
  const found = await stat(source);
  if (found.isDirectory()) return 'folder';
  if (!found.isFile()) return null;
  const handle = await open(source, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    if (buffer[0] === 0x1f && buffer[1] === 0x8b) return 'gzip';
    if (buffer[0] === 0x50 && buffer[1] === 0x4b) return 'zip';
    return bytesRead === 512 && isTarHeader(buffer) ? 'tar' : null;
  } finally {
    await handle.close();
  }
}

/** By its checksum, which tars of before POSIX have too: the sum of its bytes, its own as spaces. */
function isTarHeader(block: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(block.subarray(148, 156));
  const stated = /^[ \0]*([0-7]{1,7})[ \0]*$/.exec(text)?.[1];
  if (stated === undefined) return false;
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  return Number.parseInt(stated, 8) === sum;
}
