import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { PassThrough } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { breathe, throwIfCancelled } from '../runtime/cancel';
import { entryPath, tooLarge } from './file-tree';
import { refusal, refusing } from './refusal';

export interface UnpackLimits {
  /** Bytes of one file. */
  readonly file: number;
  /** Bytes of all entries, wanted or not. */
  readonly total: number;
  readonly entries: number;
}

export interface UnpackOptions {
  readonly gzipped: boolean;
  /** Folder that exists; files are written into it, flat. */
  readonly into: string;
  /** The name to write a file under, by its path and bytes; null: pass over it. May throw to refuse. */
  readonly name: (place: string, bytes: number) => string | null;
  /** Told of every folder that has an entry of its own. */
  readonly folder?: (place: string) => void;
  readonly limits: UnpackLimits;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the archive read, of how many. */
  readonly report?: (done: number, total: number) => void;
}

/**
 * Unpack some files of a tar in one pass.
 *
 * @returns the names written
 * @throws StudioError `corrupt-file` naming the archive or its entry: truncated or damaged, a path
 *   that leads out, a link, a name twice, or more bytes than the limits
 */
export async function unpackTarball(file: string, options: UnpackOptions): Promise<Set<string>> {
  const label = path.basename(file);
  const { gzipped, into, limits, signal } = options;
  const { size } = await refusing(label, 'it cannot be read', () => stat(file));
  const written = new Set<string>();
  const tar = extract();
  const unpacked = gzipped ? createGunzip() : new PassThrough();
  // Ends the loop below, which would wait for entries that no longer come.
  const fail = (error: unknown) =>
    void tar.destroy(error instanceof Error ? error : new Error(String(error)));
  const source = createReadStream(file, { highWaterMark: 2 ** 18 });
  const fed = pipeline(source, unpacked, async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      if (!tar.write(chunk)) await drained(tar);
      options.report?.(source.bytesRead, size);
      await breathe(signal);
    }
    tar.end(undefined);
  });
  fed.catch(fail);
  try {
    await refusing(label, 'it is truncated or damaged', async () => {
      let entries = 0;
      let total = 0;
      for await (const entry of tar) {
        const { header } = entry;
        const place = entryPath(label, header.name);
        entries += 1;
        if (entries > limits.entries) throw refusal(label, `it has over ${limits.entries} entries`);
        requireFile(place, header);
        total += header.size;
        if (total > limits.total) throw tooLarge(label, limits.total);
        if (header.type === 'directory') options.folder?.(place);
        const name = header.type === 'file' ? options.name(place, header.size) : null;
        if (name === null) {
          entry.resume();
          continue;
        }
        if (header.size > limits.file) throw tooLarge(place, limits.file);
        if (written.has(name)) throw refusal(place, `it is in ${label} twice`);
        written.add(name);
        await save(path.join(into, name), entry as AsyncIterable<Uint8Array>);
      }
      await fed;
    });
    return written;
  } catch (error) {
    // What breaks off because it is given up is no damage.
    throwIfCancelled(signal);
    throw error;
  } finally {
    tar.destroy();
    unpacked.destroy();
    await fed.catch(() => undefined);
  }
}

/** Entries are files and folders; `pax` headers have been taken in by the reader. */
function requireFile(place: string, { type, linkname }: Header): void {
  if (type === 'file' || type === 'directory' || type === 'contiguous-file') return;
  const what = type === 'symlink' || type === 'link' ? `a link to ${linkname}` : `a ${type}`;
  throw refusal(place, `it is ${what}, not a file`);
}

async function save(target: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(target, 'wx');
  try {
    for await (const chunk of chunks) await handle.writeFile(chunk);
  } finally {
    await handle.close();
  }
}

/** Resolves when more may be written, or nothing ever will. */
function drained(tar: ReturnType<typeof extract>): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      tar.off('drain', go);
      tar.off('close', go);
      resolve();
    };
    tar.on('drain', go);
    tar.on('close', go);
  });
}
