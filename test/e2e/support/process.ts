import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { installedFiles } from '../../../src/main/core/storage/installed-files';

const files = installedFiles();

export interface Running {
  readonly child: ChildProcess;
  readonly wrote: { stdout: string; stderr: string };
  /** The exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** A built entry on the bundled Node, as the product starts it. */
export function start(entry: 'web' | 'cli', ...args: string[]): Running {
  const child = spawn(files.node, [join(files.root, 'out', 'main', `${entry}.js`), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const wrote = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (wrote.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (wrote.stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, wrote, ended };
}

/** A command to its end; its JSON. Throws with what it wrote where it fails. */
export async function cli(data: string, ...args: string[]): Promise<unknown> {
  const { wrote, ended } = start('cli', ...args, '--json', '--data', data);
  const code = await ended;
  if (code !== 0) {
    throw new Error(`cli ${args.join(' ')} ended with ${code}\n${wrote.stderr}\n${wrote.stdout}`);
  }
  return JSON.parse(wrote.stdout);
}

export async function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  what: string,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took over ${milliseconds} ms`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
