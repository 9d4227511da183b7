import { open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, StudioError } from '../../shared/errors';
import type { StoredDataset } from '../../shared/stored-dataset';
import { throwIfCancelled } from '../runtime/cancel';
import { describeArchive, describeFolder } from './checksum';
import type { FileTree } from './file-tree';
import type { ImportRequest } from './import-request';
import type { Container, Importer } from './importer';
import { unusableFile } from './refusal';
import { StoreWriter, type WrittenFile } from './store-writer';

export interface ImportResult {
  readonly classes: StoredDataset['classes'];
  readonly train: number;
  readonly validation: number;
  /** dataset.json first, then the four files that it lists. */
  readonly files: readonly WrittenFile[];
}

/**
 * Read a dataset as it is distributed (an archive or its unpacked folder), check it against its own
 * lists and write it into `outDir` as the store that training streams from: dataset.json,
 * train.images and validation.images (bytes [N, H, W, C]), train.labels and validation.labels
 * (bytes [N]). The same input gives the same bytes. Memory does not grow with the dataset. When it
 * fails or is cancelled, nothing of it stays in `outDir`.
 *
 * @throws StudioError `corrupt-file` naming the file of the archive that is refused;
 *   `invalid-input` for what is not this dataset and for classes it does not have; `not-found`;
 *   `disk-full`; `cancelled`
 */
export async function importDataset(
  importer: Importer,
  request: ImportRequest,
): Promise<ImportResult> {
  const { dataset, path: source, outDir, signal } = request;
  const container = await containerOf(source);
  const scratch = path.join(outDir, '.unpacked');
  let tree: FileTree | undefined;
  let writer: StoreWriter | undefined;
  try {
    const opening = container && importer.open(container, request, scratch);
    if (!opening)
      throw unusableFile(path.basename(source), containerWords(container), importer.forms);
    tree = await opening;
    const origin =
      container === 'folder'
        ? describeFolder(source)
        : await describeArchive(request.published, source, signal);
    writer = await StoreWriter.create(outDir, importer.shape, importer.classes);
    const content = await importer.import(tree, request, writer);
    throwIfCancelled(signal);
    const [train, validation] = [writer.count('train'), writer.count('validation')];
    const files = await writer.finish(dataset, { ...content, source: origin });
    return { classes: content.classes, train, validation, files };
  } catch (error) {
    await writer?.discard();
    throw error;
  } finally {
    await tree?.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** By its first bytes, never by its name. */
async function containerOf(source: string): Promise<Container | null> {
  return sniff(source).catch((error: unknown) => {
    if (error instanceof StudioError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new StudioError(
      {
        code: missing ? 'not-found' : 'corrupt-file',
        message: missing
          ? `${source} is not there.`
          : `${source} cannot be read (${reasonOf(error)}).`,
        details: { file: path.basename(source), path: source },
      },
      error,
    );
  });
}

function containerWords(container: Container | null): string {
  if (container === null) return 'no archive';
  return { folder: 'a folder', gzip: 'a gzipped file', tar: 'a tar', zip: 'a zip file' }[container];
}

async function sniff(source: string): Promise<Container | null> {
  const found = await stat(source);
  if (found.isDirectory()) return 'folder';
  if (!found.isFile()) return null;
  const handle = await open(source, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    if (buffer[0] === 0x1f && buffer[1] === 0x8b) return 'gzip';
    if (buffer[0] === 0x50 && buffer[1] === 0x4b) return 'zip';
    return bytesRead === 512 && isTarHeader(buffer) ? 'tar' : null;
  } finally {
    await handle.close();
  }
}

/** By its checksum, which tars of before POSIX have too: the sum of its bytes, its own as spaces. */
function isTarHeader(block: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(block.subarray(148, 156));
  const stated = /^[ \0]*([0-7]{1,7})[ \0]*$/.exec(text)?.[1];
  if (stated === undefined) return false;
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  return Number.parseInt(stated, 8) === sum;
}
