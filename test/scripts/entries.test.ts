import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { INPUTS, OUTPUTS } from '../../scripts/setup/app.mjs';
import { repositoryRoot } from '../../scripts/setup/context.mjs';
import { hashOfTree } from '../../scripts/setup/files.mjs';
import { writeStamp } from '../../scripts/setup/stamps.mjs';
import { temporaryFolder, write } from './support';

/**
 * A clone with this one's scripts and packages, an application of a few lines that counts as
 * built, an empty cache, and a PATH without Python and compiler: the engine cannot be set up.
 */
function cloneWithoutEngine(programs: Record<string, string>) {
  const root = temporaryFolder();
  for (const name of ['scripts', 'package.json', 'package-lock.json']) {
    cpSync(join(repositoryRoot, name), join(root, name), { recursive: true });
  }
  for (const folder of [
    join('resources', 'tensorflow'),
    join('src', 'engine', 'runtime', 'native'),
  ]) {
    cpSync(join(repositoryRoot, folder), join(root, folder), { recursive: true });
  }
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
  for (const file of OUTPUTS) write(join(root, 'out', file), '');
  for (const [file, code] of Object.entries(programs)) write(join(root, 'out', file), code);
  writeStamp(join(root, '.setup'), 'app', { inputs: hashOfTree(root, INPUTS) });
  const env = {
    PATH: dirname(process.execPath),
    HOME: root,
    SALIENCY_STUDIO_CACHE: join(root, 'cache'),
  };
  return {
    root,
    start(script: string, args: string[]) {
      const child = spawn(process.execPath, [join(root, 'scripts', script), ...args], { env });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => (stdout += String(chunk)));
      child.stderr.on('data', (chunk) => (stderr += String(chunk)));
      const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
      return { child, ended, stdout: () => stdout };
    },
  };
}

const says = 'console.log(JSON.stringify(process.argv.slice(2)));';

describe('without an engine', () => {
  it('npm test fails, says why and how to mend it, and counts one failure', async () => {
    const { ended } = cloneWithoutEngine({}).start('test.mjs', []);
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toContain('The tests need the engine: There is no');
    expect(stderr).toContain('To mend it: ');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed');
  });

  it('npm test runs what needs none, and counts what it leaves out', async () => {
    const clone = cloneWithoutEngine({});
    for (const file of ['one.test.ts', 'two.engine.test.ts']) {
      write(
        join(clone.root, 'test', 'core', file),
        "import { expect, it } from 'vitest'; it('is', () => expect(1).toBe(1));",
      );
    }
    const mixed = await clone.start('test.mjs', ['core']).ended;
    expect(mixed.stderr).toBe('');
    expect(mixed.stdout).toContain('1 file that needs the engine left out');
    expect(mixed.stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 0 failed');
    expect(mixed.code).toBe(0);
    const named = await clone.start('test.mjs', ['two']).ended;
    expect(named.stderr).toContain('The tests need the engine: There is no');
    const e2e = await clone.start('test.mjs', ['e2e', '--no-engine']).ended;
    expect(e2e.stderr).toContain('the end-to-end tests need the engine');
    expect(e2e.code).toBe(2);
  });

  it('npm start opens all the same, after saying why', async () => {
    const clone = cloneWithoutEngine({ 'main/web.js': says });
    const args = ['--port', '0', '--no-open', '--data', join(clone.root, 'data')];
    const { code, stdout } = await clone.start('start.mjs', args).ended;
    expect(code).toBe(0);
    expect(stdout).toContain('The engine is not available: ');
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual([
      '--data',
      join(clone.root, 'data'),
      '--port',
      '0',
      '--no-open',
    ]);
  });

  it('npm start --no-engine tries nothing and tells the shell', async () => {
    const clone = cloneWithoutEngine({ 'main/web.js': says });
    const { code, stdout } = await clone.start('start.mjs', ['--no-engine', '--browser']).ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain('compiler');
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual(['--no-engine']);
  });
});

describe('the command line', () => {
  it('has stdout to itself and hands its exit code on', async () => {
    const clone = cloneWithoutEngine({ 'main/cli.js': `${says} process.exitCode = 7;` });
    const { code, stdout, stderr } = await clone.start('cli.mjs', ['doctor', '--json']).ended;
    expect(code).toBe(7);
    expect(stdout).toBe('["doctor","--json"]\n');
    expect(stderr).toContain('Set-up');
  });

  it('gets one signal for one wish, however often it arrives, and decides the exit code', async () => {
    const program = `
      let signals = 0;
      process.on('SIGINT', () => {
        signals += 1;
        setTimeout(() => { console.log('signals ' + signals); process.exit(130); }, 400);
      });
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const clone = cloneWithoutEngine({ 'main/cli.js': program });
    const { child, ended, stdout } = clone.start('cli.mjs', ['roar']);
    while (!stdout().includes('ready')) await once(child.stdout, 'data');
    for (let count = 0; count < 3; count += 1) child.kill('SIGINT');
    const { code, stdout: all } = await ended;
    expect(all).toContain('signals 1\n');
    expect(code).toBe(130);
  });

  it('ends in good order when its launcher is killed outright', async () => {
    const program = `
      process.on('SIGTERM', () => { console.log('parked'); process.exit(0); });
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const clone = cloneWithoutEngine({ 'main/cli.js': program });
    const { child, ended, stdout } = clone.start('cli.mjs', ['roar']);
    while (!stdout().includes('ready')) await once(child.stdout, 'data');
    child.kill('SIGKILL');
    // The pipe closes with the program, not with its launcher.
    expect((await ended).stdout).toContain('parked');
  });
});
