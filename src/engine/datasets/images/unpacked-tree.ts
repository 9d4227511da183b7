import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isJunkPath } from '../../../shared/junk-files';
import { EntryIndex } from '../entry-index';
import { type FileState, type FileTree, type Listing, tooLarge } from '../file-tree';
import { refusal, refusing, refusingPieces } from '../refusal';
import { unpackTarball } from '../tarball';
import { maxEntries, maxFileBytes } from './limits';

interface Unpacked {
  readonly bytes: number;
  /** Which of the files it is, from 1. The tar has one time for them all: its own. */
  readonly place: number;
  /** Its name in the scratch folder; null: it is larger than any image that is read. */
  readonly name: string | null;
}

export interface TarRequest {
  readonly file: string;
  readonly gzipped: boolean;
  /** A folder of this tree's own. */
  readonly scratch: string;
  /** Whether that stays for another look at the same tar, which unpacks nothing then; default: it does not. */
  readonly stays?: boolean;
  readonly signal: AbortSignal | undefined;
  readonly report: (done: number, total: number) => void;
}

/** A tar, which cannot be read out of its order: its files lie in a scratch folder, by numbers. */
export class UnpackedTree implements FileTree {
  readonly label: string;
  readonly #scratch: string;
  readonly #entries: EntryIndex<Unpacked>;

  private constructor(label: string, scratch: string, entries: EntryIndex<Unpacked>) {
    this.label = label;
    this.#scratch = scratch;
    this.#entries = entries;
  }

  /** @throws StudioError `corrupt-file` as `unpackTarball` does; `cancelled` */
  static async unpack(request: TarRequest): Promise<UnpackedTree> {
    const { file, gzipped, scratch, stays = false, ...rest } = request;
    const label = path.basename(file);
    const entries = new EntryIndex<Unpacked>(label);
    const state = stays ? await stateOf(file) : null;
    if (state !== null) {
      const kept = await indexIn(scratch, state);
      if (kept) {
        for (const entry of kept) {
          if ('folder' in entry) entries.addFolder(entry.folder);
          else entries.add(entry.file, entry);
        }
        return new UnpackedTree(label, scratch, entries);
      }
      await rm(scratch, { recursive: true, force: true });
    }
    const found: KeptEntry[] = [];
    let count = 0;
    await mkdir(scratch, { recursive: true });
    const { bavail, bsize } = await statfs(scratch);
    await unpackTarball(file, {
      gzipped,
      into: scratch,
      limits: { file: maxFileBytes, total: bavail * bsize, entries: maxEntries },
      name(place, bytes) {
        if (isJunkPath(place)) return null;
        count += 1;
        const name = bytes > maxFileBytes ? null : String(count);
        const entry = { bytes, place: count, name };
        entries.add(place, entry);
        if (state !== null) found.push({ file: place, ...entry });
        return name;
      },
      folder(place) {
        if (isJunkPath(place)) return;
        entries.addFolder(place);
        if (state !== null) found.push({ folder: place });
      },
      ...rest,
    });
    if (state !== null) await writeIndex(scratch, state, found);
    return new UnpackedTree(label, scratch, entries);
  }

  list(folder: string): Promise<Listing | null> {
    return Promise.resolve(this.#entries.list(folder));
  }

  async size(file: string): Promise<number> {
    return (await this.state(file)).bytes;
  }

  state(file: string): Promise<FileState> {
    return refusing(file, 'it cannot be read', () => {
      const { bytes, place } = this.#entry(file);
      return Promise.resolve({ bytes, stamp: String(place) });
    });
  }

  read(file: string, limit: number): Promise<Uint8Array> {
    return refusing(file, 'it cannot be read', () => readFile(this.#placeOf(file, limit)));
  }

  pieces(file: string, limit: number): AsyncIterable<Uint8Array> {
    return refusingPieces(file, 'it cannot be read', () =>
      Promise.resolve(createReadStream(this.#placeOf(file, limit))),
    );
  }

  place(file: string): Promise<string | null> {
    const { name } = this.#entry(file);
    return Promise.resolve(name === null ? null : path.join(this.#scratch, name));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #placeOf(file: string, limit: number): string {
    const { bytes, name } = this.#entry(file);
    if (name === null || bytes > limit) throw tooLarge(file, Math.min(limit, maxFileBytes));
    return path.join(this.#scratch, name);
  }

  #entry(file: string): Unpacked {
    const entry = this.#entries.get(file);
    if (!entry) throw refusal(file, `${this.label} has no such file`);
    return entry;
  }
}

/** An entry as it is written down beside what was unpacked. */
type KeptEntry = ({ readonly file: string } & Unpacked) | { readonly folder: string };

const keptEntrySchema: z.ZodType<KeptEntry> = z.union([
  z.object({
    file: z.string(),
    bytes: z.int(),
    place: z.int(),
    name: z.string().nullable(),
  }),
  z.object({ folder: z.string() }),
]);

const indexFile = 'index.jsonl';

/** Another where the tar is another. */
async function stateOf(file: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(file, { bigint: true });
  return `${file} ${ino} ${size} ${mtimeNs}`;
}

/** Written once all is unpacked: what was given up has none. */
async function writeIndex(
  folder: string,
  state: string,
  entries: readonly KeptEntry[],
): Promise<void> {
  const handle = await open(path.join(folder, indexFile), 'w');
  try {
    await handle.writeFile(`${JSON.stringify(state)}\n`);
    for (let at = 0; at < entries.length; at += 5000) {
      const lines = entries.slice(at, at + 5000).map((entry) => `${JSON.stringify(entry)}\n`);
      await handle.writeFile(lines.join(''));
    }
  } finally {
    await handle.close();
  }
}

/** Null where that tar was not unpacked there. */
async function indexIn(folder: string, state: string): Promise<readonly KeptEntry[] | null> {
  try {
    const [first = '', ...lines] = (await readFile(path.join(folder, indexFile), 'utf8'))
      .trimEnd()
      .split('\n');
    if (JSON.parse(first) !== state) return null;
    return lines.map((line) => keptEntrySchema.parse(JSON.parse(line)));
  } catch {
    return null;
  }
}
