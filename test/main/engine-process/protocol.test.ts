import { createHash } from 'node:crypto';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createChannel } from '../../../src/main/engine-process/channel';
import { Lanes, type Pause } from '../../../src/main/engine-process/lanes';
import { writeArray } from '../../../src/main/engine-process/output';
import { throttled } from '../../../src/main/engine-process/progress';
import { type EngineProgress } from '../../../src/shared/engine';
import { code, temporaryFolder } from './helpers';

const envelope = { version: 1, job: 3, attempt: 2, sequence: 1 };

function channel() {
  const sent: unknown[] = [];
  const seen: unknown[] = [];
  const log: string[] = [];
  const made = createChannel(
    { send: (message) => void sent.push(message) },
    { request: (request) => void seen.push(request), cancel: (job) => void seen.push(job) },
    (line) => void log.push(line),
  );
  return { ...made, sent, seen, log };
}

describe('channel', () => {
  it('takes requests and cancels', () => {
    const { receive, seen, sent } = channel();
    const request = {
      ...envelope,
      type: 'request',
      operation: 'describe',
      lane: 'batch',
      input: {},
    };
    receive(request);
    receive({ ...envelope, type: 'cancel' });
    expect(seen).toEqual([request, 3]);
    expect(sent).toEqual([]);
  });

  it('refuses what is malformed, telling core where it can', () => {
    const { receive, seen, sent, log } = channel();
    const request = { ...envelope, type: 'request', lane: 'batch', input: {} };
    receive({ ...request, operation: 'format-disk' });
    receive({ ...request, operation: 'describe', lane: 'fast' });
    receive({ ...request, operation: 'describe', version: 7 });
    receive('hello');
    receive(null);
    expect(seen).toEqual([]);
    expect(log).toHaveLength(5);
    expect(sent).toHaveLength(3);
    expect(sent[0]).toMatchObject({
      version: 1,
      job: 3,
      attempt: 2,
      type: 'error',
      error: { code: 'invalid-input' },
    });
  });

  it('sends no answer over the limit of a message', () => {
    const { send, sent } = channel();
    const output = { text: 'x'.repeat(1_000_000) };
    expect(() => send(envelope, { type: 'result', output })).toThrow(/limit/);
    expect(sent).toEqual([]);
  });
});

describe('lanes', () => {
  const signal = () => new AbortController().signal;
  /** As the engine pauses: the event loop turns first, which lets messages in. */
  const breathe = async (pause: Pause) => {
    await nextTurn();
    await pause();
  };

  it('run one operation at a time, interactive ones first', async () => {
    const lanes = new Lanes();
    const order: string[] = [];
    const task = (name: string) => async () => {
      order.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      order.push(`${name} ends`);
    };
    await Promise.all([
      lanes.run('batch', signal(), task('a')),
      lanes.run('batch', signal(), task('b')),
      lanes.run('interactive', signal(), task('c')),
    ]);
    const names = ['a', 'c', 'b'];
    expect(order).toEqual(names.flatMap((name) => [`${name} starts`, `${name} ends`]));
  });

  it('answer an interactive operation inside a batch operation’s pause, and then go on', async () => {
    const lanes = new Lanes();
    const order: string[] = [];
    const batch = lanes.run('batch', signal(), async (pause) => {
      order.push('batch 1');
      await breathe(pause);
      order.push('batch 2');
    });
    const interactive = lanes.run('interactive', signal(), async (pause) => {
      order.push('interactive 1');
      await breathe(pause);
      order.push('interactive 2');
    });
    await Promise.all([batch, interactive]);
    expect(order).toEqual(['batch 1', 'interactive 1', 'interactive 2', 'batch 2']);
  });

  it('answer a short interactive operation inside the pause of a long one', async () => {
    const lanes = new Lanes();
    const order: string[] = [];
    const long = lanes.run('interactive', signal(), async (pause) => {
      order.push('long 1');
      await breathe(pause);
      order.push('long 2');
    });
    const short = lanes.run('interactive', signal(), () => {
      order.push('short');
      return Promise.resolve();
    });
    await Promise.all([long, short]);
    expect(order).toEqual(['long 1', 'short', 'long 2']);
  });

  it('let an interactive failure leave the batch operation alone', async () => {
    const lanes = new Lanes();
    const batch = lanes.run('batch', signal(), async (pause) => {
      await breathe(pause);
      return 'fine';
    });
    const interactive = lanes.run('interactive', signal(), () => Promise.reject(new Error('no')));
    await expect(interactive).rejects.toThrow('no');
    expect(await batch).toBe('fine');
  });

  it('end at once what is aborted while it waits: queued, or at a pause', async () => {
    const lanes = new Lanes();
    const [parked, queued] = [new AbortController(), new AbortController()];
    let release: () => void = () => undefined;
    const batch = lanes.run('batch', parked.signal, async (pause) => {
      await breathe(pause);
      throw new Error('it went on');
    });
    const waiting = lanes.run('batch', queued.signal, () => Promise.reject(new Error('it ran')));
    const interactive = lanes.run('interactive', signal(), async () => {
      await new Promise<void>((resolve) => {
        release = () => resolve();
      });
      return 'answered';
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    parked.abort(new Error('stopped'));
    queued.abort(new Error('stopped'));
    await Promise.all([batch, waiting].map((ended) => expect(ended).rejects.toThrow('stopped')));
    release();
    expect(await interactive).toBe('answered');
    expect(await lanes.run('batch', signal(), () => Promise.resolve('next'))).toBe('next');
  });
});

describe('output', () => {
  const array = { shape: [2], data: Uint8Array.of(1, 2) };

  it('is written with its hash', async () => {
    const folder = join(temporaryFolder(), 'new');
    const file = await writeArray(folder, 'labels.npy', array);
    const bytes = readFileSync(join(folder, 'labels.npy'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(file).toEqual({ name: 'labels.npy', sha256, bytes: 130 });
  });

  it.runIf(process.platform === 'linux')('says that the disk is full', async () => {
    const folder = temporaryFolder();
    symlinkSync('/dev/full', join(folder, 'labels.npy'));
    await expect(writeArray(folder, 'labels.npy', array)).rejects.toEqual(code('disk-full'));
  });
});

describe('progress', () => {
  it('is sent at most ten times a second, and at the end', () => {
    let time = 0;
    const sent: number[] = [];
    const report = throttled(
      ({ done }: EngineProgress) => void sent.push(done),
      () => time,
    );
    for (let done = 1; done <= 100; done += 1) {
      time += 10;
      report({ done, total: 100, unit: 'batches' });
    }
    expect(sent).toEqual([1, 11, 21, 31, 41, 51, 61, 71, 81, 91, 100]);
  });
});
