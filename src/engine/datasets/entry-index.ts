import path from 'node:path';
import { type Listing } from './file-tree';
import { refusal } from './refusal';

interface Folder<T> {
  readonly files: Map<string, T>;
  readonly folders: Set<string>;
}

/** The entries of an archive by the folders that they lie in. */
export class EntryIndex<T> {
  readonly #label: string;
  readonly #folders = new Map<string, Folder<T>>();

  /** @param label the archive's name, for refusals */
  constructor(label: string) {
    this.#label = label;
  }

  /** @param place as `entryPath` has it; '' is the top */
  addFolder(place: string): void {
    this.#folder(place);
  }

  /** @throws StudioError `corrupt-file` where it is there already */
  add(place: string, entry: T): void {
    const { dir, base } = path.posix.parse(place);
    const { files } = this.#folder(dir);
    if (files.has(base)) throw refusal(place, `it is in ${this.#label} twice`);
    files.set(base, entry);
  }

  get(place: string): T | undefined {
    const { dir, base } = path.posix.parse(place);
    return this.#folders.get(dir)?.files.get(base);
  }

  /** @returns null where there is no such folder */
  list(folder: string): Listing | null {
    const found = this.#folders.get(folder);
    return found ? { files: new Set(found.files.keys()), folders: found.folders } : null;
  }

  #folder(place: string): Folder<T> {
    const known = this.#folders.get(place);
    if (known) return known;
    const made: Folder<T> = { files: new Map<string, T>(), folders: new Set<string>() };
    this.#folders.set(place, made);
    if (place !== '') {
      const { dir, base } = path.posix.parse(place);
      this.#folder(dir).folders.add(base);
    }
    return made;
  }
}
