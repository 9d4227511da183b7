import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createLab,
  differences,
  type Lab,
  openSite,
  type Process,
  until,
} from '../../../bench/machines/lab.mjs';
import { createContext } from '../../../scripts/setup/context.mjs';
import { ensureValkey, VALKEY_VARIABLE } from '../../../scripts/setup/valkey.mjs';
import { machinesFolder } from '../../../src/main/core/machines/machines-folder';
import { installedFiles } from '../../../src/main/core/storage/installed-files';

let lab: Lab;
/** A run of some seconds. */
const tinyRun = [
  ...['roar', '--dataset', 'mnist', '--protocol', 'retrain', '--preset', 'quick'],
  ...['--methods', 'gradient', '--levels', '0,0.5', '--repetitions', '2'],
  ...['--images', '50', '--epochs', '2', '--train-limit', '300', '--resamples', '100'],
];
/** The same run on one machine. */
let alone = '';

beforeAll(async () => {
  const { node, root } = installedFiles();
  const folder = mkdtempSync(join(tmpdir(), 'machines-'));
  const valkey = await ensureValkey(createContext());
  lab = createLab({
    node,
    cli: join(root, 'out', 'main', 'cli.js'),
    folder,
    env: { ...process.env, [VALKEY_VARIABLE]: valkey },
  });
  alone = join(folder, 'alone-out');
  const run = lab.start([
    '--data',
    lab.data('alone'),
    ...tinyRun,
    '--threads',
    '1',
    '--out',
    alone,
  ]);
  expect(await run.ended, run.err()).toBe(0);
}, 180_000);

afterAll(async () => {
  await lab.close();
  rmSync(lab.folder, { recursive: true, force: true, maxRetries: 3 });
});

const items = (workers: readonly Process[]) =>
  workers.flatMap(({ err }) =>
    [...err().matchAll(/^Done in [^:]+: (.*)$/gm)].map(([, title]) => title),
  );

describe('one run on several machines', { timeout: 240_000 }, () => {
  test('comes to the same bytes whatever is killed meanwhile', async () => {
    const site = await openSite(lab, 'kills');
    // Its item is to be begun elsewhere sooner than usual.
    const quick = ['--lock', '10'];
    const workers = [site.worker({}, quick), site.worker({}, quick)];
    const out = join(lab.folder, 'kills-out');
    const first = site.roar(tinyRun, out);
    const working = () => items(workers).length;
    // A worker in the midst of an item: a third takes its place.
    await until('items', () => working() >= 2);
    workers[0]?.child.kill('SIGKILL');
    workers.push(site.worker({}, quick));
    // The coordinator; results that come meanwhile are found by the next.
    await until('more items', () => working() >= 4);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = site.roar(tinyRun, out);
    expect(await second.ended, second.err()).toBe(0);
    expect(differences(alone, out)).toEqual([]);
    await site.close();
  });

  test.runIf(process.platform === 'linux')(
    'comes to the same bytes with this machine among the workers, and leaves no process of it',
    async () => {
      const site = await openSite(lab, 'both');
      const out = join(lab.folder, 'both-out');
      const run = ['--data', site.data, ...tinyRun, '--threads', '1', '--queue', '--out', out];
      const first = lab.start(run);
      await until('items', () => /[1-9]\d* of \d+ items/.test(first.err()));
      expect(ownWorkers(site.data)).toHaveLength(1);
      first.child.kill('SIGKILL');
      await first.ended;
      await until('its end', () => ownWorkers(site.data).length === 0, 20);
      const second = lab.start(run);
      expect(await second.ended, second.err()).toBe(0);
      expect(differences(alone, out)).toEqual([]);
      expect(ownWorkers(site.data)).toEqual([]);
      expect(existsSync(machinesFolder(site.data).ownStore)).toBe(false);
      expect(await lab.run(['--data', site.data, 'join', 'list'])).toMatchObject({
        joins: [{ name: 'worker-1' }],
      });
      await site.close();
    },
  );
});

/** Processes of the worker that an application started on a data directory. */
function ownWorkers(data: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(
        join(data, 'machines', 'own-worker.json'),
      );
    } catch {
      return false;
    }
  });
}
