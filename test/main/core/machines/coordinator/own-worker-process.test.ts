import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ownWorkerProcess } from '../../../../../src/main/core/machines/coordinator/own-worker-process';
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
  it('has a small store, which ends with it', async () => {
    const { started, said, store } = own();
    const child = await started();
    const argv = ['worker', '--join', 'own.json', '--threads', '2', '--store', store];
    expect(said()).toEqual({ argv: [...argv, '--store-size', '4'], left: false });
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
