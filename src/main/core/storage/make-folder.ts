import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it; answers with the uppermost that it made, null where all were
 * there. What it made of a path that cannot be made whole is taken back. (Node's own recursive
 * `mkdir` never ends where a file system says of a new name that nothing is there, as /proc does.)
 */
export function makeFolder(path: string): string | null {
  const missing: string[] = [];
  for (let at = path; !isFolder(at); at = dirname(at)) missing.unshift(at);
  try {
    for (const folder of missing) makeOne(folder);
  } catch (error) {
    if (missing[0] !== undefined) removeMade(path, missing[0]);
    throw error;
  }
  return missing[0] ?? null;
}

/** Deletes the folders from `folder` up to `made`, as far as they are empty. */
export function removeMade(folder: string, made: string): void {
  for (let at = folder; at.startsWith(made); at = dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      // What was never made lies below what was; what is not empty ends this, one level after another.
    }
  }
}

/** Another process may be quicker. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return true;
  // The root is always there; this ends every walk upwards.
  return path === dirname(path);
}
