import { refusal } from './refusal';

/** Names of one folder. */
export interface Listing {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

export interface FileState {
  readonly bytes: number;
  readonly stamp: string;
}

/** A distribution's files by their path from its top folder, `/` between folders. */
export interface FileTree {
  /** What a person knows it by: the name of the archive or folder. */
  readonly label: string;
  /** @returns null where there is no such folder; '' is the top */
  list(folder: string): Promise<Listing | null>;
  /** Bytes of a file, as the archive or the disk states them. */
  size(file: string): Promise<number>;
  /** The same, with what differs where its content has become another: its time, or a checksum. */
  state(file: string): Promise<FileState>;
  /**
   * The whole content of a file.
   *
   * @param limit bytes; a longer file is refused
   * @throws StudioError `corrupt-file` naming the file
   */
  read(file: string, limit: number): Promise<Uint8Array>;
  /**
   * The same piece by piece, for what need not be in memory as a whole: whoever stops reads no further.
   *
   * @throws StudioError `corrupt-file` naming the file
   */
  pieces(file: string, limit: number): AsyncIterable<Uint8Array>;
  /** Where a file lies on disk by itself, for what need not be in memory as a whole; null: nowhere. */
  place(file: string): Promise<string | null>;
  close(): Promise<void>;
}

/** The first bytes of a file, or all of a shorter one. */
export async function headOf(tree: FileTree, file: string, bytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let held = 0;
  for await (const piece of tree.pieces(file, Number.MAX_SAFE_INTEGER)) {
    pieces.push(piece);
    held += piece.length;
    if (held >= bytes) break;
  }
  return Buffer.concat(pieces).subarray(0, bytes);
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

export function tooLarge(file: string, limit: number) {
  return refusal(file, `it is larger than ${limit.toLocaleString('en')} bytes`);
}

/** A path within a tree. */
export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
