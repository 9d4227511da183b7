import { type Scratch } from '../storage/scratch';

/** Milliseconds after which a folder that nobody came back to is deleted. */
const patience = 900_000;

interface Kept {
  readonly folder: Promise<string>;
  /** Deletes it. */
  readonly end: () => void;
  readonly gone: Promise<unknown>;
  timer: NodeJS.Timeout | undefined;
  /** How many work in it now. */
  users: number;
}

/** A scratch folder of each client, for what is worth keeping between its requests. */
export class KeptFolders {
  readonly #scratch: Scratch;
  readonly #kept = new Map<string, Kept>();

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  /** Work in the client's folder, made where it has none; it stays for a while after the last of them. */
  async with<T>(client: string, work: (folder: string) => Promise<T>): Promise<T> {
    const kept = this.#kept.get(client) ?? this.#made();
    this.#kept.set(client, kept);
    clearTimeout(kept.timer);
    let folder: string;
    try {
      folder = await kept.folder;
    } catch (error) {
      this.drop(client);
      throw error;
    }
    kept.users += 1;
    try {
      return await work(folder);
    } finally {
      kept.users -= 1;
      if (kept.users === 0 && this.#kept.get(client) === kept) {
        kept.timer = setTimeout(() => this.drop(client), patience).unref();
      }
    }
  }

  drop(client: string): void {
    const kept = this.#kept.get(client);
    if (!kept) return;
    this.#kept.delete(client);
    clearTimeout(kept.timer);
    kept.end();
  }

  async close(): Promise<void> {
    const all = [...this.#kept];
    for (const [client] of all) this.drop(client);
    await Promise.all(all.map(([, { gone }]) => gone));
  }

  #made(): Kept {
    const { promise: folder, resolve, reject } = Promise.withResolvers<string>();
    const { promise: ended, resolve: end } = Promise.withResolvers<undefined>();
    const gone = this.#scratch((made) => {
      resolve(made);
      return ended;
    }).catch(reject);
    folder.catch(() => undefined);
    return { folder, end: () => end(undefined), gone, timer: undefined, users: 0 };
  }
}
