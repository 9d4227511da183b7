import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type JoinFile } from '../../../../../src/main/core/machines/join-file';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { startTransport } from '../../../../../src/main/core/machines/transport/server';
import { silentLog } from '../../../../../src/main/core/storage/environment';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import { startValkey } from '../support/valkey';
import { startProcess } from './worker-process';

const token = 'b'.repeat(43);

it('joins by the built command line, and ends with what it did when it is told to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'saliency-studio-'));
  const valkey = await startValkey();
  const server = await startTransport(
    {
      arrivals: new Arrivals(join(folder, 'arrivals')),
      admit: (given) => (given === token ? { name: 'lab' } : { refused: 'No.' }),
      find: () => Promise.resolve(null),
      log: silentLog,
      hello: { prefix: 'saliency-command', version: '1' },
    },
    { host: '127.0.0.1', port: 0, tls: null },
  );
  onTestFinished(async () => {
    await server.close();
    await valkey.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, 'lab.join');
  const file: JoinFile = {
    version: 1,
    name: 'lab',
    prefix: 'saliency-command',
    queue: valkey.address,
    coordinator: {
      url: `http://127.0.0.1:${server.port}`,
      ca: null,
      sharedFolder: null,
      token,
    },
  };
  writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
  const cli = join(installedFiles().root, 'out', 'main', 'cli.js');
  const options = ['--join', path, '--threads', '1', '--slots', '2', '--store', join(folder, 's')];
  const worker = startProcess(cli, ['worker', ...options, '--json']);
  onTestFinished(() => void worker.child.kill('SIGKILL'));
  await worker.line(/^Joined as lab@.*; the queue is Valkey /);
  await worker.line(/^Class [0-9a-f]{12}, 1 thread an item, 2 at once\. Waiting for work\.$/);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  const said = worker.lines.join('\n');
  const ended: unknown = JSON.parse(said.slice(said.indexOf('{')));
  expect(ended).toMatchObject({
    command: 'worker',
    name: expect.stringMatching(/^lab@/),
    threads: 1,
    slots: 2,
    done: 0,
  });
  expect(said).not.toContain(token);
}, 60_000);
