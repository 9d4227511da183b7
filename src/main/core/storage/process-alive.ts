import { createHash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Whether a process with this id runs on this machine, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function processNames(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/**
 * Where numbers of processes mean the same, in eight hexadecimal digits: machines and containers may
 * share a folder.
 */
export const processSpace = createHash('sha256')
  .update(`${hostname()} ${processNames()}`)
  .digest('hex')
  .slice(0, 8);
