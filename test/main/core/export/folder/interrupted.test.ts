import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { writeOutputFolder } from '../../../../../src/main/core/export/folder/output-folder';
import { bundle } from '../../jobs/bundle';
import { temporaryFolder } from '../../storage/helpers';
import { addRun } from './sample';

const kills = Number(process.env['KILLS'] ?? 6);
const files = (text: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`part-${i % 4}/${i}.txt`, text]));
const all = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

it(
  'a write killed at any moment is recognised, and made good by the next one',
  { timeout: 120_000 },
  async () => {
    const { folder, remove } = await bundle({
      child: fileURLToPath(new URL('./write-child.ts', import.meta.url)),
    });
    onTestFinished(remove);
    const path = join(temporaryFolder(), 'out');
    let caught = 0;
    for (let i = 0; i < kills; i += 1) {
      const child = fork(join(folder, 'child.js'), [path], { stdio: 'inherit' });
      await once(child, 'message');
      await delay(20 + Math.random() * 150);
      child.kill('SIGKILL');
      await once(child, 'exit');
      if (all(path).some((name) => name.includes('.part'))) caught += 1;
      if (i === 0) writeFileSync(join(path, 'notes.txt'), 'mine');
      // Another result finds everything that was left to be ours, and puts its own in its place.
      await writeOutputFolder({ path, field: '--out' }, (out) =>
        addRun(out, 'run_next', files('next', 30)),
      );
      const found = all(path);
      expect(found).toHaveLength(30 + 2);
      for (const name of found) {
        if (name.includes('part-')) expect(readFileSync(name, 'utf8')).toBe('next');
      }
    }
    expect(readFileSync(join(path, 'notes.txt'), 'utf8')).toBe('mine');
    expect(caught).toBeGreaterThan(0);
  },
);
