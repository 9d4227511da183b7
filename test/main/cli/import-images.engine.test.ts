import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { shapesFolder } from '../../fixtures/own';
import { builtCli } from './built-cli';

const { data, run } = builtCli();
const counts = (count: number) => ({ cross: count, disc: count, square: count, triangle: count });
const importedSchema = z.object({ id: z.string() }).loose();

async function json(...command: string[]): Promise<unknown> {
  const { wrote, ended } = run(...command, '--json');
  expect([await ended, wrote.stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(wrote.stdout);
}

describe('one’s own images, by the command line alone', () => {
  test('go the whole way', { timeout: 240_000 }, async () => {
    const command = ['datasets', 'import', 'images', shapesFolder, '--name', 'Shapes'];
    const imported = await json(...command);
    const { id } = importedSchema.parse(imported);
    expect(imported).toEqual({
      id,
      classes: ['cross', 'disc', 'square', 'triangle'],
      ...{ train: counts(25), validation: counts(10) },
      refused: [
        {
          path: 'train/disc/notes.txt',
          reason: 'it is not a JPEG, PNG, WebP, GIF or TIFF image',
        },
      ],
    });
    expect(await json(...command)).toEqual(imported);
    const looked = ['datasets', 'import', 'images', shapesFolder, '--preview', '--size', '16'];
    const rest = z.looseObject({}).parse(imported);
    Reflect.deleteProperty(rest, 'id');
    expect(await json(...looked)).toMatchObject({ ...rest, settings: { size: 16 } });
    await json('datasets', 'rename', id, 'Four shapes');
    await json('datasets', 'describe', 'four SHAPES', '--licence', 'CC0');
    const archive = join(data, 'shapes.zip');
    expect(await json('datasets', 'export', 'Four shapes', '--out', archive)).toMatchObject({
      ...{ dataset: id, file: archive },
    });
    const again = ['datasets', 'import', 'images', archive, '--name', 'Again'];
    expect(await json(...again)).toEqual({ ...rest, id, refused: [] });
    const listed = await json('datasets', 'list');
    expect(listed).toMatchObject({
      datasets: expect.arrayContaining([
        expect.objectContaining({ id, name: 'Four shapes', licence: 'CC0' }),
      ]),
    });
    const strict = run(...command, '--strict', '--json');
    expect(await strict.ended).toBe(1);
    expect(strict.wrote.stderr).toContain('train/disc/notes.txt');
    await json('train', '--dataset', 'four shapes', '--epochs', '1');
    const out = join(data, 'maps');
    const methods = ['--methods', 'vanilla-gradient'];
    await json('maps', '--dataset', id, '--images', '0-1', ...methods, '--out', out);
    expect(existsSync(join(out, 'vanilla-gradient.npy'))).toBe(true);
    expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toContain(id);
    const removed = await json('datasets', 'remove', 'Four shapes');
    expect(removed).toMatchObject({ kept: { models: [expect.stringContaining('Four shapes')] } });
  });
});
