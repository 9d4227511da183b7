import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { storedDatasetSchema } from '../../../src/shared/stored-dataset';
import { made } from '../../engine/datasets/images/support';
import { temporary } from '../../engine/datasets/support';
import { filesIn, shapesFolder } from '../../fixtures/own';
import { builtCli } from './built-cli';

const { data, run } = builtCli();

/** Enough images to be killed in the middle of them. */
function many(): string {
  const folder = join(temporary(), 'many');
  for (let copy = 0; copy < 6; copy += 1) {
    for (const [name, bytes] of filesIn(join(shapesFolder, 'train'))) {
      const target = join(folder, name.replace('/', `/${copy}-`));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
    }
  }
  return folder;
}

/** What is done of an import that is not whole. */
function begun(): { job: string; done: number } | null {
  const folder = join(data, 'imports');
  const [job] = existsSync(folder) ? readdirSync(folder) : [];
  const file = join(folder, job ?? '', 'begun.json');
  if (job === undefined || !existsSync(file)) return null;
  const { done } = z.object({ done: z.int() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  return { job, done };
}

test('an import that is killed outright goes on by the same command, to the same bytes', async () => {
  const folder = many();
  const command = ['datasets', 'import', 'images', folder, '--name', 'Many', '--size', '224'];
  const killed = run(...command, '--json');
  await vi.waitFor(() => expect(begun()?.done).toBeGreaterThan(0), {
    timeout: 30_000,
    interval: 2,
  });
  killed.child.kill('SIGKILL');
  await killed.ended;
  const left = begun();
  expect([left !== null, existsSync(join(data, 'datasets'))]).toEqual([true, false]);

  const again = run(...command, '--json');
  expect([await again.ended, again.wrote.stderr]).toEqual([
    0,
    expect.stringContaining(`(${left?.job})`),
  ]);
  expect(again.wrote.stderr).not.toContain('anew');
  const { id, refused } = z
    .object({ id: z.string(), refused: z.array(z.unknown()) })
    .parse(JSON.parse(again.wrote.stdout));
  expect(refused).toHaveLength(6);
  const text = readFileSync(join(data, 'datasets', id, 'dataset.json'), 'utf8');
  const { files } = storedDatasetSchema.parse(JSON.parse(text));
  const whole = await made(folder, { size: 224 });
  expect([id, files]).toEqual([whole.dataset, whole.files.slice(1)]);
  expect(existsSync(join(data, 'imports'))).toBe(false);
}, 90_000);
