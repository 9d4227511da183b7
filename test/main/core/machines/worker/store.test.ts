import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { holdDataset } from '../../../../../src/main/core/machines/worker/dataset-folder';
import { type Fetch, WorkerStore } from '../../../../../src/main/core/machines/worker/store';
import { workChainSchema } from '../../../../../src/main/core/machines/work-chain';
import { processSpace } from '../../../../../src/main/core/storage/process-alive';
import { code, temporaryFolder } from '../../../engine-process/helpers';

const never = new AbortController().signal;
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const blobOf = (text: string) => ({ sha256: sha(text), bytes: Buffer.byteLength(text) });

/** Brings what has been said of it, and counts. */
function source(...texts: readonly string[]) {
  const known = new Map(texts.map((text) => [sha(text), text]));
  const asked: string[] = [];
  const fetch: Fetch = async ({ sha256 }, file) => {
    const text = known.get(sha256) ?? '';
    asked.push(text);
    writeFileSync(file, text);
  };
  return { asked, fetch };
}

async function opened(root: string, limit = 1000): Promise<WorkerStore> {
  const store = await WorkerStore.open({ root, limit });
  onTestFinished(() => store.close());
  return store;
}

describe('a worker’s store', () => {
  it('brings a blob once and keeps it over a restart', async () => {
    const root = temporaryFolder();
    const { asked, fetch } = source('one');
    const first = await opened(root);
    const held = await first.hold(blobOf('one'), fetch, never);
    expect(readFileSync(held.path, 'utf8')).toBe('one');
    await held.release();
    await first.close();
    const second = await opened(root);
    const again = await second.hold(blobOf('one'), fetch, never);
    expect(readFileSync(again.path, 'utf8')).toBe('one');
    expect(asked).toEqual(['one']);
  });

  it('brings it once for two who ask at the same time', async () => {
    const { asked, fetch } = source('one');
    const store = await opened(temporaryFolder());
    const held = await Promise.all([1, 2, 3].map(() => store.hold(blobOf('one'), fetch, never)));
    expect(asked).toEqual(['one']);
    for (const { path } of held) expect(readFileSync(path, 'utf8')).toBe('one');
    await held[0]?.release();
    await held[0]?.release();
    expect(existsSync(held[1]?.path ?? '')).toBe(true);
  });

  it('goes on where whoever asked first gave up', async () => {
    const { fetch } = source('one');
    const store = await opened(temporaryFolder());
    let fail: (error: Error) => void = () => undefined;
    const stuck: Fetch = () => new Promise((_, reject) => (fail = reject));
    const first = store.hold(blobOf('one'), stuck, never);
    const second = store.hold(blobOf('one'), fetch, never);
    await pause(50);
    fail(new Error('given up'));
    await expect(first).rejects.toThrow('given up');
    expect(readFileSync((await second).path, 'utf8')).toBe('one');
  });

  it('gives up what was used longest ago, and never what is in use, of another process neither', async () => {
    const root = temporaryFolder();
    const { asked, fetch } = source('aaaa', 'bbbb', 'cccc', 'dddd');
    const one = await opened(root, 12);
    const other = await opened(root, 12);
    const [a, b, c] = ['aaaa', 'bbbb', 'cccc'].map(blobOf);
    if (!a || !b || !c) throw new RangeError();
    const heldByOther = await other.hold(a, fetch, never);
    for (const blob of [b, c]) {
      await (await one.hold(blob, fetch, never)).release();
      await pause(20);
    }
    await (await one.hold(b, fetch, never)).release();
    await (await one.hold(blobOf('dddd'), fetch, never)).release();
    expect(readFileSync(heldByOther.path, 'utf8')).toBe('aaaa');
    expect(readdirSync(join(root, 'blobs')).sort()).toEqual(
      [a.sha256, b.sha256, sha('dddd')].sort(),
    );
    expect(asked).toEqual(['aaaa', 'bbbb', 'cccc', 'dddd']);
    expect(await one.usage()).toBe(12);
  });

  it('refuses what does not fit beside what is in use, in words', async () => {
    const { fetch } = source('aaaa', 'bbbb');
    const store = await opened(temporaryFolder(), 6);
    await store.hold(blobOf('aaaa'), fetch, never);
    const refused = store.hold(blobOf('bbbb'), fetch, never);
    await expect(refused).rejects.toEqual(code('disk-full'));
    await expect(refused).rejects.toThrow(/may hold 6 B.*takes 8 B.*--store-size/);
  });

  it('brings anew what was damaged on the disk', async () => {
    const root = temporaryFolder();
    const { asked, fetch } = source('one');
    const first = await opened(root);
    await (await first.hold(blobOf('one'), fetch, never)).release();
    await first.close();
    writeFileSync(join(root, 'blobs', sha('one')), 'eno');
    const second = await opened(root);
    const held = await second.hold(blobOf('one'), fetch, never);
    expect(readFileSync(held.path, 'utf8')).toBe('one');
    expect(asked).toEqual(['one', 'one']);
  });

  it('clears away what an ended process left, and nothing of one that runs', async () => {
    const root = temporaryFolder();
    const store = await opened(root);
    const left = [`${processSpace}-4194304-x`, '00000000-1-x'].map((name) =>
      join(root, 'used', name),
    );
    for (const folder of left) mkdirSync(folder);
    const foreign = join(root, 'used', '00000000-2-y');
    mkdirSync(foreign);
    utimesSync(left[1] ?? '', new Date(0), new Date(0));
    await opened(root);
    for (const folder of left) expect(existsSync(folder)).toBe(false);
    expect(existsSync(foreign)).toBe(true);
    expect(existsSync(store.folder)).toBe(true);
  });

  it('lays a dataset out as a folder of its files', async () => {
    const { fetch } = source('one', 'two');
    const store = await opened(temporaryFolder());
    const files = [
      { name: 'dataset.json', ...blobOf('one') },
      { name: 'parts/images', ...blobOf('two') },
    ];
    const dataset = { dataset: 'mine', files };
    const held = await holdDataset(store, 'datasets-0', dataset, fetch, never);
    expect(readFileSync(join(held.path, 'parts', 'images'), 'utf8')).toBe('two');
    await held.release();
    expect(existsSync(held.path)).toBe(false);
    const again = await holdDataset(store, 'datasets-0', dataset, fetch, never);
    expect(again.path).toBe(held.path);
  });

  it.each(['../x', '/etc/x', 'a/../../x', 'a\\x', '..', '.', 'a//b', 'C:x', ''])(
    'takes no file of a dataset called %j',
    (name) => {
      const dataset = { dataset: 'mine', files: [{ name, ...blobOf('one') }] };
      expect(workChainSchema.shape.dataset.safeParse(dataset).success).toBe(false);
    },
  );
});
