import { isJunkPath } from '../../shared/junk-files';

/** Bytes of a tar's blocks. */
const block = 512;

/** A file of a folder that was picked, by its path from that folder's own name on. */
export interface PickedFile {
  readonly path: string;
  readonly file: File;
}

/**
 * A folder as one file that can be sent: a tar whose parts are the files themselves, of which nothing is
 * read before it is sent. What file managers and hidden folders leave stays behind.
 *
 * @returns null where the folder holds no file
 */
export function folderArchive(files: readonly PickedFile[]): File | null {
  const taken = files.filter(({ path }) => !isJunkPath(path) && !path.includes('/.'));
  const [first] = taken;
  if (!first) return null;
  const parts: BlobPart[] = [];
  for (const { path, file } of taken) {
    if (needsRecord(path)) {
      const record = paxRecord(path);
      parts.push(header('PaxHeader', record.length, 'x'), record, padding(record.length));
    }
    parts.push(header(path, file.size, '0'), file, padding(file.size));
  }
  parts.push(new Uint8Array(2 * block));
  const [top = 'folder'] = first.path.split('/');
  return new File(parts, `${top}.tar`, { type: 'application/x-tar' });
}

const encoder = new TextEncoder();

/** Whether a header's own field does not hold a path. */
const needsRecord = (path: string): boolean =>
  /[^\x20-\x7e]/.test(path) || encoder.encode(path).length > 100;

/** `LENGTH path=PATH\n`, where the length counts its own digits. */
function paxRecord(path: string): Uint8Array<ArrayBuffer> {
  const rest = encoder.encode(` path=${path}\n`).length;
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return encoder.encode(`${length} path=${path}\n`);
}

function padding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((block - (size % block)) % block);
}

/** A header as POSIX has it (ustar): numbers are octal. */
function header(path: string, size: number, type: '0' | 'x'): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(block);
  const put = (at: number, text: string) => bytes.set(encoder.encode(text).subarray(0, 100), at);
  const octal = (at: number, digits: number, value: number) =>
    put(at, value.toString(8).padStart(digits, '0'));
  put(0, path.replaceAll(/[^\x20-\x7e]/g, '_'));
  octal(100, 7, 0o644);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, size);
  octal(136, 11, 0);
  put(148, ' '.repeat(8));
  put(156, type);
  put(257, 'ustar\0');
  put(263, '00');
  octal(
    148,
    6,
    bytes.reduce((sum, byte) => sum + byte, 0),
  );
  bytes[154] = 0;
  return bytes;
}

/** The files of a folder that was dropped on the page. */
export async function filesOfEntry(entry: FileSystemEntry, above = ''): Promise<PickedFile[]> {
  const path = above === '' ? entry.name : `${above}/${entry.name}`;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path, file }];
  }
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: PickedFile[] = [];
  // A reader gives some at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const each of some) found.push(...(await filesOfEntry(each, path)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
