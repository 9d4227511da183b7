import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { indices, list, scalar } from '../../../src/main/cli/options';
import { table } from '../../../src/main/cli/output';
import { progressDisplay, progressLine } from '../../../src/main/cli/progress';
import { engineKey } from '../../../src/main/core/artifacts/keys';
import { progress } from './records';
import { cli, healthyDoctor } from './world';

describe('progress', () => {
  test('has items, rate and time left in one line', () => {
    expect(progressLine(progress())).toBe(
      ' 43% · Level 0.3, epoch 2 of 5 · 12 of 43 items · 5,123 images/s · 3 min 05 s left',
    );
    expect(progressLine(progress('a', { rate: null, secondsLeft: null, loss: 0.12345 }))).toBe(
      ' 43% · Level 0.3, epoch 2 of 5 · 12 of 43 items · loss 0.123',
    );
  });

  test('has bytes in binary units', () => {
    const of = { item: 'Downloading', rate: 3_512_345, unit: 'bytes', secondsLeft: 20 };
    expect(progressLine(progress('a', of))).toBe(
      ' 43% · Downloading · 12 of 43 items · 3.3 MiB/s · 20 s left',
    );
  });

  test('writes over one line on a terminal and never wraps it', () => {
    let text = '';
    const display = progressDisplay({
      stderr: (part) => void (text += part),
      terminal: { columns: 10 },
      monotonic: () => 0,
    });
    display.show('short');
    display.show('a line that is too long');
    display.end();
    display.end();
    expect(text).toBe('\r\u001B[2Kshort\r\u001B[2Ka line t…\n');
  });

  test('is a plain line every five seconds elsewhere', () => {
    let text = '';
    let now = 0;
    const display = progressDisplay({
      stderr: (part) => void (text += part),
      terminal: null,
      monotonic: () => now,
    });
    for (; now <= 11_000; now += 500) display.show(`at ${now}`);
    display.end();
    expect(text).toBe('at 0\nat 5000\nat 10000\n');
  });
});

describe('arguments', () => {
  test('indices are in their order, each once', () => {
    expect(indices('0-3,42,2, 7', '--images')).toEqual([0, 1, 2, 3, 42, 7]);
    for (const bad of ['', ',', '-1', '1-', 'a', '1.5', '3-1', '1e3', '0-999999999']) {
      expect(() => indices(bad, '--images')).toThrow('--images is');
    }
  });

  test('any set of indices comes back from its list', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(99_999), { minLength: 1, maxLength: 50 }), (wanted) => {
        expect(indices(wanted.join(','), '--images')).toEqual(wanted);
      }),
    );
  });

  test('numbers are numbers and words are words', () => {
    expect(['1', '-0.5', '1e-3', 'x', '', ' ', 'Infinity', 'NaN'].map(scalar)).toEqual([
      1,
      -0.5,
      0.001,
      'x',
      '',
      ' ',
      'Infinity',
      'NaN',
    ]);
    expect(list(' a, ,b,', '--names')).toEqual(['a', 'b']);
  });

  test('tables line up', () => {
    expect(
      table(
        ['name', 'n'],
        [
          ['a', '1'],
          ['long one', '23'],
        ],
      ),
    ).toEqual(['name       n', 'a          1', 'long one  23']);
  });
});

describe('doctor', () => {
  test('says what is here and exits with 0', async () => {
    const ran = await cli(['doctor']);
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain('cpu (A processor), 2 threads, oneDNN on');
    expect(ran.stdout).toContain('Everything that is needed is here.');
    const json = (await cli(['doctor', '--json'])).json();
    expect(json).toMatchObject({
      healthy: true,
      dataDir: '/the/default',
      versions: { 'saliency-studio': '1.2.3', node: process.versions.node, tensorflow: '2.21.0' },
      engine: { device: 'cpu', threads: 2, oneDnn: true },
      freeBytes: 5e9,
    });
  });

  test('opens no data directory', async () => {
    expect((await cli(['doctor', '--data', '/elsewhere'])).opened).toEqual([]);
  });

  test('an engine that is missing exits with 1 and says how to get it', async () => {
    const ran = await cli(['doctor'], {
      doctor: {
        addon: () => null,
        engineRecord: () => ({
          ok: false,
          variant: null,
          tensorflow: null,
          reason: 'There is no compiler.',
          remedy: 'apt-get install -y g++ make',
        }),
      },
    });
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toContain('MISSING');
    expect(ran.stdout).toContain('→ apt-get install -y g++ make');
  });

  test('no Electron, no browser, a full disk and a holder are notes, not failures', async () => {
    const ran = await cli(['doctor'], {
      doctor: {
        electronBinary: () => null,
        browser: () => null,
        freeBytes: () => 5e7,
        holder: () => ({ pid: 77, shell: 'desktop app', since: 'noon' }),
      },
    });
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain('in use by the desktop app with process id 77');
    expect(ran.stdout).toContain('47.7 MiB');
  });

  test('says which queue is used and who works there, or why it is not reached', async () => {
    const none = await cli(['doctor']);
    expect(none.stdout).not.toContain('Queue');
    const place = 'queue.example.org:6379';
    const problem = `The queue at ${place} cannot be reached.`;
    const found = {
      place,
      trial: false,
      problem: null,
      listener: null,
      unreached: null,
      workers: [],
    };
    const away = await cli(['doctor'], {
      doctor: { queue: async () => ({ ...found, version: null, problem }) },
    });
    expect(away.exit).toBe(0);
    expect(away.stdout).toContain(`–       Queue: ${problem}`);
    const described = await healthyDoctor.engine();
    const worker = (threads: number, waits: string | null = null) => ({
      waits,
      engineClass: { build: 'a', probe: 'b', engine: engineKey({ ...described, threads }) },
    });
    const reached = await cli(['doctor'], {
      doctor: {
        queue: async () => ({
          ...found,
          version: 'Valkey 9.1.2',
          listener: 'https://192.0.2.7:7443',
          workers: [worker(2), worker(2), worker(1, '1 thread an item, not 2')],
        }),
      },
    });
    expect(reached.stdout).toMatch(
      /Queue: queue\.example\.org:6379, Valkey 9\.1\.2, workers reach the app at https:\/\/192\.0\.2\.7:7443, 2 workers of class [0-9a-f]{12} \(2 threads\), 1 worker of class [0-9a-f]{12} \(1 thread\), which gets nothing: 1 thread an item, not 2/,
    );
  });

  test('a data directory that cannot be written is a note, and says how to go on', async () => {
    const ran = await cli(['doctor'], { doctor: { writable: () => false } });
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain(
      '/the/default, which cannot be written: what is there can be read',
    );
    expect(ran.stdout).toContain('→ to go on working, copy it to a place of yours');
  });
});
