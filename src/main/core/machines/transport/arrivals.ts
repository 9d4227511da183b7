import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createWriteStream } from 'node:fs';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { canonicalJson } from '../../../../shared/canonical';
import { conflict, fileFailure, StudioError } from '../../../../shared/errors';
import { diskFull } from '../../../../shared/system-error';
import { hashFile } from '../../artifacts/hash';
import { renameDurably, syncPath } from '../../storage/durable';
import { storageError } from '../../storage/storage-error';
import { figuresOf } from '../figures';
import { isFolder, mayNotRead, openOwn, openPlain, plainFile, removeOwn } from './plain-file';
import { hashSchema, type WorkResult, workResultSchema } from '../work-chain';

/** What came of a request twice, by two workers, with different content. */
export interface Contradiction {
  readonly request: string;
  readonly workers: readonly [string, string];
}

/** How much of a blob is there. */
export interface Held {
  readonly bytes: number;
  readonly whole: boolean;
}

/** Who is told of contradictions. */
export type Judges = Set<(contradiction: Contradiction) => void>;

export interface ArrivalsOptions {
  /** Whether other processes write there, too: then nothing that is remembered of it counts. */
  readonly shared?: boolean;
  /** Milliseconds without a byte after which a stream counts as broken off. */
  readonly patience?: number;
  /** Bytes of the disk that workers never get; default a gigabyte, or less where it is small. */
  readonly reserve?: number;
}

const week = 7 * 24 * 3_600_000;
/** Longer than any pause of a worker that is there, shorter than until another begins its work. */
const patience = 30_000;
/** The least that is left of a disk, and the share of a small one. */
const reserve = { bytes: 1024 ** 3, share: 0.05 };
/** Files that one sender brings at once: more than the slots of an array of workers with one join. */
const mostStreams = 256;
/** Bytes that come between two looks whether the disk takes more: others write to it, too. */
const bytesPerLook = 16 * 1024 ** 2;
/** Bytes of the longest result that is read: what the listener takes, with room for its spelling. */
const longestResult = 4 * 1024 ** 2;
/** What this class names its files by. */
const ownName = /^[0-9a-f]{64}([.-][a-z0-9.-]*)?$/;

/**
 * What workers sent and nobody has stored yet, on the coordinator's disk:
 *
 *     blobs/SHA256           whole files, their hash checked
 *     parts/SHA256-SENDER    what has arrived of others, by who sends it
 *     results/REQUEST.json   what came of requests; their blobs are there
 *     contradictions/…       two different results of one request
 *
 * Workers may write to a folder that all see: only plain files with such names are read or deleted, and
 * nothing where one of the four is a link.
 */
export class Arrivals {
  readonly root: string;
  readonly #options: ArrivalsOptions;
  /** What is coming, by the part. */
  readonly #receiving = new Map<string, { readonly sender: string; readonly bytes: number }>();
  readonly #listeners = new Set<(request: string) => void>();
  /** Told of contradictions. */
  readonly #judges: Judges;
  /** Requests whose contradictions are told and could not be given another name. */
  readonly #kept = new Set<string>();
  /** Requests by the blobs that their results name; read once. */
  #namers: Promise<Map<string, Set<string>>> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** @param judges who else is told of contradictions here, as long as somebody is */
  constructor(root: string, options: ArrivalsOptions = {}, judges: Judges = new Set()) {
    this.root = root;
    this.#options = options;
    this.#judges = judges;
  }

  /** Where a blob lies that has arrived whole. */
  blob(sha256: string): string {
    return join(this.root, 'blobs', hashSchema.parse(sha256));
  }

  /**
   * @param sender a name of letters, digits and hyphens: parts are each sender's own, so that nobody
   *   spoils or holds up what another sends
   */
  async held(sha256: string, sender = ''): Promise<Held | null> {
    const whole = await plainFile(this.blob(sha256));
    if (whole) return { bytes: whole.size, whole: true };
    const part = await plainFile(this.#part(sha256, sender));
    return part ? { bytes: part.size, whole: false } : null;
  }

  /** Whether a blob is there with the content that its name says; another content goes. */
  async isWhole(sha256: string, bytes: number): Promise<boolean> {
    const found = await plainFile(this.blob(sha256));
    if (!found) return false;
    if (found.size === bytes && (await hashFile(this.blob(sha256), 'sha256')) === sha256)
      return true;
    await removeOwn(this.blob(sha256));
    return false;
  }

  /**
   * Copy a blob that has arrived: what becomes of it here afterwards does not change the copy.
   *
   * @throws StudioError `corrupt-file` for one that this user may not read
   */
  async copy(sha256: string, file: string): Promise<void> {
    const blob = await openPlain(this.blob(sha256)).catch((error: unknown) => {
      throw mayNotRead(error)
        ? new StudioError({ code: 'corrupt-file', message: closedFile(sha256) }, error)
        : error;
    });
    await pipeline(blob.createReadStream({ highWaterMark: 1 << 20 }), createWriteStream(file));
  }

  /**
   * Take in what a stream brings of a blob of so many bytes, from an offset on; from 0 it is begun anew.
   * What has arrived stays when the stream breaks off.
   *
   * @throws StudioError `busy` while another stream of the same sender brings it, or so many do that it
   *   waits, or where the offset is not where the part ends, `corrupt-file` where the whole has another
   *   hash: then nothing of it is kept; `disk-full` where too little would be left beside what the same
   *   sender announced, or is left while it comes: what one announces holds up no other
   */
  async receive(
    sha256: string,
    bytes: number,
    offset: number,
    stream: Readable,
    sender = '',
  ): Promise<void> {
    const part = this.#part(sha256, sender);
    if (this.#receiving.has(part)) {
      throw new StudioError({ code: 'busy', message: 'The file is being sent already.' });
    }
    if (this.#comingFrom(sender).length >= mostStreams) {
      throw new StudioError({ code: 'busy', message: `${mostStreams} files are coming already.` });
    }
    this.#receiving.set(part, { sender, bytes: bytes - offset });
    try {
      const incoming = { sha256, bytes, offset, part, sender };
      await this.#receive(incoming, stream, await this.held(sha256, sender));
    } catch (error) {
      throw storageError(error, this.root);
    } finally {
      this.#receiving.delete(part);
    }
  }

  /** Forget what a sender sent of a blob. */
  async drop(sha256: string, sender: string): Promise<void> {
    await removeOwn(this.#part(sha256, sender));
  }

  /** What has arrived for a request; null: nothing, or nothing whole. */
  async result(request: string): Promise<WorkResult | null> {
    const result = await this.#read(this.#resultPath(request));
    // What processes told each other in a folder that all see, this one hears of when it looks.
    if (this.#options.shared === true) await this.#hearContradiction(request);
    if (result?.kind !== 'done') return result;
    for (const { sha256, bytes } of result.files) {
      if ((await plainFile(this.blob(sha256)))?.size !== bytes) return null;
    }
    return result;
  }

  /**
   * Write down what came of a request, once.
   *
   * @throws StudioError `not-found` where a blob of it is not there (any more: what other results named
   *   goes with them), `conflict` where another result is: then neither is taken, both are kept aside,
   *   and whoever listens hears of both workers
   */
  putResult(request: string, result: WorkResult): Promise<void> {
    return this.#oneByOne(() => this.#putResult(request, result));
  }

  /** Told, in this process, of each request whose result has arrived. */
  onResult(listener: (request: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onContradiction(listener: (contradiction: Contradiction) => void): () => void {
    this.#judges.add(listener);
    return () => void this.#judges.delete(listener);
  }

  /** Forget the result of a request, and the blobs that no other one names. */
  remove(request: string): Promise<void> {
    return this.#oneByOne(() => this.#remove(request));
  }

  /**
   * Delete what nobody has come for in a week: of runs that were given up, of workers that lied.
   *
   * @throws what the first failed with that could not be deleted or listed, once all else is
   */
  async sweep(olderThan = week): Promise<void> {
    const before = Date.now() - olderThan;
    const failures: unknown[] = [];
    const attempt = (work: Promise<void>) => work.catch((error: unknown) => failures.push(error));
    for (const folder of ['results', 'parts', 'contradictions', 'blobs'] as const) {
      await attempt(
        this.#names(folder).then(async (names) => {
          for (const name of names) await attempt(this.#sweepOne(folder, name, before));
        }),
      );
    }
    if (failures.length > 0) throw failures[0];
  }

  async #sweepOne(folder: string, name: string, before: number): Promise<void> {
    const path = join(this.root, folder, name);
    const found = await plainFile(path);
    if (!found || found.mtimeMs >= before) return;
    const [, request] = /^([0-9a-f]{64})\.json$/.exec(name) ?? [];
    if (folder === 'results' && request !== undefined) await this.remove(request);
    else if (folder !== 'blobs' || !(await this.#namersOf()).has(name)) await removeOwn(path);
  }

  async #remove(request: string): Promise<void> {
    const result = await this.#read(this.#resultPath(request));
    await removeOwn(this.#resultPath(request));
    if (result?.kind !== 'done') return;
    const namers = await this.#namersOf();
    for (const { sha256 } of result.files) {
      const others = namers.get(sha256);
      others?.delete(request);
      if (others && others.size > 0) continue;
      namers.delete(sha256);
      await removeOwn(this.blob(sha256));
    }
  }

  async #receive(
    { sha256, bytes, offset, part, sender }: Incoming,
    stream: Readable,
    held: Held | null,
  ): Promise<void> {
    if (held?.whole) {
      stream.resume();
      return;
    }
    if (offset > 0 && offset !== held?.bytes) {
      // A connection that ended may still have brought some since its sender asked: it asks again.
      throw new StudioError({
        code: 'busy',
        message: `Of the file there are ${held?.bytes ?? 0} bytes: it goes on from there.`,
      });
    }
    await this.#make('parts');
    await this.#requireRoom(this.#comingFrom(sender).reduce((sum, bytes) => sum + bytes, 0));
    let arrived = offset;
    let looked = offset;
    const coming = (now: number) => this.#receiving.set(part, { sender, bytes: bytes - now });
    const requireRoom = () => this.#requireRoom();
    const silence = new AbortController();
    // Else whoever was cut off without a word would hold the part for ever.
    const timer = setTimeout(() => silence.abort(), this.#options.patience ?? patience);
    try {
      await pipeline(
        stream,
        async function* bounded(chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            timer.refresh();
            arrived += chunk.byteLength;
            if (arrived > bytes) throw conflict(`More than ${bytes} bytes of the file were sent.`);
            coming(arrived);
            if (arrived - looked >= bytesPerLook) {
              looked = arrived;
              await requireRoom();
            }
            yield chunk;
          }
        },
        (await openOwn(part, offset > 0 ? 'append' : 'anew')).createWriteStream(),
        { signal: silence.signal },
      );
    } catch (error) {
      if (!silence.signal.aborted) throw error;
      throw new StudioError(
        { code: 'busy', message: 'No byte of the file came for too long.' },
        error,
      );
    } finally {
      clearTimeout(timer);
    }
    if (arrived < bytes) return;
    // It came for minutes, in which its folder may have become another.
    await this.#make('parts');
    if ((await hashFile(part, 'sha256')) !== sha256) {
      await removeOwn(part);
      throw new StudioError({
        code: 'corrupt-file',
        message: 'What was sent has another hash than its name says: nothing of it was kept.',
      });
    }
    await this.#make('blobs');
    syncPath(part);
    renameDurably(part, this.blob(sha256));
  }

  async #putResult(request: string, result: WorkResult): Promise<void> {
    const path = this.#resultPath(request);
    const present = await this.#read(path);
    if (present && !alike(present, result)) {
      await this.#write(this.#contradictionPath(request), [present, result]);
      // Nobody knows which one is right: the work is to be done anew.
      await this.#remove(request);
      await this.#hearContradiction(request);
      throw conflict('Another result of the same work was there already: neither is taken.');
    }
    if (result.kind === 'done') {
      for (const { name, sha256, bytes } of result.files) {
        if ((await plainFile(this.blob(sha256)))?.size !== bytes) throw notHere(name);
      }
    }
    if (!present) {
      await this.#write(path, result);
      await this.#name(request, result);
    }
    for (const listener of this.#listeners) listener(request);
  }

  /** Tell whoever listens, once: what was told lies under another name. */
  async #hearContradiction(request: string): Promise<void> {
    if (this.#judges.size === 0 || this.#kept.has(request)) return;
    const path = this.#contradictionPath(request);
    const told = contradictionSchema.safeParse(await readJson(path));
    if (!told.success) return;
    try {
      await rename(path, join(this.root, 'contradictions', `${request}-told.json`));
    } catch (error) {
      // Whoever looked at the same time was first, and tells; or it stays where it is.
      if (Reflect.get(Object(error), 'code') === 'ENOENT' || this.#kept.has(request)) return;
      this.#kept.add(request);
    }
    const [one, other] = told.data;
    const workers = [one.worker, other.worker] as const;
    for (const listener of this.#judges) listener({ request, workers });
  }

  /** Written whole or not at all. */
  async #write(path: string, content: unknown): Promise<void> {
    await this.#make(basename(dirname(path)));
    await this.#requireRoom();
    const part = `${path}.${randomUUID()}.part`;
    try {
      await writeFile(part, JSON.stringify(content), { flag: 'wx' });
      syncPath(part);
      renameDurably(part, path);
    } catch (error) {
      await removeOwn(part).catch(() => undefined);
      throw fileFailure(error, this.root);
    }
  }

  /** Bytes to come, of each of a sender's files. */
  #comingFrom(sender: string): number[] {
    const all = [...this.#receiving.values()];
    return all.filter((each) => each.sender === sender).map(({ bytes }) => bytes);
  }

  /** Throws `disk-full` where so many bytes more would leave too little for everything else. */
  async #requireRoom(coming = 0): Promise<void> {
    const disk = await statfs(this.root);
    const all = disk.blocks * disk.bsize;
    // Some file systems of other machines do not tell.
    if (all === 0) return;
    const kept = this.#options.reserve ?? Math.min(reserve.bytes, all * reserve.share);
    if (disk.bavail * disk.bsize - coming < kept) throw new StudioError(diskFull(this.root));
  }

  /** A file that is there and says nothing whole says nothing at all. */
  async #read(path: string): Promise<WorkResult | null> {
    return workResultSchema.safeParse(await readJson(path)).data ?? null;
  }

  async #name(request: string, result: WorkResult): Promise<void> {
    if (result.kind !== 'done') return;
    const namers = await this.#namersOf();
    for (const { sha256 } of result.files) {
      namers.set(sha256, (namers.get(sha256) ?? new Set()).add(request));
    }
  }

  #namersOf(): Promise<Map<string, Set<string>>> {
    if (this.#options.shared === true) this.#namers = null;
    this.#namers ??= (async () => {
      const namers = new Map<string, Set<string>>();
      for (const name of await this.#names('results')) {
        const result = await this.#read(join(this.root, 'results', name));
        if (result?.kind !== 'done') continue;
        const request = name.replace(/\.json$/, '');
        for (const { sha256 } of result.files) {
          namers.set(sha256, (namers.get(sha256) ?? new Set()).add(request));
        }
      }
      return namers;
    })().catch((error: unknown) => {
      // What cannot be listed now may be later.
      this.#namers = null;
      throw error;
    });
    return this.#namers;
  }

  /** Of the files in a folder that this class made; none where the folder itself leads elsewhere. */
  async #names(folder: string): Promise<string[]> {
    const path = join(this.root, folder);
    if (!(await isFolder(path))) return [];
    return (await readdir(path)).filter((name) => ownName.test(name)).sort();
  }

  async #make(folder: string): Promise<void> {
    const path = join(this.root, folder);
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (await isFolder(path)) return;
    throw new StudioError({
      code: 'read-only',
      message: `${path} leads elsewhere, where nothing of workers is to be written.`,
    });
  }

  #resultPath(request: string): string {
    return join(this.root, 'results', `${hashSchema.parse(request)}.json`);
  }

  #contradictionPath(request: string): string {
    return join(this.root, 'contradictions', `${hashSchema.parse(request)}.json`);
  }

  #part(sha256: string, sender: string): string {
    const name = hashSchema.parse(sha256);
    return join(this.root, 'parts', sender === '' ? name : `${name}-${senderSchema.parse(sender)}`);
  }

  /** What touches results waits for what touched them before. */
  #oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

interface Incoming {
  readonly sha256: string;
  readonly bytes: number;
  readonly offset: number;
  /** Where what arrives of it is written. */
  readonly part: string;
  readonly sender: string;
}

const senderSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'letters, digits and hyphens');
const contradictionSchema = z.tuple([workResultSchema, workResultSchema]);

/** Null where no plain file of moderate size holds JSON there. */
async function readJson(path: string): Promise<unknown> {
  const found = await plainFile(path);
  if (!found || found.size > longestResult) return null;
  try {
    const file = await openPlain(path);
    try {
      return JSON.parse(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

const closedFile = (sha256: string): string =>
  `The file ${sha256} has arrived and is not to be read: whoever sent it kept it to itself.`;

const notHere = (name: string) =>
  new StudioError({ code: 'not-found', message: `The file ${name} has not arrived whole.` });

/** Whether two engines came to the same, however long they took. */
function alike(one: WorkResult, other: WorkResult): boolean {
  if (one.kind === 'refused' || other.kind === 'refused') {
    return one.kind === other.kind;
  }
  const files = (result: typeof one) =>
    canonicalJson(Object.fromEntries(result.files.map(({ name, sha256 }) => [name, sha256])));
  return files(one) === files(other) && figuresOf(one.output) === figuresOf(other.output);
}
