import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Flush a file or a folder to the disk (Windows cannot open folders: it needs no flush there). */
export function syncPath(path: string): void {
  let handle: number;
  try {
    handle = openSync(path, 'r+');
  } catch {
    try {
      handle = openSync(path, 'r');
    } catch (error) {
      if (process.platform === 'win32') return;
      throw error;
    }
  }
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Rename so that it holds after a power cut: the names are their folders' content. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  syncPath(dirname(to));
  if (dirname(from) !== dirname(to)) syncPath(dirname(from));
}
