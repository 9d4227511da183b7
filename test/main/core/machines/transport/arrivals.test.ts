import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  statfs,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { type WorkResult } from '../../../../../src/main/core/machines/work-chain';
import { temporaryFolder } from '../../storage/helpers';
import { asLesserUser } from '../support/lesser-user';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

/** Brings chunks and then breaks off, as a connection does. */
function breaking(content: Uint8Array): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.from(content);
      throw new Error('cut');
    })(),
    { objectMode: false },
  );
}

it('puts a file together alike wherever its transfers were cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.array(fc.nat(400), { maxLength: 6 }),
      async (content, cuts) => {
        const arrivals = new Arrivals(temporaryFolder());
        const name = sha256(content);
        for (const cut of cuts) {
          const from = (await arrivals.held(name))?.bytes ?? 0;
          const end = Math.min(content.length - 1, Math.max(from, cut));
          await arrivals
            .receive(name, content.length, from, breaking(content.subarray(from, end)))
            .catch(() => undefined);
        }
        const from = (await arrivals.held(name))?.bytes ?? 0;
        const rest = Readable.from([Buffer.from(content.subarray(from))]);
        await arrivals.receive(name, content.length, from, rest);
        expect(new Uint8Array(await readFile(arrivals.blob(name)))).toEqual(content);
        expect(await arrivals.held(name)).toEqual({ bytes: content.length, whole: true });
      },
    ),
    { numRuns: 40 },
  );
});

it('takes one stream of a file at a time, from where its part ends', async () => {
  const arrivals = new Arrivals(temporaryFolder());
  const content = Buffer.from('0123456789');
  const name = sha256(content);
  const slow = new Readable({ read: () => undefined });
  const first = arrivals.receive(name, 10, 0, slow);
  await expect(arrivals.receive(name, 10, 0, Readable.from([content]))).rejects.toMatchObject({
    data: { code: 'busy' },
  });
  slow.push(content.subarray(0, 4));
  slow.push(null);
  await first;
  // A worker asks again how much is there where it is told `busy`, and gives up where told `conflict`.
  await expect(arrivals.receive(name, 10, 2, Readable.from([content]))).rejects.toMatchObject({
    data: { code: 'busy', message: expect.stringContaining('Of the file there are 4 bytes') },
  });
  await arrivals.receive(name, 10, 4, Readable.from([content.subarray(4)]));
  expect((await arrivals.held(name))?.whole).toBe(true);
});

it('makes no path of anything but a hash', async () => {
  const arrivals = new Arrivals(temporaryFolder());
  const hash = 'a'.repeat(64);
  for (const name of ['../studio.sqlite', '', 'a'.repeat(63), `/${hash}`, `${hash}/../../x`]) {
    await expect((async () => arrivals.blob(name))()).rejects.toThrow();
    await expect(arrivals.result(name)).rejects.toThrow();
    await expect(arrivals.held(name)).rejects.toThrow();
    await expect(arrivals.remove(name)).rejects.toThrow();
  }
  await expect(arrivals.held(hash, '../desk')).rejects.toThrow();
});

it('ends a stream of which nothing more comes', async () => {
  const arrivals = new Arrivals(temporaryFolder(), { patience: 50 });
  const content = Buffer.from('0123456789');
  const name = sha256(content);
  const silent = new Readable({ read: () => undefined });
  const received = arrivals.receive(name, 10, 0, silent);
  silent.push(content.subarray(0, 4));
  await expect(received).rejects.toMatchObject({ data: { code: 'busy' } });
  expect(silent.destroyed).toBe(true);
  // What came counts.
  await arrivals.receive(name, 10, 4, Readable.from([content.subarray(4)]));
  expect((await arrivals.held(name))?.whole).toBe(true);
});

it('leaves of the disk what everything else needs, whatever is announced at once', async () => {
  const root = temporaryFolder();
  const { bavail, bsize } = await statfs(root);
  const arrivals = new Arrivals(root, { reserve: bavail * bsize - 50_000_000 });
  const slow = () => new Readable({ read: () => undefined });
  const [one, other] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string];
  const first = slow();
  const received = arrivals.receive(one, 40_000_000, 0, first);
  await expect.poll(() => arrivals.held(one)).not.toBeNull();
  await expect(arrivals.receive(other, 40_000_000, 0, slow())).rejects.toMatchObject({
    data: { code: 'disk-full' },
  });
  expect(await arrivals.held(other)).toBeNull();
  // What one announces keeps nothing of another out.
  const small = Buffer.from('a map');
  await arrivals.receive(sha256(small), 5, 0, Readable.from([small]), 'desk');
  const second = slow();
  const beside = arrivals.receive(other, 40_000_000, 0, second, 'desk');
  await expect.poll(() => arrivals.held(other, 'desk')).not.toBeNull();
  for (const stream of [first, second]) stream.push(null);
  await Promise.all([received, beside]);
});

it('breaks off what the disk can no longer take, and goes on from there', async () => {
  let full = false;
  const arrivals = new Arrivals(temporaryFolder(), {
    get reserve() {
      return full ? Infinity : 0;
    },
  });
  const content = Buffer.alloc(40 * 1024 ** 2, 7);
  const name = sha256(content);
  const chunk = 1024 ** 2;
  let sent = 0;
  const filling = new Readable({
    read() {
      full = sent >= 8 * chunk;
      this.push(sent < content.length ? content.subarray(sent, (sent += chunk)) : null);
    },
  });
  await expect(arrivals.receive(name, content.length, 0, filling)).rejects.toMatchObject({
    data: { code: 'disk-full' },
  });
  full = false;
  const from = (await arrivals.held(name))?.bytes ?? 0;
  expect(from).toBeGreaterThan(0);
  expect(from).toBeLessThan(20 * chunk);
  await arrivals.receive(name, content.length, from, Readable.from([content.subarray(from)]));
  expect((await arrivals.held(name))?.whole).toBe(true);
});

it('takes so many files of one sender at once, and of the others still', async () => {
  const arrivals = new Arrivals(temporaryFolder());
  const slow = new Array(256).fill(null).map(() => new Readable({ read: () => undefined }));
  const nameOf = (number: number) => number.toString(16).padStart(64, '0');
  const sent = slow.map((stream, number) => arrivals.receive(nameOf(number), 2, 0, stream, 'liar'));
  const one = () => Readable.from([Buffer.from('a map')]);
  const name = sha256(Buffer.from('a map'));
  await expect(arrivals.receive(name, 5, 0, one(), 'liar')).rejects.toMatchObject({
    data: { code: 'busy' },
  });
  await arrivals.receive(name, 5, 0, one(), 'desk');
  for (const stream of slow) stream.push(null);
  await Promise.all(sent);
  await arrivals.receive(name, 5, 0, one(), 'liar');
});

describe.skipIf(process.platform === 'win32')('what others put into a folder that all see', () => {
  const result = (worker: string, sha: string, bytes: number): WorkResult => ({
    kind: 'done',
    worker,
    seconds: 1,
    output: {},
    files: [{ name: 'map.npy', sha256: sha, bytes }],
  });
  const request = sha256(Buffer.from('request'));

  it('is read and written only where it is a plain file', async () => {
    const [root, elsewhere] = [temporaryFolder(), temporaryFolder()];
    const arrivals = new Arrivals(root, { shared: true });
    const content = Buffer.from('a secret');
    const [secret, name] = [join(elsewhere, 'secret'), sha256(content)];
    await writeFile(secret, content);
    for (const folder of ['blobs', 'parts', 'results']) await mkdir(join(root, folder));
    await symlink(secret, arrivals.blob(name));
    expect(await arrivals.held(name)).toBeNull();
    await expect(arrivals.copy(name, join(root, 'copy'))).rejects.toThrow();
    // A part that leads elsewhere is not written to.
    const other = sha256(Buffer.from('other'));
    await symlink(secret, join(root, 'parts', `${other}-desk`));
    const sent = Readable.from([Buffer.from('other')]);
    await expect(arrivals.receive(other, 5, 0, sent, 'desk')).rejects.toThrow();
    expect(await readFile(secret)).toEqual(content);
    // Nor is a pipe waited for, or a file of any size read.
    execFileSync('mkfifo', [join(root, 'results', `${request}.json`)]);
    expect(await arrivals.result(request)).toBeNull();
    await rm(join(root, 'results', `${request}.json`));
    await writeFile(join(root, 'results', `${request}.json`), ' '.repeat(5 * 1024 ** 2));
    expect(await arrivals.result(request)).toBeNull();
    // What takes the place of a link is a file.
    await arrivals.receive(name, content.length, 0, Readable.from([content]), 'desk');
    expect(await arrivals.held(name)).toEqual({ bytes: content.length, whole: true });
    expect(await readFile(secret)).toEqual(content);
  });

  it('is cleared away only where it bears a name of ours, in a folder that leads nowhere else', async () => {
    const [root, home] = [temporaryFolder(), temporaryFolder()];
    const ours = 'a'.repeat(64);
    for (const name of ['letter.txt', ours]) await writeFile(join(home, name), 'mine');
    await symlink(home, join(root, 'parts'));
    await mkdir(join(root, 'results'));
    const names = [`${ours}.json.part`, 'notes.md', `${ours}.json`];
    for (const name of names) await writeFile(join(root, 'results', name), '{}');
    const arrivals = new Arrivals(root, { shared: true });
    await arrivals.sweep(-1000);
    expect((await readdir(home)).sort()).toEqual([ours, 'letter.txt']);
    expect(await readdir(join(root, 'results'))).toEqual(['notes.md']);
    // Nothing is written through it either.
    await expect(arrivals.receive(ours, 1, 0, Readable.from(['x']))).rejects.toMatchObject({
      data: { code: 'read-only' },
    });
    expect(await readdir(home)).toHaveLength(2);
  });

  it.each(['blobs', 'parts', 'results', 'contradictions'])(
    'leads to no file of the person where they put a link in the place of %s',
    async (linked) => {
      const key = 'b'.repeat(64);
      const answer = JSON.stringify(result('one', key, 5));
      const laid = {
        blobs: [key, 'a map'],
        parts: [`${key}-desk`, 'a map'],
        results: [`${request}.json`, answer],
        contradictions: [`${request}.json`, `[${answer}, ${answer}]`],
      };
      const [root, home] = [temporaryFolder(), temporaryFolder()];
      const old = new Date(Date.now() - 8 * 24 * 3_600_000);
      for (const [folder, [name = '', content = '']] of Object.entries(laid)) {
        if (folder === linked) await symlink(home, join(root, folder));
        else await mkdir(join(root, folder));
        await writeFile(join(root, folder, name), content);
        await utimes(join(root, folder, name), old, old);
      }
      const before = await readdir(home);
      const arrivals = new Arrivals(root, { shared: true });
      const heard: unknown[] = [];
      arrivals.onContradiction((each) => heard.push(each));
      expect((await arrivals.held(key)) === null).toBe(linked === 'blobs');
      expect((await arrivals.result(request)) === null).toBe(
        linked === 'blobs' || linked === 'results',
      );
      expect(heard).toHaveLength(linked === 'contradictions' ? 0 : 1);
      await arrivals.isWhole(key, 4);
      await arrivals.drop(key, 'desk');
      await arrivals.sweep();
      await arrivals.remove(request);
      expect(await readdir(home)).toEqual(before);
      expect(before).toHaveLength(1);
    },
  );

  it('is forgotten with its files, never with those behind a link', async () => {
    const [root, home] = [temporaryFolder(), temporaryFolder()];
    // As artifacts are named.
    const key = 'b'.repeat(64);
    await mkdir(join(root, 'results'));
    await symlink(home, join(root, 'blobs'));
    await writeFile(join(home, key), 'weights');
    const answer = JSON.stringify(result('one', key, 7));
    await writeFile(join(root, 'results', `${request}.json`), answer);
    await new Arrivals(root, { shared: true }).remove(request);
    expect(await readdir(join(root, 'results'))).toEqual([]);
    expect(await readdir(home)).toEqual([key]);
  });

  it('takes no file on its way that its folder is replaced under', async () => {
    const [root, home] = [temporaryFolder(), temporaryFolder()];
    const content = Buffer.from('weights');
    const name = sha256(content);
    await writeFile(join(home, name), content);
    const arrivals = new Arrivals(root, { shared: true });
    const slow = new Readable({ read: () => undefined });
    const received = arrivals.receive(name, content.length, 0, slow);
    await expect.poll(() => arrivals.held(name)).not.toBeNull();
    await rm(join(root, 'parts'), { recursive: true });
    await symlink(home, join(root, 'parts'));
    slow.push(content);
    slow.push(null);
    await expect(received).rejects.toThrow('leads elsewhere');
    expect(await readdir(home)).toEqual([name]);
  });

  it('is a wrong file where this user may not read it', async () => {
    const root = temporaryFolder();
    const arrivals = new Arrivals(root);
    const content = Buffer.from('a map');
    const name = sha256(content);
    await arrivals.receive(name, content.length, 0, Readable.from([content]));
    await chmod(arrivals.blob(name), 0o000);
    asLesserUser(root, join(root, 'blobs'));
    await expect(arrivals.copy(name, join(root, 'copy'))).rejects.toMatchObject({
      data: { code: 'corrupt-file' },
    });
  });

  it('keeps what results of other processes name', async () => {
    const root = temporaryFolder();
    const [coordinator, worker] = [1, 2].map(() => new Arrivals(root, { shared: true })) as [
      Arrivals,
      Arrivals,
    ];
    const content = Buffer.from('no pixel tied');
    const name = sha256(content);
    const second = sha256(Buffer.from('second'));
    await worker.receive(name, content.length, 0, Readable.from([content]));
    await worker.putResult(request, result('one', name, content.length));
    // The coordinator looks, and only then the other result arrives.
    await coordinator.remove(sha256(Buffer.from('none')));
    await coordinator.result(request);
    await worker.putResult(second, result('one', name, content.length));
    await coordinator.remove(request);
    expect(await coordinator.result(second)).not.toBeNull();
  });

  /** What two workers put there without the coordinator. */
  async function contradicted(): Promise<() => Arrivals> {
    const root = temporaryFolder();
    const open = () => new Arrivals(root, { shared: true });
    for (const [worker, text] of [
      ['one', 'a map'],
      ['other', 'b map'],
    ] as const) {
      const arrivals = open();
      const content = Buffer.from(text);
      await arrivals.receive(sha256(content), 5, 0, Readable.from([content]));
      const put = arrivals.putResult(request, result(worker, sha256(content), 5));
      if (worker === 'one') await put;
      else await expect(put).rejects.toMatchObject({ data: { code: 'conflict' } });
    }
    return open;
  }

  it('tells the coordinator of two workers that contradicted each other without it, once', async () => {
    const open = await contradicted();
    for (const expected of [[{ request, workers: ['one', 'other'] }], []]) {
      const coordinator = open();
      const heard: unknown[] = [];
      coordinator.onContradiction((contradiction) => heard.push(contradiction));
      expect(await coordinator.result(request)).toBeNull();
      expect(heard).toEqual(expected);
    }
  });

  it.each(['may', 'may not'])(
    'tells it once, however many look, where it %s be moved',
    async (may) => {
      const coordinator = (await contradicted())();
      const folder = join(coordinator.root, 'contradictions');
      if (may === 'may not') {
        await chmod(folder, 0o500);
        onTestFinished(() => chmod(folder, 0o700));
        const inside = join(folder, `${request}.json`);
        asLesserUser(coordinator.root, folder, inside);
      }
      const heard: unknown[] = [];
      coordinator.onContradiction(({ workers }) => heard.push(workers));
      const looks = Array.from({ length: 8 }, () => coordinator.result(request));
      expect(await Promise.all(looks)).toEqual(looks.map(() => null));
      expect(await coordinator.result(request)).toBeNull();
      expect(heard).toEqual([['one', 'other']]);
    },
  );
});
