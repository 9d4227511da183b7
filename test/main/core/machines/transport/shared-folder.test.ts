import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { SharedFolderExchange } from '../../../../../src/main/core/machines/transport/shared-folder';
import { temporaryFolder } from '../../storage/helpers';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const signal = new AbortController().signal;

it('takes files and results through a folder that both see, while the coordinator is off', async () => {
  const [folder, own] = [temporaryFolder(), temporaryFolder()];
  const asked: string[] = [];
  const worker = new SharedFolderExchange(folder, {
    fetchBlob: async ({ sha256: name }, file) => {
      asked.push(name);
      await writeFile(file, 'from the coordinator');
    },
  });
  const content = randomBytes(1000);
  const made = join(own, 'made');
  await writeFile(made, content);
  const blob = { sha256: sha256(content), bytes: content.length };
  await worker.putBlob(blob, made);
  await worker.putBlob(blob, '/nowhere');
  const result = {
    kind: 'done' as const,
    worker: 'desk@host-1',
    seconds: 1,
    output: {},
    files: [{ name: 'map.npy', sha256: blob.sha256, bytes: blob.bytes }],
  };
  const request = sha256(Buffer.from('request'));
  await worker.putResult(request, result);
  // The coordinator comes later.
  const arrivals = new Arrivals(folder);
  expect(await arrivals.result(request)).toEqual(result);
  const file = join(own, 'fetched');
  await worker.fetchBlob(blob, file, { signal });
  expect(await readFile(file)).toEqual(content);
  await worker.fetchBlob({ sha256: sha256(Buffer.from('x')), bytes: 1 }, file, { signal });
  expect(asked).toHaveLength(1);
  await writeFile(arrivals.blob(blob.sha256), randomBytes(1000));
  await expect(worker.fetchBlob(blob, file, { signal })).rejects.toMatchObject({
    data: { code: 'corrupt-file' },
  });
});

it('takes what lies there already only where it is whole, and leaves nothing of what failed', async () => {
  const [folder, own] = [temporaryFolder(), temporaryFolder()];
  const worker = new SharedFolderExchange(folder, { fetchBlob: () => Promise.reject(new Error()) });
  const arrivals = new Arrivals(folder);
  const content = randomBytes(1000);
  const blob = { sha256: sha256(content), bytes: content.length };
  const made = join(own, 'made');
  await writeFile(made, content);
  await worker.putBlob(blob, made);
  // Else whoever put another content there would have this worker called a liar.
  for (const other of [randomBytes(1000), randomBytes(5)]) {
    await writeFile(arrivals.blob(blob.sha256), other);
    await worker.putBlob(blob, made);
    expect(await readFile(arrivals.blob(blob.sha256))).toEqual(content);
  }
  const wrong = { sha256: sha256(randomBytes(9)), bytes: 1000 };
  await expect(worker.putBlob(wrong, made)).rejects.toMatchObject({
    data: { code: 'corrupt-file' },
  });
  await expect(worker.putBlob(wrong, join(own, 'none'))).rejects.toMatchObject({
    data: { code: 'not-found' },
  });
  expect(await readdir(join(folder, 'parts'))).toEqual([]);
  // What is larger than it should be is not brought.
  await writeFile(arrivals.blob(blob.sha256), randomBytes(5000));
  const file = join(own, 'fetched');
  await expect(worker.fetchBlob(blob, file, { signal })).rejects.toMatchObject({
    data: { code: 'corrupt-file' },
  });
  expect(existsSync(file)).toBe(false);
});
