import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App } from '../../../src/main/core/app';
import { fileDoor } from '../../../src/main/core/file-door';
import { type AppParts } from '../../../src/main/core/services';
import { researcher } from '../../../src/main/core/sessions/caller';
import { ExportStore } from '../../../src/main/core/storage/transit/export-store';
import {
  type UploadedFile,
  UploadStore,
} from '../../../src/main/core/storage/transit/upload-store';
import { type ExportFile } from '../../../src/shared/export-file';
import { type IdPrefix, makeId } from '../../../src/shared/ids';

/** Stores of files in transit in a folder of their own, made when they are used. */
export function transitStores(
  newId: (prefix: IdPrefix) => string = (prefix) => makeId(prefix, Buffer.from(randomUUID())),
  root = join(tmpdir(), `saliency-studio-${randomUUID()}`),
): Pick<AppParts, 'uploads' | 'exports'> {
  const now = () => Date.now();
  return {
    uploads: new UploadStore({ root: join(root, 'in'), newId: () => newId('upload'), now }),
    exports: new ExportStore({ root: join(root, 'out'), newId: () => newId('export'), now }),
  };
}

/** The researcher's way to the files of a core. */
export const filesOf = (core: Pick<AppParts, 'uploads' | 'exports'>): Pick<App, 'files'> => ({
  files: fileDoor(core, researcher, () => false),
});

/** The bytes of an export, which is used up. */
export async function contentOf({ files }: Pick<App, 'files'>, file: ExportFile): Promise<Buffer> {
  const { path, release } = await files.take(file.file);
  const bytes = await readFile(path);
  await release();
  return bytes;
}

/** Content as an upload that has arrived. */
export async function sent(
  { api, files }: Pick<App, 'api' | 'files'>,
  content: string | Uint8Array,
  name = 'file.bin',
): Promise<{ upload: string }> {
  const bytes = Buffer.from(content);
  const { upload } = await api.call('uploads.begin', { name, bytes: bytes.length });
  await files.append(upload, bytes);
  return { upload };
}

/** Content as a file in a folder of the test's own. */
export async function fileIn(
  folder: string,
  content: string | Uint8Array,
  name = `${randomUUID()}.bin`,
): Promise<UploadedFile> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, content);
  return { name, path, bytes: Buffer.byteLength(content) };
}
