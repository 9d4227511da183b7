import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getSystemErrorMap } from 'node:util';
import { describe, expect, it } from 'vitest';
import { INPUTS, OUTPUTS, appCurrent } from '../../scripts/setup/app.mjs';
import { cacheDirectory } from '../../scripts/setup/context.mjs';
import { explainSystem, SetupError } from '../../scripts/setup/errors.mjs';
import { hashOfTree, writeAtomically } from '../../scripts/setup/files.mjs';
import { processBegan, withLock } from '../../scripts/setup/lock.mjs';
import { ensurePackages, missingPackages, packagesCurrent } from '../../scripts/setup/packages.mjs';
import { readStamp, removeStamp, writeStamp } from '../../scripts/setup/stamps.mjs';
import { setupContext, temporaryFolder, write } from './support';

const lockModule = new URL('../../scripts/setup/lock.mjs', import.meta.url).href;

describe('stamps', () => {
  it('are read back whole, and a damaged or missing one counts as none', () => {
    const state = temporaryFolder();
    expect(readStamp(state, 'step')).toBeNull();
    writeStamp(state, 'step', { inputs: 'abc' });
    expect(readStamp(state, 'step')).toEqual({ inputs: 'abc' });
    write(join(state, 'step.stamp.json'), '{"inputs": "ab');
    expect(readStamp(state, 'step')).toBeNull();
    removeStamp(state, 'step');
    removeStamp(state, 'step');
    expect(readdirSync(state)).toEqual([]);
  });

  it('are written under another name first, so none is ever half there', () => {
    const folder = temporaryFolder();
    writeAtomically(join(folder, 'deep', 'file'), 'one');
    writeAtomically(join(folder, 'deep', 'file'), 'two');
    expect(readdirSync(join(folder, 'deep'))).toEqual(['file']);
  });
});

describe('the hash of sources', () => {
  it('follows content, names, additions and removals, and not dates', () => {
    const root = temporaryFolder();
    const inputs = ['src', 'config.ts'];
    write(join(root, 'src', 'a.ts'), 'one');
    const seen = [hashOfTree(root, inputs)];
    const change = (label: string, work: () => void) => {
      work();
      const now = hashOfTree(root, inputs);
      expect(seen, label).not.toContain(now);
      seen.push(now);
    };
    change('content', () => write(join(root, 'src', 'a.ts'), 'two'));
    change('a new file', () => write(join(root, 'src', 'deep', 'b.ts'), ''));
    change('a file that was absent', () => write(join(root, 'config.ts'), ''));
    change('a removal', () => rmSync(join(root, 'src', 'a.ts')));
    utimesSync(join(root, 'config.ts'), 1, 1);
    expect(hashOfTree(root, inputs)).toBe(seen.at(-1));
  });

  it('decides whether the application is built anew', () => {
    const { root, context } = setupContext();
    write(join(root, 'src', 'a.ts'), 'one');
    for (const file of OUTPUTS) write(join(root, 'out', file), '');
    expect(appCurrent(context)).toBe(false);
    writeStamp(context.state, 'app', { inputs: hashOfTree(root, INPUTS) });
    expect(appCurrent(context)).toBe(true);
    rmSync(join(root, 'out', 'main', 'web.js'));
    expect(appCurrent(context)).toBe(false);
    write(join(root, 'out', 'main', 'web.js'), '');
    write(join(root, 'src', 'a.ts'), 'two');
    expect(appCurrent(context)).toBe(false);
  });
});

describe('the packages', () => {
  const entry = (version: string) => ({ version, integrity: `sha512-${version}` });

  function install(root: string, installed: Record<string, object>) {
    write(
      join(root, 'package-lock.json'),
      JSON.stringify({
        packages: {
          '': {},
          'node_modules/a': entry('1'),
          'node_modules/b': { ...entry('2'), dev: true },
          'node_modules/other-platform': { ...entry('3'), optional: true },
        },
      }),
    );
    write(
      join(root, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: installed }),
    );
    for (const path of Object.keys(installed)) write(join(root, path, 'package.json'), '{}');
  }
  const complete = { 'node_modules/a': entry('1'), 'node_modules/b': entry('2') };

  it('are complete without those of other platforms', () => {
    const root = temporaryFolder();
    install(root, complete);
    expect(missingPackages(root)).toEqual([]);
  });

  it('lack one that was never installed, has another version, or lost its folder', () => {
    const root = temporaryFolder();
    install(root, { 'node_modules/a': entry('1') });
    expect(missingPackages(root)).toEqual(['node_modules/b']);
    install(root, { ...complete, 'node_modules/b': entry('9') });
    expect(missingPackages(root)).toEqual(['node_modules/b']);
    install(root, complete);
    rmSync(join(root, 'node_modules', 'a'), { recursive: true });
    expect(missingPackages(root)).toEqual(['node_modules/a']);
  });

  it('are left alone where npm installed them already, and stamped', async () => {
    const { root, context } = setupContext({ PATH: '' });
    install(root, complete);
    expect(packagesCurrent(context)).toBe(false);
    expect(await ensurePackages(context)).toBe(false);
    expect(packagesCurrent(context)).toBe(true);
    rmSync(join(root, 'node_modules', 'b'), { recursive: true });
    expect(packagesCurrent(context)).toBe(false);
  });
});

describe('the lock', () => {
  const options = { onWait: () => undefined };

  it('lets one set-up at a time work', async () => {
    const file = join(temporaryFolder(), 'lock');
    const events: string[] = [];
    let waited = 0;
    const work = (name: string) =>
      withLock(file, { onWait: () => (waited += 1) }, async () => {
        events.push(`${name} begins`);
        await sleep(60);
        events.push(`${name} ends`);
      });
    await Promise.all([work('one'), work('two')]);
    expect(events.map((event) => event.split(' ')[1])).toEqual([
      'begins',
      'ends',
      'begins',
      'ends',
    ]);
    expect(waited).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  it('is given back by a set-up that fails', async () => {
    const file = join(temporaryFolder(), 'lock');
    await expect(
      withLock(file, options, async () => Promise.reject(new Error('broken'))),
    ).rejects.toThrow('broken');
    await expect(withLock(file, options, async () => 'free')).resolves.toBe('free');
  });

  it('is taken over from a set-up that was killed, whose tools are ended first', async () => {
    const file = join(temporaryFolder(), 'lock');
    const script = `
      const { withLock, noteChild } = await import(${JSON.stringify(lockModule)});
      const { spawn } = await import('node:child_process');
      await withLock(${JSON.stringify(file)}, { onWait() {} }, async () => {
        const tool = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
        noteChild(tool.pid);
        console.log(tool.pid);
        await new Promise((resolve) => setTimeout(resolve, 60000));
      });`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(holder.stdout, 'data');
    const tool = Number(String(line));
    expect(processBegan(tool)).not.toBeNull();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await expect(withLock(file, options, async () => 'mine')).resolves.toBe('mine');
    expect(processBegan(tool)).toBeNull();
  });

  it('is taken over where its number belongs to another process by now', async () => {
    const file = join(temporaryFolder(), 'lock');
    write(file, JSON.stringify({ holder: { pid: process.pid, began: 'long ago' }, tools: [] }));
    await expect(withLock(file, options, async () => 'mine')).resolves.toBe('mine');
    write(file, 'cut off');
    await expect(
      withLock(file, options, async () => JSON.parse(readFileSync(file, 'utf8')).holder.pid),
    ).resolves.toBe(process.pid);
  });
});

describe('the cache', () => {
  const home = '/home/a';

  it('is the system’s own place for caches, or the one that is named', () => {
    expect(cacheDirectory({ env: {}, platform: 'linux', home })).toBe(
      '/home/a/.cache/saliency-studio',
    );
    expect(cacheDirectory({ env: { XDG_CACHE_HOME: '/x' }, platform: 'linux', home })).toBe(
      '/x/saliency-studio',
    );
    expect(cacheDirectory({ env: { XDG_CACHE_HOME: 'x' }, platform: 'linux', home })).toBe(
      '/home/a/.cache/saliency-studio',
    );
    expect(cacheDirectory({ env: {}, platform: 'darwin', home })).toBe(
      '/home/a/Library/Caches/saliency-studio',
    );
    expect(cacheDirectory({ env: { SALIENCY_STUDIO_CACHE: '/c' }, platform: 'linux', home })).toBe(
      '/c',
    );
  });

  it('is refused by the variable’s name where it is none and cannot become one', () => {
    const file = write(join(temporaryFolder(), 'file'), '');
    const linux = { platform: 'linux', home } as const;
    for (const named of ['', ' ', 'caches/mine', file]) {
      expect(() => cacheDirectory({ env: { SALIENCY_STUDIO_CACHE: named }, ...linux })).toThrow(
        `SALIENCY_STUDIO_CACHE is ${JSON.stringify(named)}; accepted: the whole path of a folder`,
      );
    }
    // Of a home that is no path, not the current folder.
    expect(() => cacheDirectory({ env: {}, platform: 'linux', home: '' })).toThrow('HOME is ""');
  });
});

describe('what the system refuses', () => {
  it('is said in words, with the path and without its code', () => {
    for (const [code] of getSystemErrorMap().values()) {
      const error = Object.assign(new Error(`${code}: something, open '/there'`), {
        ...{ code, syscall: 'open', path: '/there' },
      });
      const told = explainSystem(error);
      if (!/^E[A-Z0-9]+$/.test(code)) continue;
      expect(told, code).toBeInstanceOf(SetupError);
      const { message, remedy } = told as SetupError;
      expect(message, code).toContain('/there');
      expect(`${message} ${remedy}`, code).not.toContain(code);
    }
    const fault = new TypeError('x is not a function');
    expect(explainSystem(fault)).toBe(fault);
  });
});
