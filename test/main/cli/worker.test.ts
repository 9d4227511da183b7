import { availableParallelism } from 'node:os';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WorkerSettings } from '../../../src/main/core/machines/worker/start-worker';
import { StudioError } from '../../../src/shared/errors';
import { cli, type Setting } from './world';

const token = 'a'.repeat(43);
const joined = {
  version: 1,
  name: 'lab',
  prefix: 'saliency-test',
  queue: { host: '127.0.0.1', port: 6379, username: '', password: 'secret', tls: null },
  coordinator: { url: 'http://127.0.0.1:4000', ca: null, sharedFolder: null, token },
};

function joinFile(content: string = JSON.stringify(joined), mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'cli-worker-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'lab.join');
  writeFileSync(path, content, { mode });
  return path;
}

/** A worker that ends at once, and what it was started with. */
function atOnce(): { settings: WorkerSettings[]; setting: Setting } {
  const settings: WorkerSettings[] = [];
  const startWorker: Setting['startWorker'] = async (given, { say }) => {
    settings.push(given);
    say('Done in 8 s: Model at 10%');
    return { name: 'lab-node-1', engineClass: '0123456789ab', done: 3, seconds: 20 };
  };
  return { settings, setting: { startWorker } };
}

describe('worker', () => {
  it('works as it is told, opens no data directory, and says in the end what it did', async () => {
    const { settings, setting } = atOnce();
    const argv = ['--threads', '1', '--slots', '1', '--store', '/scratch/w', '--store-size', '0.5'];
    const ran = await cli(['worker', '--join', joinFile(), ...argv], setting);
    expect(ran.exit).toBe(0);
    expect(settings).toEqual([
      {
        join: joined,
        threads: 1,
        slots: 1,
        store: '/scratch/w',
        storeBytes: 2 ** 29,
        lockSeconds: 45,
      },
    ]);
    expect(ran.stderr).toBe('Done in 8 s: Model at 10%\n');
    expect(ran.stdout).toBe('lab-node-1 has ended: 3 done in 20 s of work.\n');
    expect(ran.opened).toEqual([]);
    const json = await cli(['worker', '--join', joinFile(), '--json', '--threads', '1'], setting);
    expect(json.json()).toEqual({
      command: 'worker',
      name: 'lab-node-1',
      engineClass: '0123456789ab',
      threads: 1,
      slots: 1,
      done: 3,
      seconds: 20,
    });
    expect(json.stdout + json.stderr).not.toMatch(/secret|aaaa/);
  });

  it('shares the processors out among its slots, and says where they are too few', async () => {
    const { settings, setting } = atOnce();
    await cli(['worker', '--join', joinFile()], setting);
    expect(settings[0]?.threads).toBe(availableParallelism());
    expect(settings[0]?.storeBytes).toBe(10 * 2 ** 30);
    const many = await cli(['worker', '--join', joinFile(), '--threads', '200'], setting);
    expect(many.exit).toBe(0);
    expect(many.stderr).toMatch(/^200 threads on \d+ processors take longer/);
  });

  it.each([
    [['--threads', '0'], /--threads is 0; accepted: a whole number from 1 to 256/],
    [['--threads', 'all'], /--threads is "all"/],
    [['--slots', '1.5'], /--slots is 1\.5; accepted: a whole number from 1 to 64/],
    [['--store', ' '], /--store is ".*"; accepted: the path of a folder/],
    [['--store-size', '0'], /--store-size is 0; accepted: a number of GiB/],
  ])('refuses %j', async (argv, message) => {
    const ran = await cli(['worker', '--join', joinFile(), ...argv], atOnce().setting);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toMatch(message);
  });

  it('refuses a join file that is missing or none, and tells of one that others may read', async () => {
    const { setting } = atOnce();
    const missing = await cli(['worker', '--join', '/nowhere/lab.join'], setting);
    expect([missing.exit, missing.stderr]).toEqual([
      2,
      expect.stringContaining('/nowhere/lab.join'),
    ]);
    const none = await cli(['worker', '--join', joinFile('no')], setting);
    expect([none.exit, none.stderr]).toEqual([2, expect.stringContaining('is no join file')]);
    const open = await cli(['worker', '--join', joinFile(undefined, 0o644)], setting);
    expect(open.exit).toBe(0);
    expect(open.stderr).toMatch(/chmod 600/);
  });

  it('ends with 1 and a sentence where its join is revoked', async () => {
    const startWorker = () =>
      Promise.reject(new StudioError({ code: 'forbidden', message: 'The join lab was revoked.' }));
    const ran = await cli(['worker', '--join', joinFile(), '--json'], { startWorker });
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toBe('The join lab was revoked.\n');
    expect(ran.json()).toMatchObject({ error: { code: 'forbidden' } });
  });

  it('is over like any other where it is ended while it waits for its queue', async () => {
    const interruption = new AbortController();
    const startWorker: Setting['startWorker'] = async (_, { signal }) => {
      interruption.abort();
      return signal.reason instanceof Error ? Promise.reject(signal.reason) : Promise.reject();
    };
    const setting = { startWorker, interruption };
    const ran = await cli(['worker', '--join', joinFile(), '--threads', '1'], setting);
    expect([ran.exit, ran.stderr, ran.stdout]).toEqual([0, '', 'Ended before it had joined.\n']);
    const json = await cli(['worker', '--join', joinFile(), '--threads', '1', '--json'], setting);
    expect(json.json()).toMatchObject({ command: 'worker', name: null, done: 0 });
    // What went wrong besides is told all the same.
    const full = () =>
      Promise.reject(new StudioError({ code: 'disk-full', message: 'The disk is full.' }));
    const failed = await cli(['worker', '--join', joinFile(), '--threads', '1'], {
      startWorker: full,
      interruption,
    });
    expect([failed.exit, failed.stderr]).toEqual([1, 'The disk is full.\n']);
  });
});
