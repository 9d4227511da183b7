import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { KeptFolders } from '../../../../src/main/core/datasets/kept-folders';
import { scratchIn } from '../../../../src/main/core/storage/scratch';
import { temporaryFolder } from '../storage/helpers';

afterEach(() => vi.useRealTimers());

const of = (kept: KeptFolders, client: string) =>
  kept.with(client, (folder) => Promise.resolve(folder));

it('is one folder of each client, until it is dropped', async () => {
  const kept = new KeptFolders(scratchIn(temporaryFolder()));
  const [a, again, b] = await Promise.all([of(kept, 'a'), of(kept, 'a'), of(kept, 'b')]);
  expect([a === again, a === b]).toEqual([true, false]);
  writeFileSync(join(a, 'file'), 'x');
  kept.drop('a');
  kept.drop('nobody');
  await vi.waitFor(() => expect(existsSync(a)).toBe(false));
  expect([existsSync(b), (await of(kept, 'a')) === a]).toEqual([true, false]);
  await kept.close();
  expect(existsSync(b)).toBe(false);
});

it('is deleted once nobody has come back to it for a quarter of an hour', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const kept = new KeptFolders(scratchIn(temporaryFolder()));
  const folder = await of(kept, 'a');
  vi.advanceTimersByTime(800_000);
  expect(await of(kept, 'a')).toBe(folder);
  vi.advanceTimersByTime(800_000);
  expect(existsSync(folder)).toBe(true);
  vi.advanceTimersByTime(200_000);
  vi.useRealTimers();
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false));
});

it('stays while somebody works in it, however long', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const kept = new KeptFolders(scratchIn(temporaryFolder()));
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const folder = await of(kept, 'a');
  const long = kept.with('a', () => promise);
  await Promise.all([of(kept, 'a'), of(kept, 'a')]);
  vi.advanceTimersByTime(2_000_000);
  expect(existsSync(folder)).toBe(true);
  resolve(undefined);
  await long;
  vi.advanceTimersByTime(2_000_000);
  vi.useRealTimers();
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false));
});

it('says why there can be none, and tries again', async () => {
  const root = join(temporaryFolder(), 'work');
  writeFileSync(root, 'a file');
  const kept = new KeptFolders(scratchIn(root));
  await expect(of(kept, 'a')).rejects.toThrow();
  await expect(of(kept, 'a')).rejects.toThrow();
  await kept.close();
});
