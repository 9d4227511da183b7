import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DatasetFiles } from '../../../../../src/main/core/machines/coordinator/dataset-files';
import { storedDatasetFile } from '../../../../../src/shared/stored-dataset';
import { sha, temporaryFolder } from '../../storage/helpers';

const key = { dataset: 'digits', files: [{ name: 'train.images', sha256: sha('images') }] };

it('lists what an engine reads of a dataset, and finds it by its content', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'train.images'), 'images');
  writeFileSync(join(folder, storedDatasetFile), '{}');
  const files = new DatasetFiles(() => folder);
  expect(files.find(sha('images'))).toBeNull();
  expect(await files.of(key)).toEqual({
    dataset: 'digits',
    files: [
      { name: 'train.images', sha256: sha('images'), bytes: 6 },
      { name: storedDatasetFile, sha256: sha('{}'), bytes: 2 },
    ],
  });
  expect(files.find(sha('images'))).toBe(join(folder, 'train.images'));
  expect(files.find(sha('{}'))).toBe(join(folder, storedDatasetFile));
  rmSync(join(folder, 'train.images'));
  expect(files.find(sha('images'))).toBeNull();
});

it('names a file that is gone, in words', async () => {
  const folder = temporaryFolder();
  await expect(new DatasetFiles(() => folder).of(key)).rejects.toMatchObject({
    data: {
      code: 'not-found',
      message: expect.stringContaining(join(folder, 'train.images')) as string,
    },
  });
});

it('finds those of every dataset but the one that lost a file', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'train.images'), 'images');
  const files = new DatasetFiles((dataset) => join(folder, dataset === 'lost' ? 'none' : '.'));
  const problems: string[] = [];
  await files.learn([{ ...key, dataset: 'lost' }, key], (dataset) => problems.push(dataset));
  expect(problems).toEqual(['lost']);
  expect(files.find(sha('images'))).toBe(join(folder, 'train.images'));
});
