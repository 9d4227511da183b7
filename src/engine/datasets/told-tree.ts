import { type FileState, type FileTree, type Listing } from './file-tree';

export interface TreeProgress {
  readonly done: number;
  /** 0: it is not known how many there are. */
  readonly total: number;
  readonly unit: 'bytes' | 'files';
}

/** Bytes of a file of which it is told how much was read. */
const longBytes = 8 * 2 ** 20;

/** The files of another tree, told of while they are looked through: how many were seen, and how much of a long one was read. */
export class ToldTree implements FileTree {
  readonly label: string;
  readonly #tree: FileTree;
  readonly #report: (progress: TreeProgress) => void;
  #seen = 0;

  constructor(tree: FileTree, report: (progress: TreeProgress) => void) {
    this.label = tree.label;
    this.#tree = tree;
    this.#report = report;
  }

  async list(folder: string): Promise<Listing | null> {
    const found = await this.#tree.list(folder);
    this.#seen += found?.files.size ?? 0;
    if (this.#seen > 0) this.#report({ done: this.#seen, total: 0, unit: 'files' });
    return found;
  }

  size(file: string): Promise<number> {
    return this.#tree.size(file);
  }

  state(file: string): Promise<FileState> {
    return this.#tree.state(file);
  }

  read(file: string, limit: number): Promise<Uint8Array> {
    return this.#tree.read(file, limit);
  }

  async *pieces(file: string, limit: number): AsyncGenerator<Uint8Array> {
    let done = 0;
    const total = await this.#tree.size(file);
    for await (const piece of this.#tree.pieces(file, limit)) {
      yield piece;
      done += piece.length;
      if (total > longBytes) this.#report({ done, total, unit: 'bytes' });
    }
  }

  place(file: string): Promise<string | null> {
    return this.#tree.place(file);
  }

  close(): Promise<void> {
    return this.#tree.close();
  }
}
