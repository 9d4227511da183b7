// @ts-check
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { SetupError } from './errors.mjs';

/** make and node-gyp's build files split or expand a name that holds anything else. */
const plain = /^[\w./+@-]+$/;

/** @param {string} path */
export const isPlain = (path) => plain.test(path);

/**
 * The few characters in the clone's own path that a tool cannot bear, whatever is done about it.
 * @param {Pick<import('./context.mjs').Context, 'root'>} context
 * @throws {SetupError} naming the path
 */
export function checkRoot({ root }) {
  /** @type {[string, string][]} */
  const reasons = [
    ['#', 'Vite, which builds the pages, takes it for the end of a file’s name'],
    ['?', 'Vite, which builds the pages, takes it for the end of a file’s name'],
    [delimiter, 'it separates the folders of PATH'],
  ];
  for (const [character, reason] of reasons) {
    if (!root.includes(character)) continue;
    throw new SetupError(
      'root-name',
      `The folder ${root} cannot be worked in: its path holds “${character}”, and ${reason}.`,
      `Move or rename it so that its path is without “${character}”, and run the command again.`,
    );
  }
}

/**
 * A new folder whose whole path make can bear: in the cache, else in a folder for temporary files.
 * @param {import('./context.mjs').Context} context
 * @param {string} name how the folder's name begins
 */
export function makePlainFolder({ cache, platform }, name) {
  const shared = platform === 'win32' ? [] : ['/tmp', '/var/tmp'];
  const candidates = [join(cache, 'partial'), tmpdir(), ...shared].filter(
    (path) => platform === 'win32' || isPlain(path),
  );
  for (const folder of candidates) {
    try {
      mkdirSync(folder, { recursive: true });
      return mkdtempSync(join(folder, `${name}-`));
    } catch {
      // Not writable: the next one may be.
    }
  }
  throw new SetupError(
    'no-plain-folder',
    `Set-up compiles with make, which cannot work below ${cache}: its path holds more than the letters a to z, digits and . _ - + @, and no folder for temporary files can be written to instead.`,
    'Set TMPDIR to a folder of plain name that you may write to and run the command again.',
  );
}
