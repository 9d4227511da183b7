import type { Dirent } from 'node:fs';
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf } from '../../shared/errors';
import { refusal, refusing } from './refusal';

/** Names of one folder. */
export interface Listing {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

/** A distribution's files by their path from its top folder, `/` between folders. */
export interface FileTree {
  /** What a person knows it by: the name of the archive or folder. */
  readonly label: string;
  /** @returns null where there is no such folder; '' is the top */
  list(folder: string): Promise<Listing | null>;
  /** Bytes of a file, as the archive or the disk states them. */
  size(file: string): Promise<number>;
  /**
   * The whole content of a file.
   *
   * @param limit bytes; a longer file is refused
   * @throws StudioError `corrupt-file` naming the file
   */
  read(file: string, limit: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A name that is one step within a folder, not a way out of it. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\\/\0]/.test(name);
}

/**
 * The path of an archive's entry without `./` in front and `/` behind.
 *
 * @throws StudioError `corrupt-file` where it is absolute or leads out of the archive
 */
export function entryPath(archive: string, name: string): string {
  const steps = name
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '')
    .replace(/\/$/, '')
    .split('/');
  if (steps.length === 1 && (steps[0] === '' || steps[0] === '.')) return '';
  if (/^([a-z]:|\/|\\)/i.test(name) || !steps.every(isPlainName)) {
    throw refusal(archive, `its entry ${JSON.stringify(name)} leads out of the archive`);
  }
  return steps.join('/');
}

export class FolderTree implements FileTree {
  readonly label: string;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.label = path.basename(root);
  }

  async list(folder: string): Promise<Listing | null> {
    let found: Dirent[];
    try {
      found = await readdir(path.join(this.#root, folder), { withFileTypes: true });
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
      throw refusal(folder || this.label, `it cannot be read (${reasonOf(error)})`, error);
    }
    const link = found.find((entry) => entry.isSymbolicLink());
    if (link) throw refusal(join(folder, link.name), 'it is a symbolic link');
    return {
      files: new Set(found.filter((entry) => entry.isFile()).map(({ name }) => name)),
      folders: new Set(found.filter((entry) => entry.isDirectory()).map(({ name }) => name)),
    };
  }

  size(file: string): Promise<number> {
    return refusing(file, 'it cannot be read', async () => {
      const found = await lstat(path.join(this.#root, file));
      if (!found.isFile()) throw refusal(file, 'it is not a file');
      return found.size;
    });
  }

  read(file: string, limit: number): Promise<Uint8Array> {
    return refusing(file, 'it cannot be read', async () => {
      // A link is not followed, and a pipe does not keep us waiting.
      const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
      const handle = await open(path.join(this.#root, file), flags);
      try {
        const found = await handle.stat();
        if (!found.isFile()) throw refusal(file, 'it is not a file');
        const { size } = found;
        if (size > limit) throw tooLarge(file, limit);
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function tooLarge(file: string, limit: number) {
  return refusal(file, `it is larger than ${limit.toLocaleString('en')} bytes`);
}

/** A path within a tree. */
export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
