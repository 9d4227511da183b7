import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { installedFiles } from '../../../src/main/core/storage/installed-files';

export interface Run {
  readonly child: ChildProcess;
  readonly wrote: { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<number | null>;
}

export interface BuiltCli {
  /** A data directory of the test file's own. */
  readonly data: string;
  start(argv: readonly string[], stdio: StdioOptions): ChildProcess;
  /** On the data directory, its output collected. */
  run(...argv: string[]): Run;
}

/** The built command line as processes, which end with the test file. */
export function builtCli(): BuiltCli {
  const { node, root } = installedFiles();
  const entry = join(root, 'out', 'main', 'cli.js');
  if (!existsSync(entry)) throw new Error('build first: npm run setup');
  const data = mkdtempSync(join(tmpdir(), 'cli-process-'));
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });
  const start: BuiltCli['start'] = (argv, stdio) => {
    const child = spawn(node, [entry, ...argv], { stdio });
    children.push(child);
    return child;
  };
  return {
    data,
    start,
    run(...argv) {
      const child = start([...argv, '--data', data], ['ignore', 'pipe', 'pipe']);
      const wrote = { stdout: '', stderr: '' };
      child.stdout?.on('data', (chunk: Buffer) => (wrote.stdout += chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => (wrote.stderr += chunk.toString()));
      return { child, wrote, ended: closed(child) };
    },
  };
}

/** Its exit code, when its output is all there. */
export function closed(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve));
}
