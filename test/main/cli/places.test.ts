import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/main/core/app';
import { noEngine } from '../core/sessions/world';
import { cli } from './world';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-places-'));
});
afterEach(() => {
  for (const name of readdirSync(folder)) {
    if (name === 'locked') chmodSync(join(folder, name), 0o755);
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Nobody, root included, can make anything in /proc; elsewhere a user is kept out by rights. */
function unwritable(): string {
  if (process.platform === 'linux') return '/proc/saliency-studio';
  mkdirSync(join(folder, 'locked'), { mode: 0o555 });
  return join(folder, 'locked', 'x');
}

/** Places where nothing can be written, by what is wrong with them. */
const bad: Record<string, () => string> = {
  empty: () => '',
  blank: () => '  ',
  'below a file': () => {
    writeFileSync(join(folder, 'file'), 'mine');
    return join(folder, 'file', 'x');
  },
  'a dangling link': () => {
    symlinkSync(join(folder, 'nothing'), join(folder, 'link'));
    return join(folder, 'link');
  },
  'below a dangling link': () => {
    symlinkSync(join(folder, 'nothing'), join(folder, 'link'));
    return join(folder, 'link', 'x');
  },
  'a link to itself': () => {
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    return join(folder, 'loop');
  },
  'too long a name': () => join(folder, 'x'.repeat(300)),
  'too long a path': () => join(folder, ...Array.from({ length: 30 }, () => 'y'.repeat(200))),
  'not writable': unwritable,
};
const aFile = () => {
  writeFileSync(join(folder, 'file'), 'mine');
  return join(folder, 'file');
};

const study = ['--study', 'x'];
const folders: [string, string[]][] = [
  ['train', ['train', '--dataset', 'mnist']],
  ['maps', ['maps', '--dataset', 'mnist', '--images', '1']],
  ['roar', ['roar', '--dataset', 'mnist']],
  ['roar --sensitivity', ['roar', '--dataset', 'mnist', '--sensitivity']],
  ['reproduce', ['reproduce']],
  ['export', ['export', ...study]],
];
const files: [string, string[]][] = [
  ['export, packed', ['export', ...study]],
  ['tables', ['tables', ...study, '--format', 'csv']],
  ['ratings export', ['ratings', 'export', ...study]],
  ['backup', ['backup']],
  ['models export', ['models', 'export', 'model_aaaaaaaaaaaaaaaa']],
];

describe('--out that cannot be written is refused before anything is opened', () => {
  for (const [what, place] of Object.entries(bad)) {
    test.each([...folders, ...files])(`${what}: %s`, async (name, argv) => {
      const path = place();
      const out = name.endsWith('packed') && path.trim() !== '' ? `${path}.zip` : path;
      // A ZIP beside the link is another name, which can be written.
      if (name.endsWith('packed') && what === 'a dangling link') return;
      if (name.endsWith('packed') && what === 'a link to itself') return;
      const before = readdirSync(folder);
      const ran = await cli([...argv, '--out', out, '--json']);
      expect(ran.exit).toBe(2);
      expect(ran.stderr).toMatch(/^--out is ".*; accepted: .*\.\n$/);
      expect(ran.stderr).not.toMatch(/\bE[A-Z]{3,}\b/);
      expect(ran.json()).toMatchObject({ error: { code: 'invalid-input', field: '--out' } });
      expect(ran.opened).toEqual([]);
      expect(readdirSync(folder)).toEqual(before);
    });
  }

  test.each(folders)('a file: %s', async (_name, argv) => {
    const ran = await cli([...argv, '--out', aFile()]);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toMatch(/^--out is ".*file"; accepted: a folder .*\(it is a file\)/);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine');
  });

  test.each(files.slice(1))('what is neither a file nor a folder: %s', async (_name, argv) => {
    const ran = await cli([...argv, '--out', '/dev/null']);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toMatch(/it is neither a file nor a folder/);
  });

  test('a file that is in the way, by its name', async () => {
    for (const [argv, name] of [
      [['train', '--dataset', 'mnist'], 'mnist-t-0.safetensors'],
      [['roar', '--dataset', 'mnist'], 'figure.svg'],
      [['roar', '--dataset', 'mnist', '--protocol', 'retrain'], 'models.csv'],
    ] as const) {
      const out = mkdtempSync(join(folder, 'out-'));
      writeFileSync(join(out, name), 'mine');
      const ran = await cli([...argv, '--out', out]);
      expect(ran.exit).toBe(2);
      expect(ran.stderr).toContain(`${name} there is listed by no manifest of Saliency Studio`);
      expect(ran.opened).toEqual([]);
      expect(readFileSync(join(out, name), 'utf8')).toBe('mine');
    }
  });
});

describe('--data that is no folder and cannot become one', () => {
  const commands: [string, string[]][] = [
    ['train', ['train', '--dataset', 'mnist']],
    ['studies list', ['studies', 'list']],
    ['doctor', ['doctor']],
  ];
  for (const [what, place] of Object.entries({ ...bad, 'a file': aFile })) {
    if (what === 'not writable') continue;
    test.each(commands)(`${what}: %s`, async (_name, argv) => {
      const ran = await cli([...argv, '--data', place()]);
      expect(ran.exit).toBe(2);
      expect(ran.stderr).toMatch(/^--data is ".*; accepted: /);
      expect(ran.opened).toEqual([]);
    });
  }

  test('and cannot be written, where it must be', async () => {
    const data = unwritable();
    const run = (...argv: string[]) =>
      cli([...argv, '--data', data], {
        openApp: ({ dataDir, access }) =>
          createApp({ dataDir, access, shell: 'cli', startEngine: noEngine, recover: 'park' }),
      });
    const ran = await run('backup');
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain(`--data: ${data} cannot be written`);
    expect((await run('studies', 'list')).exit).toBe(0);
  });
});

describe('what a command reads is found to be there first', () => {
  test.each([
    [['ratings', 'import'], 'FILE'],
    [['studies', 'import'], 'FILE'],
    [['restore'], 'FILE'],
    [['datasets', 'import', 'cifar10'], 'PATH'],
  ])('%j', async (argv, field) => {
    for (const path of ['', ' ', join(folder, 'none'), join(aFile(), 'x')]) {
      const ran = await cli([...argv, path]);
      expect(ran.exit, path).toBe(2);
      expect(ran.stderr).toMatch(new RegExp(`^${field} is ".*; accepted: `));
      expect(ran.stderr).not.toMatch(/\bE[A-Z]{3,}\b/);
      expect(ran.opened).toEqual([]);
    }
  });
});

describe('a file that an export is written to', () => {
  const run = (...argv: string[]) =>
    cli([...argv, '--data', join(folder, 'data')], {
      openApp: ({ dataDir, access }) =>
        createApp({ dataDir, access, shell: 'cli', startEngine: noEngine, recover: 'park' }),
    });

  test('is written through a link, into a folder, or where folders are made for it', async () => {
    writeFileSync(join(folder, 'real.sqlite'), 'before');
    symlinkSync(join(folder, 'real.sqlite'), join(folder, 'link.sqlite'));
    expect((await run('backup', '--out', join(folder, 'link.sqlite'))).exit).toBe(0);
    expect(readFileSync(join(folder, 'real.sqlite'), 'latin1')).toMatch(/^SQLite format 3/);
    expect((await run('backup', '--out', join(folder, 'a', 'b', 'c.sqlite'))).exit).toBe(0);
    expect(existsSync(join(folder, 'a', 'b', 'c.sqlite'))).toBe(true);
    expect((await run('backup', '--out', `${join(folder, 'new')}/`)).exit).toBe(0);
    expect(readdirSync(join(folder, 'new'))).toEqual([
      expect.stringMatching(/^studio-.*\.sqlite$/),
    ]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('is none of those that an output folder lists', async () => {
    const csv = join(folder, 'small.csv');
    const header = 'study,dataset,image,method,question,rater,label';
    writeFileSync(csv, `${header}\nE,MNIST,1,smoothgrad,visual-coherence,a,High\n`);
    expect((await run('ratings', 'import', csv)).exit).toBe(0);
    const archive = join(folder, 'archive');
    expect((await run('export', '--study', 'E', '--out', archive)).exit).toBe(0);
    for (const name of ['ratings.csv', 'manifest.json']) {
      const ran = await run('ratings', 'export', '--study', 'E', '--out', join(archive, name));
      expect(ran.exit).toBe(2);
      expect(ran.stderr).toMatch(/it belongs to the study “E” \(study_\w+\), whose manifest\.json/);
    }
    const beside = join(archive, 'mine.csv');
    expect((await run('ratings', 'export', '--study', 'E', '--out', beside)).exit).toBe(0);
  });
});
