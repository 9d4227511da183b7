import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFolder } from '../../../../src/main/core/datasets/folder-listing';
import {
  datasetFolder,
  isInstalled,
  placeDataset,
  removeDataset,
  sweepDatasets,
} from '../../../../src/main/core/datasets/folders';
import { temporaryFolder } from '../storage/helpers';

/** A folder that an import might have written. */
function written(dataDir: string, name: string, content: string): string {
  const folder = join(dataDir, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'dataset.json'), content);
  return folder;
}
const contentOf = (dataDir: string) =>
  readFileSync(join(datasetFolder(dataDir, 'cifar10'), 'dataset.json'), 'utf8');
const standing = (dataDir: string) => readdirSync(join(dataDir, 'datasets')).sort();

describe('the folders of datasets', () => {
  it('take a whole dataset in, and another in its place', async () => {
    const dataDir = temporaryFolder();
    expect(isInstalled(dataDir, 'cifar10')).toBe(false);
    await placeDataset(dataDir, 'cifar10', written(dataDir, 'work', 'first'));
    expect(isInstalled(dataDir, 'cifar10')).toBe(true);
    await placeDataset(dataDir, 'cifar10', written(dataDir, 'work', 'second'));
    expect(contentOf(dataDir)).toBe('second');
    expect(standing(dataDir)).toEqual(['cifar10']);
    expect(existsSync(join(dataDir, 'work'))).toBe(false);
    await removeDataset(dataDir, 'cifar10');
    expect(standing(dataDir)).toEqual([]);
    await removeDataset(dataDir, 'cifar10');
  });

  it('keep the one that stands there where the new one cannot come', async () => {
    const dataDir = temporaryFolder();
    await placeDataset(dataDir, 'cifar10', written(dataDir, 'work', 'first'));
    await expect(placeDataset(dataDir, 'cifar10', join(dataDir, 'nowhere'))).rejects.toThrow();
    expect(contentOf(dataDir)).toBe('first');
    expect(standing(dataDir)).toEqual(['cifar10']);
  });

  it('are whole again after a crash, wherever it came', async () => {
    const dataDir = temporaryFolder();
    await sweepDatasets(dataDir, ['cifar10']);
    // Between the two renames: the old one goes back.
    written(dataDir, 'datasets/.old-cifar10-1', 'old');
    await sweepDatasets(dataDir, ['cifar10']);
    expect(contentOf(dataDir)).toBe('old');
    // After the second: the old one goes.
    written(dataDir, 'datasets/.old-cifar10-2', 'older');
    await sweepDatasets(dataDir, ['cifar10']);
    expect(contentOf(dataDir)).toBe('old');
    expect(standing(dataDir)).toEqual(['cifar10']);
    // While one that was removed is being deleted: it does not come back.
    await removeDataset(dataDir, 'cifar10');
    mkdirSync(join(dataDir, 'datasets', '.old-cifar10-3'));
    writeFileSync(join(dataDir, 'datasets', '.old-cifar10-3', 'train.images'), '');
    await sweepDatasets(dataDir, ['cifar10']);
    expect(standing(dataDir)).toEqual([]);
  });
});

describe('a listing of a folder', () => {
  it('has the folders, then the archives, in a person’s order, and nothing hidden', async () => {
    const folder = temporaryFolder();
    for (const name of ['b', 'a10', 'a9', '.hidden']) mkdirSync(join(folder, name));
    for (const name of [
      'x.zip',
      'y.tar.gz',
      'z.TGZ',
      'w.tar',
      'notes.txt',
      '.z.zip',
      'a.gz',
      'l.CSV',
    ]) {
      writeFileSync(join(folder, name), 'four');
    }
    symlinkSync(join(folder, 'b'), join(folder, 'link'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'broken.zip'));
    const { path, parent, entries } = await listFolder(folder);
    expect([path, parent]).toEqual([folder, dirname(folder)]);
    expect(entries.map(({ name, kind, bytes }) => `${kind} ${name} ${bytes}`)).toEqual([
      ...['folder a9 0', 'folder a10 0', 'folder b 0', 'folder link 0'],
      ...['archive w.tar 4', 'archive x.zip 4', 'archive y.tar.gz 4', 'archive z.TGZ 4'],
    ]);
    const listed = (await listFolder(folder, true)).entries.filter(({ kind }) => kind === 'list');
    expect(listed.map(({ name }) => name)).toEqual(['l.CSV', 'notes.txt']);
  });

  it('starts at home, and has no parent at the root', async () => {
    expect((await listFolder(null)).path).toBe(homedir());
    expect((await listFolder('/')).parent).toBeNull();
  });

  it('says what cannot be listed', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file.zip');
    writeFileSync(file, '');
    const refusal = (message: RegExp) => ({
      data: { code: 'invalid-input', field: 'path', message: expect.stringMatching(message) },
    });
    await expect(listFolder(file)).rejects.toMatchObject(refusal(/it is a file/));
    await expect(listFolder(join(folder, 'no'))).rejects.toMatchObject(refusal(/it is not there/));
    await expect(listFolder('relative')).rejects.toMatchObject(refusal(/an absolute path/));
  });
});
