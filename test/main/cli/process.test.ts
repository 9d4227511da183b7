import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installedFiles } from '../../../src/main/core/storage/installed-files';

const files = installedFiles();
const entry = join(files.root, 'out', 'main', 'cli.js');
const children: ChildProcess[] = [];

let data: string;
beforeAll(() => {
  if (!existsSync(entry)) throw new Error('build first: npm run setup');
  data = mkdtempSync(join(tmpdir(), 'cli-process-'));
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

function run(...argv: string[]) {
  const child = spawn(files.node, [entry, ...argv, '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const wrote = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (wrote.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (wrote.stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, wrote, ended };
}

describe('the command line as a process', () => {
  test('doctor finds the engine that these tests need', async () => {
    const { wrote, ended } = run('doctor', '--json');
    const code = await ended;
    const found = JSON.parse(wrote.stdout) as Record<string, unknown>;
    expect(found).toMatchObject({ healthy: true, engine: { available: true } });
    expect(code).toBe(0);
    expect(existsSync(join(data, 'studio.sqlite'))).toBe(false);
  });

  test.runIf(existsSync('/dev/full'))(
    'a full disk behind its output is told, with exit 1',
    async () => {
      const full = openSync('/dev/full', 'w');
      const child = spawn(files.node, [entry, 'models', 'list', '--json', '--data', data], {
        stdio: ['ignore', full, 'pipe'],
      });
      children.push(child);
      let stderr = '';
      child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
      closeSync(full);
      expect(stderr).toContain('standard output');
      expect(stderr).toContain('free some space');
      expect(stderr).not.toContain('ENOSPC');
      expect(code).toBe(1);
    },
  );

  test('a file gets its output whole, and a reader who goes away hinders nobody', async () => {
    const path = join(data, 'help.txt');
    const file = openSync(path, 'w');
    const ended = (child: ChildProcess) =>
      new Promise<number | null>((resolve) => child.on('close', resolve));
    const argv = ['roar', '--help'];
    expect(
      await ended(spawn(files.node, [entry, ...argv], { stdio: ['ignore', file, 'ignore'] })),
    ).toBe(0);
    closeSync(file);
    const { wrote, ended: piped } = run(...argv);
    expect(await piped).toBe(0);
    expect(wrote.stdout).toContain('roar');
    expect(readFileSync(path, 'utf8')).toBe(wrote.stdout);
    const child = spawn(files.node, [entry, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    expect(await ended(child)).toBe(0);
  });

  test(
    'Ctrl+C keeps what is done, and the same command goes on',
    { timeout: 180_000 },
    async () => {
      const command = ['train', '--dataset', 'mnist', '--train-limit', '500', '--epochs', '4'];
      const first = run(...command, '--json');
      await expect.poll(() => first.wrote.stderr, { timeout: 60_000 }).toMatch(/epoch \d of 4/);
      first.child.kill('SIGINT');
      expect(await first.ended).toBe(130);
      expect(first.wrote.stderr).toContain('Stopping at a safe point');
      expect(JSON.parse(first.wrote.stdout)).toMatchObject({ how: 'interrupted', resumable: true });

      const second = run(...command, '--json');
      expect(await second.ended).toBe(0);
      expect(JSON.parse(second.wrote.stdout)).toMatchObject({
        how: 'resumed',
        model: { state: 'ready', epochs: [{ epoch: 0 }, { epoch: 1 }, { epoch: 2 }, { epoch: 3 }] },
      });

      const third = run(...command, '--json');
      expect(await third.ended).toBe(0);
      expect(JSON.parse(third.wrote.stdout)).toMatchObject({ how: 'stored' });
    },
  );
});
