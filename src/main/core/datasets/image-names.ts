import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Split, splitSchema } from '../../../shared/catalogue/datasets';
import { imageNamesFile } from '../../../shared/imported-images';
import { datasetFolder } from './folders';

const lineSchema = z.tuple([splitSchema, z.string()]);

/**
 * Finds images of a split by the paths that they came by, below what was imported, or by the last part of
 * such a path.
 *
 * @returns the indices that a name means; null where no names are known of the dataset
 */
export async function imageNames(
  dataDir: string,
  dataset: string,
  split: Split,
): Promise<((name: string) => readonly number[]) | null> {
  const file = join(datasetFolder(dataDir, dataset), imageNamesFile);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const paths = new Map<string, number[]>();
  const names = new Map<string, number[]>();
  let count = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [of, path] = lineSchema.parse(JSON.parse(line));
    if (of !== split) continue;
    add(paths, normal(path), count);
    add(names, normal(path.slice(path.lastIndexOf('/') + 1)), count);
    count += 1;
  }
  return (name) => {
    const asked = normal(name.replaceAll('\\', '/').replace(/^\.\//, ''));
    return paths.get(asked) ?? names.get(asked) ?? [];
  };
}

const normal = (name: string): string => name.normalize('NFC');

function add(found: Map<string, number[]>, name: string, image: number): void {
  const there = found.get(name);
  if (there) there.push(image);
  else found.set(name, [image]);
}
