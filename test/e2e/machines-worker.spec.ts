import { type Page } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWork } from '../../src/main/core/machines/coordinator/work-file';
import { machinesFolder } from '../../src/main/core/machines/machines-folder';
import { writeQueue } from '../../src/main/core/machines/queue/queue-file';
import { formatWhen } from '../../src/shared/format/times';
import { startValkey, type TestValkey } from '../main/core/machines/support/valkey';
import { type ApiConnection, connect } from './support/api';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { open } from './support/pages';
import { type Running, start, within } from './support/process';
import { createStudio, type Studio } from './support/studio';
import { freshFolder } from './support/workspace';

// One worker, from its join to its end.
test.describe.configure({ mode: 'serial' });

let valkey: TestValkey;
let studio: Studio;
let api: ApiConnection;
let worker: Running | null = null;

test.beforeAll(async () => {
  valkey = await startValkey();
  const data = freshFolder('data');
  writeQueue(machinesFolder(data), { address: valkey.address, trial: false });
  writeWork(data, { workplace: 'queue', threads: 1 });
  studio = createStudio(data, {});
  await studio.start();
  api = await connect(studio.url);
  const { file } = await api.call('machines.createJoin', { name: 'lab-1', listen: null });
  const path = join(freshFolder('join'), file.name);
  writeFileSync(path, await api.fetch(file), { mode: 0o600 });
  worker = start('cli', 'worker', '--join', path, '--threads', '1', '--store', freshFolder('w'));
});
test.afterAll(async () => {
  worker?.child.kill('SIGKILL');
  api.close();
  await studio.stop();
  await valkey.close();
});

const workers = (page: Page) => page.getByRole('region', { name: 'Workers', exact: true });
const row = (page: Page) => workers(page).getByRole('row', { name: /^lab-1@/ });
const train = async (trainLimit: number): Promise<string> => {
  const recipe = { epochs: 1, trainLimit };
  return (await api.call('models.train', { dataset: 'mnist', recipe })).job.id;
};

test('a worker is seen at what it does, and ends that when it is drained', async ({ page }) => {
  const job = await train(15_000);
  await open(page, studio.url, '/settings/machines');
  if (!worker) throw new Error('no worker');
  const { wrote } = worker;
  await expect(row(page)).toContainText('busy', { timeout: 60_000 });
  const now = await api.call('machines.get', {});
  const [seen] = now.workers;
  expect(seen).toMatchObject({ join: 'lab-1', difference: null, state: 'busy' });
  expect(seen?.engineClass).toBe(now.engineClass);
  await expect(row(page)).toContainText(seen?.name ?? '?');
  await expect(row(page)).toContainText(`${now.engineClass} · 1 thread`);
  await expect(row(page)).toContainText(seen?.items[0] ?? '?');
  await expect(workers(page)).toContainText('1 of 1 at work');
  // A minute may end between the two.
  await expect(async () => {
    const [{ lastSeen = '' } = {}] = (await api.call('machines.get', {})).workers;
    await expect(row(page)).toContainText(formatWhen(lastSeen), { timeout: 100 });
  }).toPass();

  await row(page)
    .getByRole('button', { name: `Drain ${seen?.name}` })
    .click();
  await expect(row(page)).toContainText('draining');
  await expect(row(page)).toContainText(seen?.items[0] ?? '?');
  await expect(row(page)).toContainText('nothing, 1 item at once', { timeout: 60_000 });
  expect(wrote.stderr).toMatch(/^Told to take nothing more[^]*^Done in/m);
  await expectAccessible(page, 'a worker that is drained');
  await expect.poll(async () => (await api.call('jobs.get', { job })).state).toBe('done');
});

test('drained it takes nothing, and revoked it ends at what it would take', async ({ page }) => {
  await open(page, studio.url, '/settings/machines');
  const job = await train(100);
  await expect(workers(page).getByRole('status')).toHaveText(
    '1 worker of this run’s class takes nothing more: it drains.',
  );
  const joins = page.getByRole('region', { name: 'Joins', exact: true });
  await joins.getByRole('button', { name: 'Revoke lab-1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(joins.getByRole('row', { name: /lab-1/ })).toContainText('revoked');
  await row(page)
    .getByRole('button', { name: /^Take back lab-1@/ })
    .click();
  if (!worker) throw new Error('no worker');
  expect(await within(20_000, worker.ended, 'The end of the worker')).toBe(1);
  expect(worker.wrote.stderr).toMatch(/^The join lab-1 was revoked on \d{4}-\d\d-\d\d\.$/m);
  await expect(workers(page)).toContainText('None has joined.');
  await expect(workers(page).getByRole('status')).toHaveText(
    'No worker is there: start one with a join file.',
  );
  const { state } = await api.call('jobs.get', { job });
  expect(state).toBe('running');
});
