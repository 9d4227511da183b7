import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../process-alive';

export interface TemporaryFolder {
  readonly path: string;
  /** At the latest when the process ends. */
  remove(): void;
}

/** Processes of this machine alone can be asked for; containers may share the folder of another. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
export const temporaryPrefix = `saliency-studio-temporary-${machine}-`;

/**
 * A new folder for temporary files, of this user alone, for they may name raters. What processes left
 * there that were killed is removed.
 */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `${temporaryPrefix}${process.pid}-`));
  removeLeft();
  const remove = () => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}

function removeLeft(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const pid = Number.parseInt(name.slice(temporaryPrefix.length), 10);
    if (isAlive(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's, who removes it.
    }
  }
}
