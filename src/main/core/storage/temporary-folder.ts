import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, processSpace } from './process-alive';

export interface TemporaryFolder {
  readonly path: string;
  /** At the latest when the process ends. */
  remove(): void;
}

export const temporaryPrefix = `saliency-studio-temporary-${processSpace}-`;
const made = new Set<string>();

/**
 * A new folder for temporary files, of this user alone, for they may name raters. What processes left
 * there that were killed is removed.
 */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `${temporaryPrefix}${process.pid}-`));
  made.add(path);
  const remove = () => {
    process.off('exit', remove);
    made.delete(path);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  removeLeft();
  return { path, remove };
}

/** What is left hinders nobody: what cannot be listed or removed stays. */
function removeLeft(): void {
  for (const name of attempt(() => readdirSync(tmpdir())) ?? []) {
    const pid = name.startsWith(temporaryPrefix)
      ? /^\d+(?=-)/.exec(name.slice(temporaryPrefix.length))?.[0]
      : undefined;
    const path = join(tmpdir(), name);
    if (pid === undefined || made.has(path)) continue;
    // One of our own number that we did not make is of a process that had it before.
    if (Number(pid) !== process.pid && isAlive(Number(pid))) continue;
    attempt(() => {
      const { uid } = lstatSync(path);
      const own = process.getuid === undefined || uid === process.getuid();
      if (own) rmSync(path, { recursive: true, force: true });
    });
  }
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
