import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { machinesFolder } from '../../../../src/main/core/machines/machines-folder';
import { queueAddressSchema } from '../../../../src/main/core/machines/queue/address';
import { writeQueue } from '../../../../src/main/core/machines/queue/queue-file';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { bundle } from '../jobs/bundle';
import { temporaryFolder } from '../storage/helpers';
import { freePort } from './support/free-port';

let built: Awaited<ReturnType<typeof bundle>>;
beforeAll(async () => {
  built = await bundle({ loaded: 'test/main/core/machines/loaded-child.ts' });
});
afterAll(() => built.remove());

/** Packages that an application loads in a process of its own. */
async function loadedIn(dataDir: string): Promise<string[]> {
  const script = join(built.folder, 'loaded.js');
  const { stdout } = await promisify(execFile)(installedFiles().node, [script, dataDir]);
  return JSON.parse(stdout) as string[];
}

const ofQueues = ['bullmq', 'ioredis', 'selfsigned'];

// `import { type X }` would leave an import of the package in what is built; `import type` does not.
it('loads nothing of a queue where there is none', async () => {
  const dataDir = temporaryFolder();
  const { ownStore } = machinesFolder(dataDir);
  mkdirSync(join(ownStore, 'blobs'), { recursive: true });
  const loaded = await loadedIn(dataDir);
  expect(loaded).toContain('better-sqlite3');
  expect(loaded.filter((name) => ofQueues.includes(name))).toEqual([]);
  // What the own worker of an application that was killed left goes at the next start.
  expect(existsSync(ownStore)).toBe(false);
});

it('loads what connects with a queue where there is one', async () => {
  const dataDir = temporaryFolder();
  const address = queueAddressSchema.parse({ host: '127.0.0.1', port: await freePort() });
  writeQueue(machinesFolder(dataDir), { address, trial: false });
  expect(await loadedIn(dataDir)).toContain('ioredis');
});
