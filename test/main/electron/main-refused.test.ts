import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../core/storage/helpers';

const said: string[] = [];
const did: string[] = [];

vi.mock('electron', () => ({
  app: {
    exit: (code: number) => did.push(`exit ${code}`),
    setPath: () => did.push('path'),
    requestSingleInstanceLock: () => did.push('lock'),
  },
  dialog: { showErrorBox: (_title: string, message: string) => said.push(message) },
  protocol: { registerSchemesAsPrivileged: () => did.push('scheme') },
}));

vi.mock('../../../src/main/electron/log', () => ({ fileLog: () => null, logPath: () => '' }));

const { argv } = process;
afterEach(() => {
  process.argv = argv;
  vi.resetModules();
  said.length = 0;
  did.length = 0;
});

test.each([
  ['', /^--data is ""; accepted: the path of a folder/],
  ['file', /^--data is ".*file"; accepted: a folder.*\(it is a file\)/],
  ['file/x', /^--data is ".*x"; accepted: a folder.*a file, or lies in one/],
])(
  'a data directory that is none (%j) is said in a window, and nothing is opened',
  async (name, message) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    process.argv = ['electron', '.', '--data', name && join(folder, name)];
    await import('../../../src/main/electron/main');
    expect(said).toEqual([expect.stringMatching(message)]);
    expect(did).toEqual(['exit 2']);
  },
);
