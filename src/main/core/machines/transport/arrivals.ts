import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from '../../../../shared/canonical';
import { conflict, StudioError } from '../../../../shared/errors';
import { hashFile } from '../../artifacts/hash';
import { renameDurably, syncPath } from '../../storage/durable';
import { storageError } from '../../storage/storage-error';
import { figuresOf } from '../figures';
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

const week = 7 * 24 * 3_600_000;

/**
 * What workers sent and nobody has stored yet, on the coordinator's disk:
 *
 *     blobs/SHA256           whole files, their hash checked
 *     parts/SHA256           what has arrived of others
 *     results/REQUEST.json   what came of requests; their blobs are there
 *     contradictions/…       what came of them a second time, with another content
 */
export class Arrivals {
  readonly root: string;
  readonly #receiving = new Set<string>();
  readonly #listeners = new Set<(request: string) => void>();
  readonly #contradictions = new Set<(contradiction: Contradiction) => void>();
  /** Requests by the blobs that their results name; read once. */
  #namers: Promise<Map<string, Set<string>>> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(root: string) {
    this.root = root;
  }

  /** Where a blob lies that has arrived whole. */
  blob(sha256: string): string {
    return this.#path('blobs', sha256);
  }

  async held(sha256: string): Promise<Held | null> {
    const whole = await stat(this.blob(sha256)).catch(() => null);
    if (whole) return { bytes: whole.size, whole: true };
    const part = await stat(this.#path('parts', sha256)).catch(() => null);
    return part ? { bytes: part.size, whole: false } : null;
  }

  /**
   * Take in what a stream brings of a blob of so many bytes, from an offset on; from 0 it is begun anew.
   * What has arrived stays when the stream breaks off.
   *
   * @throws StudioError `busy` while another stream brings it, or where the offset is not where the part
   *   ends, `corrupt-file` where the whole has another hash: then nothing of it is kept
   */
  async receive(sha256: string, bytes: number, offset: number, stream: Readable): Promise<void> {
    if (this.#receiving.has(sha256)) {
      throw new StudioError({ code: 'busy', message: 'The file is being sent already.' });
    }
    this.#receiving.add(sha256);
    try {
      await this.#receive(sha256, bytes, offset, stream);
    } catch (error) {
      throw storageError(error, this.root);
    } finally {
      this.#receiving.delete(sha256);
    }
  }

  /** What has arrived for a request; null: nothing, or nothing whole. */
  async result(request: string): Promise<WorkResult | null> {
    const result = await this.#read(this.#resultPath(request));
    if (result?.kind !== 'done') return result;
    for (const { sha256, bytes } of result.files) {
      const found = await stat(this.blob(sha256)).catch(() => null);
      if (found?.size !== bytes) return null;
    }
    return result;
  }

  /**
   * Write down what came of a request, once.
   *
   * @throws StudioError `not-found` where a blob of it is not there (any more: what other results named
   *   goes with them), `conflict` where another result is: that one is kept beside it, and whoever
   *   listens hears of both workers
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
    this.#contradictions.add(listener);
    return () => void this.#contradictions.delete(listener);
  }

  /** Forget the result of a request, and the blobs that no other one names. */
  remove(request: string): Promise<void> {
    return this.#oneByOne(async () => {
      const result = await this.#read(this.#resultPath(request));
      await rm(this.#resultPath(request), { force: true });
      if (result?.kind !== 'done') return;
      const namers = await this.#namersOf();
      for (const { sha256 } of result.files) {
        const others = namers.get(sha256);
        others?.delete(request);
        if (others && others.size > 0) continue;
        namers.delete(sha256);
        await rm(this.blob(sha256), { force: true });
      }
    });
  }

  /** Delete what nobody has come for in a week: of runs that were given up, of workers that lied. */
  async sweep(olderThan = week): Promise<void> {
    const before = Date.now() - olderThan;
    for (const folder of ['results', 'parts', 'contradictions', 'blobs'] as const) {
      for (const name of await this.#names(folder)) {
        const path = join(this.root, folder, name);
        const found = await stat(path).catch(() => null);
        if (!found || found.mtimeMs >= before) continue;
        if (folder === 'results') await this.remove(name.replace(/\.json$/, ''));
        else if (folder !== 'blobs' || !(await this.#namersOf()).has(name)) {
          await rm(path, { force: true });
        }
      }
    }
  }

  async #receive(sha256: string, bytes: number, offset: number, stream: Readable): Promise<void> {
    const held = await this.held(sha256);
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
    const part = this.#path('parts', sha256);
    await this.#make('parts');
    let arrived = offset;
    await pipeline(
      stream,
      async function* bounded(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          arrived += chunk.byteLength;
          if (arrived > bytes) throw conflict(`More than ${bytes} bytes of the file were sent.`);
          yield chunk;
        }
      },
      createWriteStream(part, { flags: offset > 0 ? 'a' : 'w' }),
    );
    if (arrived < bytes) return;
    if ((await hashFile(part, 'sha256')) !== sha256) {
      await rm(part, { force: true });
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
      await this.#make('contradictions');
      await writeFile(
        this.#path('contradictions', `${request}-${randomUUID()}.json`),
        JSON.stringify(result),
      );
      const workers = [present.worker, result.worker] as const;
      for (const listener of this.#contradictions) listener({ request, workers });
      throw conflict('Another result of the same work is there already.');
    }
    if (result.kind === 'done') {
      for (const { name, sha256, bytes } of result.files) {
        const found = await stat(this.blob(sha256)).catch(() => null);
        if (found?.size !== bytes) throw notHere(name);
      }
    }
    if (!present) {
      await this.#make('results');
      const file = `${path}.${randomUUID()}.part`;
      await writeFile(file, JSON.stringify(result));
      syncPath(file);
      renameDurably(file, path);
      await this.#name(request, result);
    }
    for (const listener of this.#listeners) listener(request);
  }

  /** A file that is there and says nothing whole says nothing at all. */
  async #read(path: string): Promise<WorkResult | null> {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return workResultSchema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  async #name(request: string, result: WorkResult): Promise<void> {
    const namers = await this.#namersOf();
    if (result.kind !== 'done') return;
    for (const { sha256 } of result.files) {
      namers.set(sha256, (namers.get(sha256) ?? new Set()).add(request));
    }
  }

  #namersOf(): Promise<Map<string, Set<string>>> {
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
    })();
    return this.#namers;
  }

  async #names(folder: string): Promise<string[]> {
    const path = join(this.root, folder);
    return existsSync(path) ? (await readdir(path)).sort() : [];
  }

  async #make(folder: string): Promise<void> {
    await mkdir(join(this.root, folder), { recursive: true, mode: 0o700 });
  }

  #resultPath(request: string): string {
    return `${this.#path('results', request)}.json`;
  }

  /** Only hashes, and what this class itself appends to them, become paths. */
  #path(folder: string, name: string): string {
    hashSchema.parse(name.slice(0, 64));
    return join(this.root, folder, name);
  }

  /** What touches results waits for what touched them before. */
  #oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

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
