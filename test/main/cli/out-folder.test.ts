import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../src/main/core/app';
import { noEngine } from '../core/sessions/world';
import { type ExportFile } from '../../../src/shared/export-file';
import { type StubApp, stubApp } from '../core/stub-app';
import { model } from './records';
import { cli } from './world';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-out-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const names = (path: string) => readdirSync(path).sort();

test('a second model takes the place of the first in its folder, and says so', async () => {
  const out = join(folder, 'weights');
  const train = (letter: string, seed: number) => {
    const stored = model('ready', { id: `model_${letter.repeat(16)}`, name: `Model ${letter}` });
    const recipe = stored.recipe && { ...stored.recipe, seed };
    const app: StubApp = stubApp({
      'models.list': () => [{ ...stored, recipe }],
      'models.get': () => ({ ...stored, recipe }),
      'models.export': (): Promise<ExportFile> =>
        app.exports.put(`model-${letter}.safetensors`, 'application/octet-stream', letter),
    });
    const argv = ['train', '--dataset', 'mnist', '--seed', String(seed), '--out', out, '--json'];
    return cli(argv, { app });
  };
  const first = await train('a', 1);
  expect(first.json()).toMatchObject({ how: 'stored', replaced: null });
  expect(names(out)).toEqual(['manifest.json', 'model-a.safetensors']);
  expect((await train('a', 1)).json()).toMatchObject({ replaced: null });
  writeFileSync(join(out, 'notes.txt'), 'mine');
  const second = await train('b', 2);
  expect(second.exit).toBe(0);
  expect(second.stderr).toContain(
    `${out} held the model “Model a” (model_aaaaaaaaaaaaaaaa): its 2 files are replaced.`,
  );
  expect(second.json()).toMatchObject({ replaced: { files: 2, kept: [] } });
  expect(names(out)).toEqual(['manifest.json', 'model-b.safetensors', 'notes.txt']);
  expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))).toMatchObject({
    format: 'saliency-studio/model/1',
    result: { kind: 'model', id: 'model_bbbbbbbbbbbbbbbb' },
    files: [{ name: 'model-b.safetensors', bytes: 1 }],
  });
});

test('an archive among other files, and after another study, can still be imported', async () => {
  const run = (data: string, ...argv: string[]) =>
    cli([...argv, '--data', join(folder, data)], {
      openApp: ({ dataDir, access }) =>
        createApp({ dataDir, access, shell: 'cli', startEngine: noEngine, recover: 'park' }),
    });
  const csv = join(folder, 'small.csv');
  const header = 'study,dataset,image,method,question,rater,label';
  const row = (study: string) => `${study},MNIST,1,smoothgrad,visual-coherence,a,High`;
  writeFileSync(csv, [header, row('First'), row('Second'), ''].join('\n'));
  expect((await run('data', 'ratings', 'import', csv)).exit).toBe(0);
  const out = join(folder, 'archive');
  expect((await run('data', 'export', '--study', 'First', '--out', out)).stderr).toBe('');
  writeFileSync(join(out, 'notes.txt'), 'mine');
  writeFileSync(join(out, 'tables', '.DS_Store'), 'mine');
  const second = await run('data', 'export', '--study', 'Second', '--out', out);
  expect(second.stderr).toMatch(/held the study “First” \(study_\w+\): its \d+ files are replaced/);
  const imported = await run('other', 'studies', 'import', out);
  expect(imported.stderr).toBe('');
  expect(imported.stdout).toMatch(/^Second, version 1/);
  expect(readFileSync(join(out, 'notes.txt'), 'utf8')).toBe('mine');
});
