import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';

/** A worker that runs as a process, and what it said. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** The first line that matches, said already or to come. */
  line(pattern: RegExp): Promise<string>;
  /** Its exit code once it has ended; null after a signal. */
  readonly ended: Promise<number | null>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startProcess(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): WorkerProcess {
  const child = spawn(installedFiles().node, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    for (const look of waiting) look();
    return code as number | null;
  });
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = lines.find((each) => pattern.test(each));
        if (found === undefined && running.has(child)) return;
        waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`it never said ${pattern}, but:\n${lines.join('\n')}`));
      };
      waiting.add(look);
      look();
    });
  return { child, lines, line, ended };
}
