import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  type OwnWorker,
  type StartOwnWorker,
  startOwnWorker,
} from '../../../../../src/main/core/machines/coordinator/own-worker';
import { Joins } from '../../../../../src/main/core/machines/joins/joins';
import { machinesFolder } from '../../../../../src/main/core/machines/machines-folder';
import { silentLog } from '../../../../../src/main/core/storage/environment';
import { temporaryFolder } from '../../storage/helpers';

/** A process in place of a worker. */
const running =
  (script: string): StartOwnWorker =>
  () =>
    spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });

function startedWith(start: StartOwnWorker): { worker: OwnWorker; joins: Joins; joinFile: string } {
  const folder = machinesFolder(temporaryFolder());
  const joins = new Joins(folder, () => new Date());
  const worker = startOwnWorker(
    { folder, joins, log: silentLog, start },
    {
      version: 1,
      prefix: 'saliency-test',
      queue: { host: '127.0.0.1', port: 1, username: '', password: '', tls: null },
      coordinator: { url: 'http://127.0.0.1:1', ca: null, sharedFolder: null },
    },
    1,
  );
  onTestFinished(() => worker.close());
  return { worker, joins, joinFile: join(folder.root, 'own-worker.json') };
}

it('knows why its process ended by the last that it said', async () => {
  const { worker } = startedWith(
    running("console.error('Joined.\\nThe disk is full.'); process.exitCode = 1;"),
  );
  expect(worker.problem()).toBeNull();
  await expect.poll(() => worker.problem()).toBe('The disk is full.');
});

it('knows the exit code of one that ended without a word', async () => {
  const { worker } = startedWith(running('process.exitCode = 3'));
  await expect.poll(() => worker.problem()).toBe('it said nothing (exit code 3).');
});

it('leaves neither process nor join nor join file', async () => {
  const { worker, joins, joinFile } = startedWith(running('setInterval(() => {}, 1000)'));
  expect(existsSync(joinFile)).toBe(true);
  await worker.close();
  expect([existsSync(joinFile), joins.list()]).toEqual([false, []]);
  expect(worker.problem()).toBeNull();
});
