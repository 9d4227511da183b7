import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { readSecret, writeSecret } from '../../../../src/main/core/machines/secret-file';
import { temporaryFolder } from '../storage/helpers';

const schema = z.object({ password: z.string().max(10) });
const read = (path: string) => readSecret(path, schema, 'the queue’s address');

it('is its owner’s alone, whatever it was before, and read back as it was written', () => {
  const path = join(temporaryFolder(), 'folder', 'secret.json');
  expect(read(path)).toBeNull();
  writeSecret(path, '{"password":"s3cret"}');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(read(path)).toEqual({ password: 's3cret' });
  writeFileSync(`${path}.open`, '{"password":"s3cret"}', { mode: 0o644 });
  read(`${path}.open`);
  expect(statSync(`${path}.open`).mode & 0o777).toBe(0o600);
});

it.each(['{"password":"s3cret', '{"password":"s3cret s3cret s3cret"}', 's3cret'])(
  'is refused where it is %s, without a word of it',
  (content) => {
    const path = join(temporaryFolder(), 'secret.json');
    writeFileSync(path, content, { mode: 0o600 });
    let refused: unknown;
    try {
      read(path);
    } catch (error) {
      refused = error;
    }
    expect(refused).toMatchObject({ data: { code: 'corrupt-file' } });
    // What is logged of an error is its causes, too.
    expect(inspect(refused, { depth: 9 })).not.toContain('s3cret');
  },
);

it('leaves nothing of one that could not be written', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'secret.json');
  mkdirSync(join(path, 'in the way'), { recursive: true });
  expect(() => writeSecret(path, '{}')).toThrow();
  expect(existsSync(path)).toBe(true);
  expect(readdirSync(folder)).toEqual(['secret.json']);
});
