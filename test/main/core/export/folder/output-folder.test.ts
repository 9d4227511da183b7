import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  OutputFolder,
  within,
  writeOutputFolder,
  type Written,
} from '../../../../../src/main/core/export/folder/output-folder';
import { temporaryFolder } from '../../storage/helpers';
import { addRun } from './sample';

const field = '--out';
const put = (path: string, id: string, files?: Record<string, string>): Promise<Written> =>
  writeOutputFolder({ path, field }, (out) => addRun(out, id, files));
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const names = (path: string) => readdirSync(path, { recursive: true }).map(String).sort();
const result = (id: string) => ({ kind: 'maps', id, name: id }) as const;
const refused = (accepted: RegExp) =>
  expect.objectContaining({
    data: expect.objectContaining({
      ...{ code: 'invalid-input', field },
      accepted: expect.stringMatching(accepted),
    }),
  });

describe('an output folder belongs to one result', () => {
  it('is made where it is missing, with files in subfolders', async () => {
    const path = join(temporaryFolder(), 'a', 'b');
    const { files, replaced } = await put(path, 'run_a', { 'x.csv': '1', 'sub/y.csv': '2' });
    expect(files).toEqual(['x.csv', 'sub/y.csv', 'manifest.json'].map((name) => join(path, name)));
    expect(replaced).toBeNull();
    expect(names(path)).toEqual(['manifest.json', 'sub', join('sub', 'y.csv'), 'x.csv']);
  });

  it('takes files in pieces, together, as it takes whole ones', async () => {
    const path = temporaryFolder();
    const encoded = (text: string) => new TextEncoder().encode(text);
    await writeOutputFolder({ path, field }, async (out) => {
      const whole = ['abab', '12'];
      await within(out, 'pieces').addPieces(['a', 'b'], async (write) => {
        for (const [a, b] of [...'12'].map((digit) => ['ab', digit] as const)) {
          await write(0, encoded(a));
          await write(1, encoded(b));
        }
      });
      for (const [i, text] of whole.entries()) await out.add(`whole/${i}`, text);
      const [a, b, ...others] = out.added.map(({ sha256, bytes }) => ({ sha256, bytes }));
      expect([a, b]).toEqual(others);
      await out.addManifest({ format: 'saliency-studio/maps/1', result: result('maps_a') });
    });
    expect(read(path, 'pieces', 'a')).toBe('abab');
  });

  it('keeps nothing of pieces that end early', async () => {
    const path = join(temporaryFolder(), 'new');
    const writing = writeOutputFolder({ path, field }, (out) =>
      out.addPieces(['a'], async (write) => {
        await write(0, Uint8Array.of(1));
        throw new Error('stopped');
      }),
    );
    await expect(writing).rejects.toThrow('stopped');
    expect(existsSync(path)).toBe(false);
  });

  it('is written again by the same result, which says nothing', async () => {
    const path = temporaryFolder();
    await put(path, 'run_a', { 'x.csv': 'before' });
    const again = await put(path, 'run_a', { 'x.csv': 'after' });
    expect(again.replaced).toBeNull();
    expect(read(path, 'x.csv')).toBe('after');
  });

  it('is cleared of another result, which is said, and of nothing else', async () => {
    const path = temporaryFolder();
    await put(path, 'run_a', { 'x.csv': 'a', 'maps/1.npy': 'a', 'maps/2.npy': 'a' });
    writeFileSync(join(path, 'notes.txt'), 'mine');
    const { replaced } = await put(path, 'run_b', { 'x.csv': 'b', 'z.csv': 'b' });
    expect(replaced).toEqual({
      results: ['the ROAR run “Run run_a” (run_a)'],
      files: 4,
      kept: [],
    });
    expect(names(path)).toEqual(['manifest.json', 'notes.txt', 'x.csv', 'z.csv']);
    expect(read(path, 'x.csv')).toBe('b');
    expect(read(path, 'notes.txt')).toBe('mine');
  });

  it.each([
    ['a file', (path: string) => writeFileSync(path, 'mine')],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a link', (path: string) => symlinkSync('/nowhere', path)],
  ])('refuses %s that is in the way, before anything is written', async (_what, make) => {
    const path = temporaryFolder();
    make(join(path, 'x.csv'));
    const before = names(path);
    await expect(OutputFolder.check({ path, field }, ['x.csv'])).rejects.toThrow(
      refused(/x\.csv there is listed by no manifest of Saliency Studio/),
    );
    await expect(put(path, 'run_a', { 'x.csv': '1', 'y.csv': '2' })).rejects.toThrow(refused(/x/));
    expect(names(path)).toEqual(before);
    await OutputFolder.check({ path, field }, ['other.csv']);
  });

  it('refuses a manifest.json that is none of ours', async () => {
    const path = temporaryFolder();
    for (const text of ['{"name": "my web app"}', '{', '{"format": "other/1", "files": []}']) {
      writeFileSync(join(path, 'manifest.json'), text);
      await expect(put(path, 'run_a')).rejects.toThrow(refused(/manifest\.json there is not/));
      expect(read(path, 'manifest.json')).toBe(text);
    }
  });

  it('never loses what a person changed in a file of ours', async () => {
    const path = temporaryFolder();
    await put(path, 'run_a', { 'x.csv': 'a', 'old.csv': 'a' });
    writeFileSync(join(path, 'x.csv'), 'edited');
    writeFileSync(join(path, 'old.csv'), 'edited too');
    for (const id of ['run_a', 'run_b']) {
      await expect(put(path, id, { 'x.csv': 'b' })).rejects.toThrow(
        refused(/x\.csv there was changed after it was written/),
      );
    }
    expect(read(path, 'x.csv')).toBe('edited');
    rmSync(join(path, 'x.csv'));
    const { replaced } = await put(path, 'run_b', { 'x.csv': 'b' });
    expect(replaced).toMatchObject({ kept: ['old.csv'] });
    expect(read(path, 'old.csv')).toBe('edited too');
  });

  it.each(['../victim', '/victim', 'sub/../../victim', '..\\victim', '', 'a//b'])(
    'trusts no manifest that lists %j',
    async (listed) => {
      const parent = temporaryFolder();
      const path = join(parent, 'out');
      mkdirSync(path);
      writeFileSync(join(parent, 'victim'), 'a');
      const sha256 = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
      const hostile = {
        format: 'saliency-studio/roar-manifest',
        run: { id: 'run_x', name: 'x' },
        outputs: [{ name: listed, sha256 }],
      };
      writeFileSync(join(path, 'manifest.json'), JSON.stringify(hostile));
      await expect(put(path, 'run_a')).rejects.toThrow(refused(/manifest\.json/));
      expect(read(parent, 'victim')).toBe('a');
    },
  );

  it('follows no link out of the folder, neither to delete nor to write', async () => {
    const parent = temporaryFolder();
    const [path, outside] = [join(parent, 'out'), join(parent, 'outside')];
    mkdirSync(outside);
    await put(path, 'run_a', { 'sub/1.npy': 'a', 'x.csv': 'a' });
    rmSync(join(path, 'sub'), { recursive: true });
    writeFileSync(join(outside, '1.npy'), 'a');
    symlinkSync(outside, join(path, 'sub'));
    rmSync(join(path, 'x.csv'));
    writeFileSync(join(outside, 'x.csv'), 'a');
    symlinkSync(join(outside, 'x.csv'), join(path, 'x.csv'));
    await expect(put(path, 'run_b', { 'sub/1.npy': 'b' })).rejects.toThrow(refused(/sub/));
    await expect(put(path, 'run_b', { 'x.csv': 'b' })).rejects.toThrow(refused(/x\.csv/));
    await put(path, 'run_b', { 'y.csv': 'b' });
    expect(read(outside, '1.npy')).toBe('a');
    expect(read(outside, 'x.csv')).toBe('a');
    expect(lstatSync(join(path, 'sub')).isSymbolicLink()).toBe(true);
  });

  it('may be a link to a folder', async () => {
    const parent = temporaryFolder();
    mkdirSync(join(parent, 'real'));
    symlinkSync(join(parent, 'real'), join(parent, 'out'));
    await put(join(parent, 'out'), 'run_a');
    expect(existsSync(join(parent, 'real', 'manifest.json'))).toBe(true);
  });

  it('takes the place of a result that was written into a subfolder of its own', async () => {
    const path = temporaryFolder();
    const experiment = () =>
      writeOutputFolder({ path, field }, async (out) => {
        await addRun(within(out, 'mnist'), 'run_m');
        await out.addManifest({
          format: 'saliency-studio/experiment/1',
          result: { kind: 'experiment', id: 'experiment_e', name: 'E' },
        });
      });
    await experiment();
    expect((await experiment()).replaced).toBeNull();
    await put(join(path, 'mnist'), 'run_other', { 'curves.csv': 'other', 'more.csv': 'other' });
    const { replaced } = await experiment();
    expect(replaced?.results).toEqual(['the ROAR run “Run run_other” (run_other)']);
    expect(read(path, 'mnist', 'curves.csv')).toBe('curves of run_m\n');
    expect(existsSync(join(path, 'mnist', 'more.csv'))).toBe(false);
  });

  it('leaves nothing behind when the work fails, not even the folders it made', async () => {
    const parent = temporaryFolder();
    const path = join(parent, 'a', 'b');
    const failing = (at: string) =>
      writeOutputFolder({ path: at, field }, async (out) => {
        await out.add('x.csv', '1');
        throw new Error('no');
      });
    await expect(failing(path)).rejects.toThrow('no');
    expect(names(parent)).toEqual([]);
    await put(path, 'run_a');
    const before = names(path);
    await expect(failing(path)).rejects.toThrow('no');
    expect(names(path)).toEqual(before);
  });

  it('is refused to a second process while one writes there', async () => {
    const path = temporaryFolder();
    mkdirSync(join(path, `.saliency-studio-${process.ppid}-00000000.part`));
    await expect(put(path, 'run_a')).rejects.toThrow(
      expect.objectContaining({ data: expect.objectContaining({ code: 'busy' }) }),
    );
  });
});
