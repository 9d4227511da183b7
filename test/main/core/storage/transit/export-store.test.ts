import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExportStore } from '../../../../../src/main/core/storage/transit/export-store';
import { id, temporaryFolder } from '../helpers';

function setUp() {
  const root = join(temporaryFolder(), 'out');
  let time = 0;
  let made = 0;
  const newId = () => id('export', 'abcdefgh'[made++] ?? 'z');
  const store = new ExportStore({ root, now: () => time, newId });
  return { store, root, pass: (milliseconds: number) => (time += milliseconds) };
}

describe('an exported file', () => {
  it('is fetched once, with its size, and is gone when it is given up', async () => {
    const { store, root } = setUp();
    const file = await store.put('täbles.csv', 'text/csv', 'ä,b\n');
    expect(file).toEqual({
      ...{ name: 'täbles.csv', mime: 'text/csv', bytes: 5, file: id('export', 'a') },
    });
    const { path, release } = store.take(file.file);
    expect(readFileSync(path, 'utf8')).toBe('ä,b\n');
    expect(() => store.take(file.file)).toThrow(/fetched already/);
    await release();
    expect(readdirSync(root)).toEqual([]);
  });

  it('that lies here already is offered as it is, and stays where it lies', async () => {
    const { store } = setUp();
    const path = join(temporaryFolder(), 'weights');
    writeFileSync(path, 'weights');
    const file = await store.offer('model.safetensors', 'application/octet-stream', path);
    const taken = store.take(file.file);
    expect([taken.bytes, readFileSync(taken.path, 'utf8')]).toEqual([7, 'weights']);
    await taken.release();
    expect(readFileSync(path, 'utf8')).toBe('weights');
  });

  it('is deleted after an hour, and with the application', async () => {
    const { store, root, pass } = setUp();
    const first = await store.put('a', 'text/plain', 'a');
    pass(3_600_001);
    await store.put('b', 'text/plain', 'b');
    expect(() => store.take(first.file)).toThrow(/more than an hour ago/);
    expect(readdirSync(root)).toEqual([id('export', 'b')]);
    await store.close();
    expect(existsSync(root)).toBe(false);
  });

  it.runIf(existsSync('/dev/full'))('that fills the disk says so and leaves nothing', async () => {
    const { store, root } = setUp();
    const made = store.write('a.zip', 'application/zip', async (path) => {
      await writeFile(path, 'half');
      await writeFile('/dev/full', 'the rest');
    });
    await expect(made).rejects.toMatchObject({
      data: { code: 'disk-full', message: expect.stringContaining('is full') as string },
    });
    expect(readdirSync(root)).toEqual([]);
  });
});
