import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { GatheredArrivals } from '../../../../../src/main/core/machines/transport/gathered-arrivals';
import { type WorkResult } from '../../../../../src/main/core/machines/work-chain';
import { temporaryFolder } from '../../storage/helpers';

const request = 'c'.repeat(64);
const content = Buffer.from('weights');
const sha256 = createHash('sha256').update(content).digest('hex');
const file = { name: 'weights', sha256, bytes: content.length };
const result: WorkResult = {
  kind: 'done',
  worker: 'desk-1',
  seconds: 1,
  output: { files: [file] },
  files: [file],
};

async function left() {
  const folder = temporaryFolder();
  const other = new Arrivals(folder);
  await other.receive(sha256, content.length, 0, Readable.from([content]));
  await other.putResult(request, result);
  const own = new GatheredArrivals(temporaryFolder());
  return { folder, other, own };
}

it('brings in what lies in another folder, once, however many ask for it', async () => {
  const { folder, own } = await left();
  expect(await own.result(request)).toBeNull();
  let heard = 0;
  own.onResult(() => (heard += 1));
  own.alsoFrom([own.root, folder, temporaryFolder()]);
  expect(await Promise.all([own.result(request), own.result(request)])).toEqual([result, result]);
  expect(heard).toBe(1);
  expect(readFileSync(own.blob(sha256))).toEqual(content);
  expect(readdirSync(join(folder, 'results'))).toEqual([]);
  expect(readdirSync(join(folder, 'blobs'))).toEqual([]);
  await own.remove(request);
  expect(await own.result(request)).toBeNull();
});

it('takes a file of another content than its name says as not come', async () => {
  const { folder, other, own } = await left();
  own.alsoFrom([folder]);
  writeFileSync(other.blob(sha256), 'WEIGHTS');
  expect(await own.result(request)).toBeNull();
  expect(await other.result(request)).toBeNull();
});
