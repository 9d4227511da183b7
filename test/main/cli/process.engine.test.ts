import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtCli } from './built-cli';

const { data, run } = builtCli();

describe('the command line as a process, with its engine', () => {
  test('doctor finds the engine that these tests need', async () => {
    const { wrote, ended } = run('doctor', '--json');
    const code = await ended;
    const found = JSON.parse(wrote.stdout) as Record<string, unknown>;
    expect(found).toMatchObject({ healthy: true, engine: { available: true } });
    expect(code).toBe(0);
    expect(existsSync(join(data, 'studio.sqlite'))).toBe(false);
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
