import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtCli, closed } from './built-cli';

const { data, start, run } = builtCli();

describe('the command line as a process', () => {
  test.runIf(existsSync('/dev/full'))(
    'a full disk behind its output is told, with exit 1',
    async () => {
      const full = openSync('/dev/full', 'w');
      const argv = ['models', 'list', '--json', '--data', data];
      const child = start(argv, ['ignore', full, 'pipe']);
      let stderr = '';
      child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const code = await closed(child);
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
    const argv = ['roar', '--help'];
    expect(await closed(start(argv, ['ignore', file, 'ignore']))).toBe(0);
    closeSync(file);
    const { wrote, ended } = run(...argv);
    expect(await ended).toBe(0);
    expect(wrote.stdout).toContain('roar');
    expect(readFileSync(path, 'utf8')).toBe(wrote.stdout);
    const child = start(argv, ['ignore', 'pipe', 'pipe']);
    child.stdout?.destroy();
    expect(await closed(child)).toBe(0);
  });
});
