import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../../shared/canonical';
import { type FoundMaps, foundMapsSchema } from '../../shared/foreign-maps';
import { encodeNpy } from '../../shared/npy';
import { requireFree } from '../datasets/free-space';
import { mapsInBlock, type MapsRequest, readMaps } from './read-maps';

/** A file that was written, with the hash of its content. */
const writtenSchema = z.object({ name: z.string(), bytes: z.int(), sha256: z.string() });
type Written = z.infer<typeof writtenSchema>;

export interface WrittenMaps {
  /** float32 [n, H, W, C], in the order of the images' indices. */
  readonly files: Written[];
  readonly found: FoundMaps;
  /** Maps in each file but the last. */
  readonly block: number;
}

type Request = Omit<MapsRequest, 'scratch' | 'resume'>;

/**
 * Write maps that were made elsewhere in blocks of a few MB. What an attempt that ended early left in the
 * folder is gone on with, where the file and what is asked are the same. Once a map is broken, or the same
 * everywhere unless that is accepted, the others are looked at and nothing more is written.
 *
 * @param constant whether maps that are the same everywhere are accepted
 */
export async function writeBlocks(
  request: Request,
  folder: string,
  constant: boolean,
): Promise<WrittenMaps> {
  await mkdir(folder, { recursive: true });
  const kept = await KeptBlocks.open(folder, await planOf(request));
  const files = [...kept.files];
  let perBlock = 1;
  const found = await readMaps(
    {
      ...request,
      scratch: folder,
      ...(kept.last && { resume: kept.last }),
      async begin([height, width, channels], left) {
        perBlock = mapsInBlock(height * width * channels);
        await requireFree(folder, left * height * width * channels * 4, 'Keeping the maps');
      },
    },
    async ({ from, shape, data }, soFar) => {
      if (soFar.brokenMaps > 0 || (soFar.constantMaps > 0 && !constant)) return;
      const name = `maps-${String(from / perBlock).padStart(5, '0')}.npy`;
      const bytes = encodeNpy({ shape, data });
      await writeFile(path.join(folder, name), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const file = { name, bytes: bytes.byteLength, sha256 };
      files.push(file);
      await kept.add(file, from + shape[0], soFar);
    },
  );
  return { files, found, block: perBlock };
}

/** What is imported: an attempt with another digest is another import. */
async function planOf({ path: file, array, side, images }: Request): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const hash = createHash('sha256');
  hash.update(canonicalJson({ size, mtimeMs, array, side: [...side] }));
  hash.update(new Uint8Array(Int32Array.from(images).buffer));
  return hash.digest('hex');
}

/** Beside the blocks of an import that is not whole yet: its plan, then a line for each block. */
const keptFile = 'begun.jsonl';
const headSchema = z.object({ format: z.literal(1), plan: z.string() });
const lineSchema = z.object({
  file: writtenSchema,
  /** Maps written, this block's among them, and what was found in them. */
  done: z.int().nonnegative(),
  found: foundMapsSchema,
});

/** What an import has written so far. */
class KeptBlocks {
  readonly files: readonly Written[];
  /** Null: nothing is kept. */
  readonly last: NonNullable<MapsRequest['resume']> | null;
  readonly #file: string;

  private constructor(file: string, lines: readonly z.infer<typeof lineSchema>[]) {
    this.#file = file;
    this.files = lines.map((line) => line.file);
    const last = lines.at(-1);
    this.last = last ? { done: last.done, found: last.found } : null;
  }

  /** As far as what was written down is there; the rest of it is forgotten. */
  static async open(folder: string, plan: string): Promise<KeptBlocks> {
    const place = path.join(folder, keptFile);
    const text = await readFile(place, 'utf8').catch(() => '');
    const [first = '', ...rest] = text.split('\n');
    const lines: z.infer<typeof lineSchema>[] = [];
    if (headSchema.safeParse(parsed(first)).data?.plan !== plan) {
      await rm(place, { force: true });
      await writeFile(place, `${JSON.stringify({ format: 1, plan })}\n`);
      return new KeptBlocks(place, lines);
    }
    let end = Buffer.byteLength(first) + 1;
    for (const line of rest) {
      const known = lineSchema.safeParse(parsed(line)).data;
      if (!known) break;
      const there = await stat(path.join(folder, known.file.name)).catch(() => null);
      if (there?.size !== known.file.bytes) break;
      lines.push(known);
      end += Buffer.byteLength(line) + 1;
    }
    await truncate(place, end);
    return new KeptBlocks(place, lines);
  }

  /** The block's own file is written. */
  async add(file: Written, done: number, found: FoundMaps): Promise<void> {
    await appendFile(this.#file, `${JSON.stringify({ file, done, found })}\n`);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
