import { join } from 'node:path';
import type { Dialog, IpcMain } from 'electron';
import { z } from 'zod';
import { ipcGive, ipcPiece, ipcSave } from '../../shared/channels';
import { parse, toErrorData } from '../../shared/errors';
import { exportIdSchema, uploadIdSchema } from '../../shared/ids';
import { type Given, type Saved } from '../../shared/wire';
import { type App } from '../core/app';
import { writeWholeFile } from '../core/export/folder/whole-file';
import { senderIsOurs } from './ipc';

export interface FileParts {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>;
  readonly dialog: Pick<Dialog, 'showSaveDialog'>;
  /** The folder that a save dialog begins with. */
  readonly downloads: string;
}

/**
 * Files in and out beside the calls: a chosen file by its path, pieces of one that has none, and
 * exported files through a save dialog. Answers with the way to stop.
 */
export function connectFiles({ files }: Pick<App, 'files'>, parts: FileParts): () => void {
  const { ipcMain } = parts;
  const handle = <T>(channel: string, answer: (...given: unknown[]) => Promise<T>) => {
    ipcMain.handle(channel, async (event, ...given: unknown[]) => {
      if (!senderIsOurs(event)) throw new Error('This frame may not call Saliency Studio.');
      return answer(...given);
    });
  };
  handle(ipcGive, async (path): Promise<Given> =>
    orError(async () => files.adopt(parse(z.string().min(1), path, 'path'))),
  );
  // Why a piece was not taken is kept with the upload, for the page to ask.
  handle(ipcPiece, async (upload, piece) =>
    files
      .append(parse(uploadIdSchema, upload, 'upload'), parse(z.instanceof(Uint8Array), piece))
      .then(
        () => true,
        () => false,
      ),
  );
  handle(ipcSave, async (file): Promise<Saved> =>
    orError(async () => ({ path: await save(files, parts, parse(exportIdSchema, file, 'file')) })),
  );
  return () => {
    for (const channel of [ipcGive, ipcPiece, ipcSave]) ipcMain.removeHandler(channel);
  };
}

async function save(files: App['files'], parts: FileParts, file: string): Promise<string | null> {
  const { name, path, release } = await files.take(file);
  try {
    const defaultPath = join(parts.downloads, name);
    const { canceled, filePath } = await parts.dialog.showSaveDialog({ defaultPath });
    if (canceled || filePath === '') return null;
    await writeWholeFile(filePath, { copyOf: path });
    return filePath;
  } finally {
    await release();
  }
}

async function orError<T>(work: () => Promise<T>) {
  try {
    return await work();
  } catch (error) {
    return { error: toErrorData(error) };
  }
}
