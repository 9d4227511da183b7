import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';

export interface WebProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** The printed address, with its token. */
  readonly url: string;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** The browser shell as a process of its own, from a bundle of these sources. */
export async function startWebProcess(bundle: string, dataDir: string): Promise<WebProcess> {
  const argv = [join(bundle, 'web.js'), '--no-open', '--no-engine', '--data', dataDir];
  const child = spawn(installedFiles().node, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const wrote = { stdout: '', stderr: '' };
  child.stderr.on('data', (chunk: Buffer) => (wrote.stderr += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      wrote.stdout += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(wrote.stdout)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.on('exit', (code) =>
      reject(new Error(`ended with ${code ?? 'a signal'}: ${wrote.stderr}`)),
    );
  });
  return {
    child,
    port: Number(new URL(url).port),
    url,
    async kill(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    },
  };
}
