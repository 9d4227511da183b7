import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  UploadStore,
  type UploadStoreOptions,
} from '../../../../../src/main/core/storage/transit/upload-store';
import { id, temporaryFolder } from '../helpers';

const hour = 3_600_000;

function setUp(options: Partial<UploadStoreOptions> = {}) {
  const root = join(temporaryFolder(), 'in');
  let time = 0;
  let made = 0;
  const store = new UploadStore({
    ...{ root, now: () => time, newId: () => id('upload', 'abcdefgh'[made++] ?? 'z') },
    ...options,
  });
  return {
    store,
    root,
    pass: (milliseconds: number) => (time += milliseconds),
    left: () => (existsSync(root) ? readdirSync(root) : []),
  };
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const refused = (code: string, message: RegExp) => ({
  data: expect.objectContaining({
    code,
    message: expect.stringMatching(message) as string,
  }) as object,
});

describe('a file that arrives', () => {
  it('is there whole, under its own name, with its size and hash', async () => {
    const { store } = setUp();
    const upload = await store.begin({ name: 'Déjà vu.csv', bytes: 10 });
    expect(() => store.get(upload)).toThrow(/did not arrive whole \(0 of 10 bytes\)/);
    await store.receive(upload, pieces('hello', ' ', 'file'));
    const sha256 = createHash('sha256').update('hello file').digest('hex');
    expect(store.get(upload)).toEqual({ upload, name: 'Déjà vu.csv', bytes: 10, sha256 });
    await store.read(upload, async ({ path, ...rest }) => {
      expect(rest).toEqual({ name: 'Déjà vu.csv', bytes: 10 });
      expect(path.endsWith('Déjà vu.csv')).toBe(true);
      expect(readFileSync(path, 'utf8')).toBe('hello file');
    });
  });

  it('comes in pieces where a shell brings it so', async () => {
    const { store } = setUp();
    const upload = await store.begin({ name: 'a.bin', bytes: 4 });
    await store.append(upload, Buffer.from('ab'));
    await store.append(upload, Buffer.from('cd'));
    expect(store.get(upload)).toMatchObject({
      sha256: createHash('sha256').update('abcd').digest('hex'),
    });
    await expect(store.append(upload, Buffer.from('e'))).rejects.toMatchObject(
      refused('conflict', /sent already/),
    );
  });

  it.each([
    ['that breaks off', pieces('hel'), 'cancelled', /a\.zip did not arrive whole \(3 of 5 bytes\)/],
    ['longer than announced', pieces('hello', '!'), 'invalid-input', /5 bytes that were announced/],
    ['longer in one piece', pieces('hello!'), 'invalid-input', /5 bytes that were announced/],
    [
      'whose connection is reset',
      (async function* () {
        yield Buffer.from('he');
        throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
      })(),
      'cancelled',
      /2 of 5 bytes.*the connection broke/,
    ],
  ])('%s leaves nothing but its reason', async (_what, source, code, message) => {
    const { store, left } = setUp();
    const upload = await store.begin({ name: 'a.zip', bytes: 5 });
    await expect(store.receive(upload, source)).rejects.toMatchObject(refused(code, message));
    expect(() => store.get(upload)).toThrow(message);
    expect(left()).toEqual([]);
  });

  it('is broken off when it is given up, and leaves nothing', async () => {
    const { store, left } = setUp();
    const upload = await store.begin({ name: 'a.zip', bytes: 100 });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const source = (async function* () {
      yield Buffer.from('first');
      await promise;
      yield Buffer.from('second');
    })();
    const receiving = store.receive(upload, source);
    await expect.poll(left).toHaveLength(1);
    store.discard(upload);
    resolve(undefined);
    await expect(receiving).rejects.toMatchObject(refused('cancelled', /was cancelled/));
    expect(() => store.get(upload)).toThrow(/sent within the last hour/);
    await expect.poll(left).toEqual([]);
  });

  it('that would not fit is refused before it is sent, beside what else is announced', async () => {
    const { store } = setUp({ freeBytes: async () => 1000 });
    await store.begin({ name: 'first.zip', bytes: 600 });
    await expect(store.begin({ name: 'second.zip', bytes: 600 })).rejects.toMatchObject(
      refused('disk-full', /^second\.zip takes 600 B, and the disk that holds .* free some space/),
    );
    await store.begin({ name: 'third.zip', bytes: 400 });
  });

  it.runIf(existsSync('/dev/full'))('that fills the disk says so and leaves nothing', async () => {
    const { store, left } = setUp({ openFile: () => open('/dev/full', 'w') });
    const upload = await store.begin({ name: 'a.zip', bytes: 5 });
    await expect(store.receive(upload, pieces('hello'))).rejects.toMatchObject(
      refused('disk-full', /^The disk that holds .* is full: free some space/),
    );
    expect(() => store.get(upload)).toThrow(/is full/);
    expect(left()).toEqual([]);
  });

  it('bears a name that every file system takes', async () => {
    const { store } = setUp();
    for (const [name, stored] of [
      ['a:b?.csv', 'a_b_.csv'],
      ['dots...', 'dots_'],
      [`${'ä'.repeat(120)}.zip`, `${'ä'.repeat(98)}.zip`],
    ] as const) {
      const upload = await store.begin({ name, bytes: 1 });
      await store.receive(upload, pieces('x'));
      await store.read(upload, async (file) => {
        expect(file.name).toBe(name);
        expect(file.path.endsWith(`/${stored}`)).toBe(true);
      });
    }
  });
});

describe('a file that is here', () => {
  const here = async (options: Partial<UploadStoreOptions> = {}) => {
    const opened = setUp(options);
    const upload = await opened.store.begin({ name: 'a.csv', bytes: 5 });
    await opened.store.receive(upload, pieces('hello'));
    return { ...opened, upload };
  };

  it('is deleted once it was taken, and kept for another try where it was refused', async () => {
    const { store, upload, left } = await here();
    const refusing = store.consume(upload, async () => {
      throw new Error('no');
    });
    await expect(refusing).rejects.toThrow('no');
    expect(await store.consume(upload, async ({ bytes }) => bytes)).toBe(5);
    expect(left()).toEqual([]);
    await expect(store.consume(upload, async () => 1)).rejects.toMatchObject(
      refused('invalid-input', /sent within the last hour/),
    );
  });

  it('is not deleted while somebody reads it', async () => {
    const { store, upload, left, pass } = await here();
    await store.read(upload, async ({ path }) => {
      pass(2 * hour);
      store.sweep();
      store.discard(upload);
      expect(readFileSync(path, 'utf8')).toBe('hello');
    });
    expect(left()).toEqual([]);
  });

  it('is deleted after an hour without use', async () => {
    const { store, upload, left, pass } = await here();
    pass(hour - 1);
    await store.read(upload, async () => undefined);
    pass(hour - 1);
    store.sweep();
    expect(left()).toHaveLength(1);
    pass(2);
    store.sweep();
    expect(left()).toEqual([]);
  });

  it('is handed over to a folder, in place of what lay there', async () => {
    const { store, upload, left } = await here();
    const folder = join(temporaryFolder(), 'kept');
    const path = await store.keep(upload, folder);
    expect(readFileSync(path, 'utf8')).toBe('hello');
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(left()).toEqual([]);
  });

  it('goes with the application', async () => {
    const { store, root, upload } = await here();
    await store.close();
    expect(existsSync(root)).toBe(false);
    expect(() => store.get(upload)).toThrow();
  });
});

describe('a file of this machine', () => {
  it('is read where it lies and never deleted', async () => {
    const { store } = setUp();
    const path = join(temporaryFolder(), 'mine.csv');
    writeFileSync(path, 'mine');
    const { upload, ...rest } = await store.adopt(path);
    expect(rest).toEqual({ name: 'mine.csv', bytes: 4, sha256: null });
    expect(await store.keep(upload, join(temporaryFolder(), 'kept'))).toBe(path);
    expect(await store.consume(upload, async (file) => file.path)).toBe(path);
    await store.close();
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  it('is refused where it is none, is empty, or changed since it was chosen', async () => {
    const { store } = setUp();
    const folder = temporaryFolder();
    const path = join(folder, 'mine.csv');
    await expect(store.adopt(folder)).rejects.toThrow(/a file that can be read/);
    await expect(store.adopt(path)).rejects.toThrow(/a file that can be read/);
    writeFileSync(path, '');
    await expect(store.adopt(path)).rejects.toThrow(/a file that is not empty/);
    writeFileSync(path, 'mine');
    const { upload } = await store.adopt(path);
    writeFileSync(path, 'mine and more');
    await expect(store.read(upload, async () => 1)).rejects.toThrow(/choose it again/);
  });
});
