import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { StoredDataset } from '../../shared/stored-dataset';
import { throwIfCancelled } from '../runtime/cancel';
import { describeArchive, describeFolder } from './checksum';
import { containerOf, containerWords } from './container';
import type { FileTree } from './file-tree';
import type { ImportRequest } from './import-request';
import type { Importer } from './importer';
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
