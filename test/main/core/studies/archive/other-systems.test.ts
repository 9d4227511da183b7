import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createServices } from '../../../../../src/main/core/services';
import { readArchiveFolder } from '../../../../../src/main/core/studies/archive/folder';
import { readArchive } from '../../../../../src/main/core/studies/archive/read-archive';
import { type Files, readZip } from '../../../../../src/main/core/studies/archive/zip';
import { resultFiltersSchema } from '../../../../../src/shared/ratings/results';
import { packers, rawZip, within, withJunk } from '../../../../fixtures/packers';
import { type ArchiveFiles, writeFolder } from '../../../../fixtures/tiny-imagenet';
import { coreOn } from '../../core-on';
import { temporaryFolder } from '../../storage/helpers';
import { contentOf, fileIn, filesOf } from '../../transfers';
import { addSampleStudy, studyId } from './sample-study';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'archives-'));
});
let plain: Files;
let files: ArchiveFiles = new Map();
// Made once; the installation that it comes from goes with the first test.
beforeEach(async () => {
  if (files.size > 0) return;
  const { core } = coreOn(temporaryFolder());
  await addSampleStudy(core);
  const archive = await createServices(core).studyExport.export({ study: studyId });
  plain = await readZip(await contentOf(filesOf(core), archive));
  files = new Map([...plain].map(([path, bytes]) => [path, Buffer.from(bytes)]));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** As a ROAR run writes it. */
const runManifest = JSON.stringify({
  format: 'saliency-studio/roar',
  run: { id: 'run_aaaaaaaaaaaaaaaa', name: 'MNIST' },
  files: [],
});

const folderOf = async (content: ArchiveFiles) =>
  writeFolder(mkdtempSync(join(home, 'folder-')), content);

/** In the order of the names, which is the disk's or another packer's own affair. */
const sorted = (all: Files | null) => [...(all ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
const expectPlain = (found: Files | null) => {
  const [here, there] = [sorted(found), sorted(plain)];
  expect(here.map(([path]) => path)).toEqual(there.map(([path]) => path));
  for (const [path, bytes] of here) {
    expect(Buffer.from(bytes).equals(plain.get(path) ?? new Uint8Array()), path).toBe(true);
  }
};

describe('a study that went through another system is the same study', () => {
  test.each(Object.keys(packers))('packed again by %s', async (packer) => {
    const bytes = packers[packer]?.(files) ?? Buffer.alloc(0);
    expectPlain(await readZip(bytes));
  });

  test('with every name from the folder that the packer stood in', async () => {
    const entries = [...files].map(([path, data]) => ({ name: Buffer.from(`./${path}`), data }));
    const folder = { name: Buffer.from('./'), data: Buffer.alloc(0) };
    expectPlain(await readZip(rawZip([folder, ...entries])));
  });

  test.each<[string, () => ArchiveFiles]>([
    ['beside it', () => within('a', files).set('notes.txt', Buffer.from('x'))],
    ['in it', () => within('a', files).set('a/notes.txt', Buffer.from('x'))],
    ['of a name of theirs', () => within('ä', files).set('ä/b c.txt', Buffer.from('x'))],
    [
      'beside a manifest of another program',
      () =>
        within('a', files)
          .set('a web page/manifest.json', Buffer.from('{"name":"x"}'))
          .set('manifest.json', Buffer.from('[]')),
    ],
    [
      'beside the results of a run, of which it is one',
      () =>
        within('a', files)
          .set('run/manifest.json', Buffer.from(runManifest))
          .set('manifest.json', Buffer.from(runManifest)),
    ],
    ['larger than all', () => new Map([...files, ['film.mov', Buffer.alloc(3e6)]])],
  ])('with files of a person’s that its manifest does not list, %s', async (_, content) => {
    const entries = [...content()].map(([path, data]) => ({ name: Buffer.from(path), data }));
    const limits = { files: 1000, bytes: 2e6 };
    expectPlain(await readZip(rawZip(entries), limits));
    expectPlain(await readArchiveFolder(await folderOf(content()), limits));
  });

  test('and gives the same results', async () => {
    const resultsOf = async (bytes: Uint8Array) => {
      const { core } = coreOn(temporaryFolder());
      const services = createServices(core);
      const study = await services.studyImport.import(
        await fileIn(join(core.dataDir, 'given'), bytes),
      );
      expect(study).toMatchObject({ id: studyId, name: 'Pilot', state: 'closed', raters: 3 });
      const filters = resultFiltersSchema.parse({});
      return services.studyResults.get({ study: studyId, filters });
    };
    const entries = [...files].map(([path, data]) => ({ name: Buffer.from(path), data }));
    const [own, ...others] = await Promise.all(
      [rawZip(entries), ...Object.values(packers).map((pack) => pack(files))].map(resultsOf),
    );
    for (const other of others) {
      expect({ ...other, study: null }).toEqual({ ...own, study: null });
    }
  });

  test('from a folder with what file managers leave, some folders deep', async () => {
    for (const content of [files, withJunk(files), withJunk(within('Neuer Ordner/ä b', files))]) {
      const found = await readArchiveFolder(await folderOf(content));
      expectPlain(found);
      expect(found && readArchive(found).manifest.study.id).toBe(studyId);
    }
  });

  test('from a folder with links that stay in it', async () => {
    const folder = await folderOf(within('study', files));
    renameSync(join(folder, 'study', 'datasets'), join(folder, 'study', '._moved'));
    symlinkSync('._moved', join(folder, 'study', 'datasets'));
    expectPlain(await readArchiveFolder(folder));
  });

  test('and a folder in which others come and go meanwhile is searched to its end', async () => {
    const folder = await folderOf(within('the study', files));
    let over = false;
    const others = (async () => {
      for (let i = 0; !over; i += 1) {
        const place = join(folder, `coming and going ${i % 7}`);
        await mkdir(place, { recursive: true });
        await writeFile(join(place, i % 2 ? 'file' : 'manifest.json'), 'x');
        await rm(place, { recursive: true });
      }
    })();
    try {
      for (let i = 0; i < 20; i += 1) expectPlain(await readArchiveFolder(folder));
    } finally {
      over = true;
      await others;
    }
  });

  test('and no folder without one', async () => {
    expect(await readArchiveFolder(await folderOf(new Map()))).toBeNull();
    expect(await readArchiveFolder(await folderOf(within('a/b/c/d', files)))).toBeNull();
    // Folders that hold one another by links come to an end.
    const around = await folderOf(new Map([['a/b.txt', Buffer.from('x')]]));
    for (const name of ['one', 'two']) symlinkSync(around, join(around, 'a', name));
    expect(await readArchiveFolder(around, { files: 2000, bytes: 1e6 })).toBeNull();
  });
});

describe('what is not junk is refused as before', () => {
  const zipOf = (all: ArchiveFiles) =>
    rawZip([...all].map(([path, data]) => ({ name: Buffer.from(path), data })));
  const some = Buffer.from('x');
  const refused = (reason: RegExp) => ({
    data: { code: 'corrupt-file', message: expect.stringMatching(reason) as string },
  });

  test.each<[string, () => ArchiveFiles, RegExp]>([
    [
      'two studies',
      () => new Map([...within('a', files), ...within('b', files)]),
      /more than one study: a\/manifest\.json and b\/manifest\.json/,
    ],
    [
      'a name twice, once with a backslash',
      () => new Map([...files, ['datasets\\mnist\\images.csv', some]]),
      /datasets\/mnist\/images\.csv is in it twice/,
    ],
    ['a way out', () => new Map([...files, ['..\\evil', some]]), /"\.\.\/evil" is no path/],
    ['a way out in junk', () => new Map([...files, ['__MACOSX/../../e', some]]), /is no path/],
    ['a drive', () => new Map([...files, ['C:\\evil', some]]), /"C:\/evil" is no path/],
    ['a folder that leads out', () => new Map([...files, ['../../', some]]), /is no path/],
  ])('%s', async (_, content, reason) => {
    await expect(readZip(zipOf(content()))).rejects.toMatchObject(refused(reason));
  });

  test('a file that nobody listed, however it came there', () => {
    const found = new Map([...plain, ['notes.txt', some]]);
    expect(() => readArchive(found)).toThrow(/notes\.txt is not listed/);
  });

  test('a link in a ZIP that its manifest lists, and more than the limits', async () => {
    const entries = [...files].map(([path, data]) => ({
      ...{ name: Buffer.from(path), data },
      ...(path === 'raters.csv' ? { mode: 0o120777 } : {}),
    }));
    await expect(readZip(rawZip(entries))).rejects.toMatchObject(
      refused(/raters\.csv is a symbolic link/),
    );
    const limits = { files: 1000, bytes: 2e4 };
    await expect(readZip(zipOf(files), limits)).rejects.toMatchObject(refused(/it is larger than/));
  });

  test('links of a folder that lead out of it, by name', async () => {
    const outside = join(home, 'outside.csv');
    writeFileSync(outside, 'secret');
    for (const [target, reason] of [
      [outside, /raters\.csv is a symbolic link to .*outside\.csv, outside the folder/],
      ['nothing', /raters\.csv is a symbolic link to nothing/],
    ] as const) {
      const folder = await folderOf(files);
      rmSync(join(folder, 'raters.csv'));
      symlinkSync(target, join(folder, 'raters.csv'));
      await expect(readArchiveFolder(folder)).rejects.toMatchObject(refused(reason));
    }
  });
});
