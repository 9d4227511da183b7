import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DoneResult } from '../../../../../src/main/core/machines/coordinator/check-result';
import {
  Arrivals,
  type ArrivalsOptions,
} from '../../../../../src/main/core/machines/transport/arrivals';
import { GatheredArrivals } from '../../../../../src/main/core/machines/transport/gathered-arrivals';
import { silentLog } from '../../../../../src/main/core/storage/environment';
import { temporaryFolder } from '../../storage/helpers';
import { asLesserUser } from '../support/lesser-user';

const request = 'c'.repeat(64);
const content = Buffer.from('weights');
const sha256 = createHash('sha256').update(content).digest('hex');
const file = { name: 'weights', sha256, bytes: content.length };
const result: DoneResult = {
  kind: 'done',
  worker: 'desk@host-1',
  seconds: 1,
  output: { files: [file] },
  files: [file],
};

/** Another result of the same work. */
async function lie(arrivals: Arrivals): Promise<void> {
  const lied = Buffer.from('WEIGHTS');
  const other = { ...file, sha256: createHash('sha256').update(lied).digest('hex') };
  await arrivals.receive(other.sha256, lied.length, 0, Readable.from([lied]));
  await arrivals.putResult(request, { ...result, worker: 'liar@host-1', files: [other] });
}

/** Two folders with a result in the other one. */
async function left(options: ArrivalsOptions = {}, folder = temporaryFolder()) {
  const other = new Arrivals(folder);
  await other.receive(sha256, content.length, 0, Readable.from([content]));
  await other.putResult(request, result);
  const warned: [string, unknown][] = [];
  const log = {
    ...silentLog,
    warn: (message: string, { folder: where }: { folder?: unknown } = {}) =>
      void warned.push([message, where]),
  };
  const own = new GatheredArrivals(temporaryFolder(), Object.assign(options, { log }));
  return { folder, other, own, warned };
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

describe('of two workers that contradict each other', () => {
  it('in another folder, whoever listens hears', async () => {
    const { folder, other, own } = await left();
    const heard: unknown[] = [];
    await expect(lie(other)).rejects.toMatchObject({ data: { code: 'conflict' } });
    own.alsoFrom([folder]);
    // Nobody judges it yet: it stays until somebody does.
    expect(await own.result(request)).toBeNull();
    const stop = own.onContradiction((contradiction) => heard.push(contradiction));
    own.alsoFrom([folder, temporaryFolder()]);
    expect(await Promise.all([own.result(request), own.result(request)])).toEqual([null, null]);
    expect(heard).toEqual([{ request, workers: ['desk@host-1', 'liar@host-1'] }]);
    stop();
  });

  it.each(['here and there', 'in two others'])('%s, too, and neither is taken', async (where) => {
    const { folder, own } = await left();
    const second = temporaryFolder();
    await lie(where === 'here and there' ? own : new Arrivals(second));
    own.alsoFrom([folder, second]);
    const heard: unknown[] = [];
    own.onContradiction(({ workers }) => heard.push([...workers].sort()));
    expect(await own.result(request)).toBeNull();
    expect(await own.result(request)).toBeNull();
    expect(heard).toEqual([['desk@host-1', 'liar@host-1']]);
    for (const each of [own.root, folder, second]) {
      expect(await new Arrivals(each).result(request)).toBeNull();
    }
  });
});

describe.skipIf(process.platform === 'win32')('what another folder fails at', () => {
  it('is as if it had not come, and is there once it is made again', async () => {
    const { folder, other, own, warned } = await left();
    own.alsoFrom([folder, own.root]);
    chmodSync(other.blob(sha256), 0o000);
    asLesserUser(own.root, folder, join(folder, 'results'), join(folder, 'blobs'));
    expect(await own.result(request)).toBeNull();
    expect(await own.result(request)).toBeNull();
    expect(warned).toEqual([['A worker left in a folder what cannot be taken in.', folder]]);
    // It does not lie in the way of the worker that makes it again.
    expect(readdirSync(join(folder, 'blobs'))).toEqual([]);
    const worker = new Arrivals(folder, { shared: true });
    expect(await worker.result(request)).toBeNull();
  });

  it('such as a deletion is told once, and what came from there is taken once', async () => {
    const { folder, other, own, warned } = await left();
    own.alsoFrom([folder]);
    const inner = ['results', 'blobs'].map((name) => join(folder, name));
    for (const each of inner) chmodSync(each, 0o555);
    onTestFinished(() => {
      for (const each of inner) chmodSync(each, 0o755);
    });
    asLesserUser(own.root, folder, ...inner, other.blob(sha256));
    expect(await own.result(request)).toEqual(result);
    await own.remove(request);
    // It was not right: what lies there still is the same.
    own.alsoFrom([folder, temporaryFolder()]);
    expect(await own.result(request)).toBeNull();
    expect(warned).toEqual([
      ['What was brought in from a folder cannot be deleted there.', folder],
    ]);
  });

  it('to sweep keeps nothing else from being swept, there or elsewhere', async () => {
    const { own, warned } = await left();
    const [closed, after] = [temporaryFolder(), temporaryFolder()];
    mkdirSync(join(closed, 'results'), { mode: 0o000 });
    onTestFinished(() => chmodSync(join(closed, 'results'), 0o700));
    const parts = [closed, after].map((folder) => join(folder, 'parts'));
    for (const folder of parts) {
      mkdirSync(folder);
      writeFileSync(join(folder, sha256), '');
    }
    own.alsoFrom([closed, after]);
    asLesserUser(own.root, closed, after, ...parts);
    await own.sweep(-1000);
    expect(warned).toEqual([['What workers left in a folder cannot be looked through.', closed]]);
    for (const folder of parts) expect(readdirSync(folder)).toEqual([]);
  });

  it('is no full disk here: that is told, and what lies there stays', async () => {
    let full = true;
    const { folder, other, own, warned } = await left({
      get reserve() {
        return full ? Infinity : 0;
      },
    });
    own.alsoFrom([folder]);
    for (let time = 0; time < 5; time += 1) {
      await expect(own.result(request)).rejects.toMatchObject({ data: { code: 'disk-full' } });
    }
    const blob = other.blob(sha256);
    if (process.platform === 'linux') await expect.poll(() => openFiles()).not.toContain(blob);
    full = false;
    expect(await own.result(request)).toEqual(result);
    expect(warned).toEqual([]);
  });
});

/** Of this process. */
const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
