import { createWriteStream } from 'node:fs';
import { type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import {
  type Entry,
  fromBuffer,
  getFileNameLowLevel,
  open as openFile,
  type ZipFile as ReadZip,
} from 'yauzl';
import { ZipFile } from 'yazl';
import { reasonOf } from '../../../../shared/errors';
import { utf8Name } from '../../../../shared/zip-names';
import { type Found, largestManifest, manifestPath, ownFiles, requireInside } from './paths';
import { refused } from './refused';

/** Files by their path within the archive, `/` between folders. */
export type Files = ReadonlyMap<string, Uint8Array>;

export interface Limits {
  readonly files: number;
  /** Of all files together, unpacked. */
  readonly bytes: number;
}

/** What is taken, and so what is written: 500 images of 64x64 with 16 methods' maps are 400 MB. */
export const archiveLimits: Limits = { files: 20_000, bytes: 2 ** 31 };

/** Equal files in equal order give equal bytes: no clock, no rights of this machine. */
export async function writeZip(files: Files): Promise<Uint8Array> {
  return buffer(zipOf(files));
}

/** The same into a file, without the whole of it in memory. */
export async function writeZipFile(files: Files, path: string): Promise<void> {
  await pipeline(zipOf(files), createWriteStream(path));
}

function zipOf(files: Files): Readable {
  const zip = new ZipFile();
  // The first day of ZIP's own calendar, in local time as ZIP has it.
  const mtime = new Date(1980, 0, 1);
  for (const [path, bytes] of files) {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    zip.addBuffer(view, path, { mtime, mode: 0o100644, forceDosTimestamp: true });
  }
  zip.end();
  return zip.outputStream as Readable;
}

/**
 * The files that an archive's manifest lists, from its ZIP in a file or in memory, whoever packed it:
 * nothing is written anywhere, and nothing else is unpacked. Throws `corrupt-file` for what is no whole
 * ZIP, for a path that leads out of the archive, for a listed one that comes twice, and for more than
 * the limits (by the sizes it states, which unpacking then holds it to).
 */
export async function readZip(source: string | Uint8Array, limits = archiveLimits): Promise<Files> {
  let zip: ReadZip;
  try {
    zip = await openZip(source);
  } catch (error) {
    throw refused(`It is not a whole ZIP file (${reasonOf(error)})`, error);
  }
  try {
    return await filesOf(zip, limits);
  } finally {
    zip.close();
  }
}

function openZip(source: string | Uint8Array): Promise<ReadZip> {
  // Names are looked at here, so that a refusal says which one.
  const options = { lazyEntries: true, decodeStrings: false, autoClose: false };
  if (typeof source === 'string') {
    return promisify<string, typeof options, ReadZip>(openFile)(source, options);
  }
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  return promisify<Buffer, typeof options, ReadZip>(fromBuffer)(bytes, options);
}

async function filesOf(zip: ReadZip, limits: Limits): Promise<Files> {
  if (zip.entryCount > limits.files) {
    throw refused(`It holds ${zip.entryCount} files, and at most ${limits.files} are taken`);
  }
  const found: Found<Entry>[] = [];
  for (const entry of await entriesOf(zip)) {
    const name = nameOf(entry);
    // The folder that holds everything.
    if (name === '') continue;
    const path = name.replace(/\/$/, '');
    requireInside(path, name);
    if (path === name) found.push({ path, content: entry });
  }
  const files = new Map<string, Uint8Array>();
  let total = 0;
  for (const [path, entry] of await ownFiles(found, (manifest) => textOf(zip, manifest))) {
    total += entry.uncompressedSize;
    if (total > limits.bytes) {
      throw refused(`With ${path} it is larger than ${limits.bytes} bytes unpacked`);
    }
    if (isLink(entry)) throw refused(`${path} is a symbolic link`);
    if (entry.isEncrypted()) throw refused(`${path} is encrypted`);
    files.set(path, await contentOf(zip, entry, path));
  }
  return files;
}

/** A manifest's text; '' for one that is refused with its reason if it turns out to be the study's. */
async function textOf(zip: ReadZip, manifest: Entry): Promise<string> {
  const readable = !isLink(manifest) && !manifest.isEncrypted();
  if (!readable || manifest.uncompressedSize > largestManifest) return '';
  const bytes = await contentOf(zip, manifest, manifestPath).catch(() => new Uint8Array());
  return Buffer.from(bytes).toString();
}

function entriesOf(zip: ReadZip): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: unknown) =>
      reject(refused(`Its list of files is damaged (${reasonOf(error)})`, error)),
    );
    zip.readEntry();
  });
}

async function contentOf(zip: ReadZip, entry: Entry, path: string): Promise<Uint8Array> {
  try {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    return await buffer(stream);
  } catch (error) {
    throw refused(`${path} is damaged (${reasonOf(error)})`, error);
  }
}

/**
 * An entry's path with `/` between folders, as some systems do not write it, and a `/` behind a
 * folder's own entry.
 */
function nameOf({ fileNameRaw: raw, generalPurposeBitFlag: flags, extraFields }: Entry): string {
  const plain = utf8Name(raw) ?? getFileNameLowLevel(flags, raw, extraFields, false);
  // Some programs write every name from the folder that they stand in.
  return plain.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
}

/** By the file type of Unix, in the upper half of the attributes. */
function isLink({ externalFileAttributes }: Entry): boolean {
  return ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;
}
