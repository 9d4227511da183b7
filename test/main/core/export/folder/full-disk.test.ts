import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../../../src/main/core/app';
import { writeOutputFolder } from '../../../../../src/main/core/export/folder/output-folder';
import { writeWholeFile } from '../../../../../src/main/core/export/folder/whole-file';
import { cli } from '../../../cli/world';
import { bundle } from '../../jobs/bundle';
import { noEngine } from '../../sessions/world';
import { addRun } from './sample';

const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file system of 48 KiB, where this user may mount one. */
const disk = join(folder, 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48k', 'tmpfs', disk]);
const small = mounted.status === 0;
if (small) afterAll(() => void spawnSync('umount', [disk]));
else {
  const why = mounted.error?.message ?? mounted.stderr.toString().trim();
  console.log(`No file system can be mounted here (${why}): files are limited instead.`);
}

const full = {
  code: 'disk-full',
  message: expect.stringMatching(
    /^The disk that holds .*disk\/.* is full: free some space/,
  ) as string,
};
const names = (path: string) => readdirSync(path, { recursive: true }).map(String).sort();
const large = 'x'.repeat(200_000);

describe.skipIf(!small)('on a disk that is full', () => {
  afterEach(() => {
    for (const name of readdirSync(disk)) rmSync(join(disk, name), { recursive: true });
  });

  it('a result is written whole or not at all, and an earlier one stays', async () => {
    const path = join(disk, 'a', 'out');
    const put = (id: string, text: string) =>
      writeOutputFolder({ path, field: '--out' }, (out) =>
        addRun(out, id, { 'x.csv': 'small', 'y.csv': text }),
      );
    await expect(put('run_a', large)).rejects.toMatchObject({ data: full });
    expect(names(disk)).toEqual([]);
    await put('run_a', 'small');
    const before = names(path);
    await expect(put('run_b', large)).rejects.toMatchObject({ data: full });
    expect(names(path)).toEqual(before);
    expect(readFileSync(join(path, 'manifest.json'), 'utf8')).toContain('run_a');
  });

  it('so is a file, made or copied', async () => {
    const path = join(disk, 'new', 'file.bin');
    const source = join(folder, 'source');
    writeFileSync(source, large);
    for (const what of [{ bytes: Buffer.from(large) }, { copyOf: source }]) {
      await expect(writeWholeFile(path, what)).rejects.toMatchObject({ data: full });
      expect(names(disk)).toEqual([]);
    }
  });

  describe('every export says so, with exit 1, and leaves nothing', () => {
    const run = (...argv: string[]) =>
      cli([...argv, '--data', join(folder, 'data')], {
        openApp: ({ dataDir, access }) =>
          createApp({ dataDir, access, shell: 'cli', startEngine: noEngine, recover: 'park' }),
      });
    beforeAll(async () => {
      const header = 'study,dataset,image,method,question,rater,label';
      const rows = Array.from(
        { length: 900 },
        (_, i) => `E,MNIST,${i},smoothgrad,visual-coherence,rater ${i % 3},High`,
      );
      const csv = join(folder, 'ratings.csv');
      writeFileSync(csv, [header, ...rows, ''].join('\n'));
      expect((await run('ratings', 'import', csv)).exit).toBe(0);
    });

    it.each([
      [['ratings', 'export', '--study', 'E'], 'x.csv'],
      [['tables', '--study', 'E', '--format', 'png'], 'x.png'],
      [['export', '--study', 'E'], 'folder'],
      [['export', '--study', 'E'], 'x.zip'],
      [['backup'], 'x.sqlite'],
    ])('%j', async (argv, name) => {
      const ran = await run(...argv, '--out', join(disk, 'sub', name), '--json');
      expect(ran.exit).toBe(1);
      expect(ran.json()).toMatchObject({ error: full });
      expect(ran.stderr).not.toMatch(/ENOSPC|\.part/);
      expect(names(disk)).toEqual([]);
    });

    it('a disk without room for anything is told of before any work', async () => {
      writeFileSync(join(disk, 'fill'), '');
      expect(() => writeFileSync(join(disk, 'fill'), large)).toThrow(/ENOSPC/);
      const ran = await run('backup', '--out', join(disk, 'x.sqlite'));
      expect([1, 2]).toContain(ran.exit);
      expect(ran.stderr).toMatch(/the disk that holds .* is full/i);
      expect(names(disk)).toEqual(['fill']);
    });
  });
});

describe.skipIf(process.platform === 'win32')('where files may not grow', () => {
  let built: Awaited<ReturnType<typeof bundle>>;
  let out: string;
  beforeAll(async () => {
    const child = fileURLToPath(new URL('./write-large.ts', import.meta.url));
    built = await bundle({ child });
  });
  afterAll(() => built.remove());
  beforeEach(() => {
    out = mkdtempSync(join(folder, 'limited-'));
  });

  it.each(['folder', 'file'])('a %s is refused in words, and nothing is left', (what) => {
    const command = 'ulimit -f 64; exec "$0" "$@"';
    const args = [process.execPath, join(built.folder, 'child.js'), what, join(out, 'a', 'b')];
    const ran = spawnSync('sh', ['-c', command, ...args], { encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(
        /b would grow larger than .* allows: raise the limit/,
      ) as string,
    });
    expect(readdirSync(out)).toEqual([]);
  });
});
