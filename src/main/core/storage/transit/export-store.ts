import { constants } from 'node:fs';
import { copyFile, link, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../../../shared/errors';
import { type ExportFile } from '../../../../shared/export-file';
import { storageError } from '../storage-error';

/** Milliseconds after which a file that nobody fetched is deleted. */
const patience = 3_600_000;

/** A file that was fetched: read it, then give it up. */
export interface TakenFile {
  readonly name: string;
  readonly mime: string;
  readonly bytes: number;
  /** To be read alone: it may be the store's own file under another name. */
  readonly path: string;
  /** Deletes it. */
  readonly release: () => Promise<void>;
}

interface Entry extends ExportFile {
  readonly made: number;
}

export interface ExportStoreOptions {
  /** A folder of its own; made when it is needed. */
  readonly root: string;
  readonly newId: () => string;
  readonly now: () => number;
}

/** Files on their way out: made by a route, fetched once by whoever asked for them. */
export class ExportStore {
  readonly #options: ExportStoreOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ExportStoreOptions) {
    this.#options = options;
  }

  /** A file of these bytes, or of this text in UTF-8. */
  put(name: string, mime: string, content: Uint8Array | string): Promise<ExportFile> {
    return this.write(name, mime, (path) => writeFile(path, content));
  }

  /** A file that lies here already, without a copy where the disk can do that. */
  offer(name: string, mime: string, from: string): Promise<ExportFile> {
    return this.write(name, mime, (path) =>
      link(from, path).catch(() => copyFile(from, path, constants.COPYFILE_FICLONE)),
    );
  }

  /** A file that `write` makes at a path; nothing is left where it throws. */
  async write(
    name: string,
    mime: string,
    write: (path: string) => Promise<void>,
  ): Promise<ExportFile> {
    const { root, newId, now } = this.#options;
    await this.sweep();
    const file = newId();
    const path = this.#pathOf(file);
    try {
      await mkdir(root, { recursive: true });
      await write(path);
      const entry: Entry = { name, mime, file, bytes: (await stat(path)).size, made: now() };
      this.#entries.set(file, entry);
      return { name, mime, file, bytes: entry.bytes };
    } catch (error) {
      await rm(path, { force: true });
      throw storageError(error, root);
    }
  }

  /** Once: from now on nobody else gets it. */
  take(file: string): TakenFile {
    const entry = this.#entries.get(file);
    if (!entry) {
      throw new StudioError({
        code: 'not-found',
        message: 'This file was fetched already, or more than an hour ago: export it again.',
      });
    }
    this.#entries.delete(file);
    const { name, mime, bytes } = entry;
    const path = this.#pathOf(file);
    return { name, mime, bytes, path, release: () => rm(path, { force: true }) };
  }

  /** Delete what nobody fetched for an hour. */
  async sweep(): Promise<void> {
    const before = this.#options.now() - patience;
    for (const { file, made } of this.#entries.values()) {
      if (made < before) await this.take(file).release();
    }
  }

  async close(): Promise<void> {
    this.#entries.clear();
    await rm(this.#options.root, { recursive: true, force: true });
  }

  #pathOf(file: string): string {
    return join(this.#options.root, file);
  }
}
