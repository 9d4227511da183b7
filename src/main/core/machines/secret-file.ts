import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type z } from 'zod';
import { fileFailure, parse, StudioError } from '../../../shared/errors';
import { renameDurably } from '../storage/durable';
import { makeFolder } from '../storage/make-folder';

/**
 * Read a file of JSON that holds a secret; null where there is none. One that others may read is closed
 * to them first.
 *
 * @param what names it in a refusal: 'the queue’s address'
 * @throws StudioError `corrupt-file` where it is not what it should be; `forbidden` where others may
 *   read it and its mode cannot be changed
 */
export function readSecret<S extends z.ZodType>(
  path: string,
  schema: S,
  what: string,
): z.output<S> | null {
  let text: string;
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return null;
    closeToOthers(path, found.mode, what);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fileFailure(error, path);
  }
  try {
    return parse(schema, JSON.parse(text));
  } catch {
    // Nothing of its content is repeated, not as a cause either: it is secret.
    throw new StudioError({
      code: 'corrupt-file',
      message: `${path} does not hold ${what}: remove it, or mend it.`,
    });
  }
}

function closeToOthers(path: string, mode: number, what: string): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  try {
    chmodSync(path, 0o600);
  } catch {
    throw new StudioError({
      code: 'forbidden',
      message: `Others may read ${path}, which holds ${what}: close it to them (chmod 600 ${path}), and change what was secret in it.`,
    });
  }
}

/** Write a file that its owner alone may read: at once, or not at all. */
export function writeSecret(path: string, text: string): void {
  const partial = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    makeFolder(dirname(path));
    const file = openSync(partial, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameDurably(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw fileFailure(error, path);
  }
}
