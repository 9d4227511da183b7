import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installedFiles } from '../../src/main/core/storage/installed-files';
import { nodeObstacle, oldestNode } from '../../src/shared/node-version';

const files = installedFiles();
const built = join(files.root, 'out', 'main');
const entries = ['cli', 'web', 'engine', 'thread'];

/** A Node of this machine that is too old, if there is one. */
function oldNode(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  for (const path of folders.map((folder) => join(folder, 'node'))) {
    if (!existsSync(path)) continue;
    try {
      const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
      if (nodeObstacle(version.slice(1), '') !== null) return path;
    } catch {
      // One that does not start is of no use here.
    }
  }
  return null;
}

describe('a Node that is too old', () => {
  beforeAll(() => {
    if (!existsSync(join(built, 'cli.js'))) throw new Error('build first: npm run setup');
  });

  it('is told apart by its major version', () => {
    for (const version of ['8.17.0', '18.20.8', '20.20.2', '22.9.0', '23.11.1']) {
      expect(nodeObstacle(version, '`npm start`')).toContain(`Node ${version} runs this`);
    }
    for (const version of ['24.0.0', '24.21.0', '26.1.0', '100.0.0']) {
      expect(nodeObstacle(version, '`npm start`')).toBeNull();
    }
    expect(oldestNode).toBe(24);
  });

  it('is looked at by every entry before anything else is loaded', () => {
    for (const entry of entries) {
      const code = readFileSync(join(built, `${entry}.js`), 'utf8');
      const imported = [...code.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, path]) => path);
      expect(imported, entry).toEqual([expect.stringMatching(/^\.\/chunks\/node-version-/)]);
      const check = readFileSync(join(built, imported[0] ?? ''), 'utf8');
      expect(check, entry).not.toMatch(/^import |\brequire\(/m);
      expect(code, entry).toMatch(/=== null\) import\("\.\/chunks\/[^"]+"\)/);
    }
  });

  it('is told which command to use, where the machine has one', () => {
    const node = oldNode();
    if (node === null) {
      console.log(
        `There is no Node older than ${oldestNode} here: its being refused is not tried.`,
      );
      return;
    }
    const commands = {
      cli: 'npm run --silent cli -- COMMAND',
      web: 'npm start -- --browser',
      engine: 'npm start',
      thread: 'npm start',
    };
    for (const [entry, command] of Object.entries(commands)) {
      const args = [join(built, `${entry}.js`), 'studies', 'list', '--json'];
      // An old Node does not know what the tests give to those that they start.
      const env = { ...process.env, NODE_OPTIONS: '' };
      const ran = spawnSync(node, args, { encoding: 'utf8', env });
      expect(ran.signal, entry).toBeNull();
      expect(ran.status, entry).toBe(1);
      expect(ran.stderr, entry).toMatch(
        /^Node [\d.]+ runs this, and Saliency Studio needs Node 24/,
      );
      expect(ran.stderr, entry).toContain(command);
      if (entry === 'cli') {
        expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'conflict' } });
      }
    }
  });
});
