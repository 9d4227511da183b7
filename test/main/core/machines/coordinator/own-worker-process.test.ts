import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  ownStoreSize,
  ownWorkerProcess,
} from '../../../../../src/main/core/machines/coordinator/own-worker-process';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import { temporaryFolder } from '../../storage/helpers';

/** In place of the built command line: says how it was called, and what was in its store. */
const program = `
const { existsSync, mkdirSync, writeFileSync } = require('node:fs');
const store = process.argv[process.argv.indexOf('--store') + 1];
writeFileSync(__dirname + '/called.json', JSON.stringify({ argv: process.argv.slice(2), left: existsSync(store) }));
mkdirSync(store + '/blobs', { recursive: true });
writeFileSync(store + '/blobs/one', 'one');
process.on('disconnect', () => process.exit());
`;

function own() {
  const root = temporaryFolder();
  mkdirSync(join(root, 'out', 'main'), { recursive: true });
  writeFileSync(join(root, 'out', 'main', 'cli.js'), program);
  const store = join(root, 'own-worker');
  const start = ownWorkerProcess({ ...installedFiles(), root });
  return {
    store,
    async started(): Promise<ChildProcess> {
      const child = start({ joinFile: 'own.json', threads: 2, store });
      onTestFinished(() => void child.kill('SIGKILL'));
      await working(child, store);
      return child;
    },
    said: (): unknown => JSON.parse(readFileSync(join(root, 'out', 'main', 'called.json'), 'utf8')),
  };
}

describe('this machine’s own worker', () => {
  it('has a store of half of what is free on its disk, which ends with it', async () => {
    const { started, said, store } = own();
    const child = await started();
    const argv = ['worker', '--join', 'own.json', '--threads', '2', '--store', store];
    const size = expect.stringMatching(/^\d+$/);
    expect(said()).toEqual({ argv: [...argv, '--store-size', size], left: false });
    const { argv: called } = z.object({ argv: z.array(z.string()) }).parse(said());
    const { bavail, bsize } = statfsSync(store);
    // Others write to the disk at the same time.
    const difference = Number(called.at(-1)) - ownStoreSize(bavail * bsize);
    expect(Math.abs(difference)).toBeLessThanOrEqual(1);
    const gib = 2 ** 30;
    expect([0, 3, 9, 30.9].map((free) => ownStoreSize(free * gib))).toEqual([4, 4, 4, 15]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(store)).toBe(false);
  });

  it('begins without what was left by one whose application was killed', async () => {
    const { started, said, store } = own();
    mkdirSync(store);
    const child = await started();
    expect(said()).toMatchObject({ left: false });
    child.disconnect();
    await once(child, 'exit');
    expect(existsSync(store)).toBe(false);
  });
});

async function working(child: ChildProcess, store: string): Promise<void> {
  while (!existsSync(join(store, 'blobs', 'one'))) {
    if (child.exitCode !== null) throw new Error('it ended');
    await new Promise((done) => setTimeout(done, 20));
  }
}
