import { type Page } from '@playwright/test';
import { freePort } from '../main/core/machines/support/free-port';
import { startValkey, type TestValkey } from '../main/core/machines/support/valkey';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { useStudio } from './support/studio';

const studio = useStudio({ engine: false });
const password = 'known to this test';

let valkey: TestValkey;
test.beforeAll(async () => {
  valkey = await startValkey({ password });
});
test.afterAll(() => valkey.close());

async function openMachines(page: Page): Promise<void> {
  await page.goto(studio.url);
  await page.getByRole('link', { name: 'Machines' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Machines');
}

test('says why an address cannot be used, and uses one that can', async ({ page }) => {
  await openMachines(page);
  await expect(page).toHaveTitle('Machines – Saliency Studio');
  await expect(page.getByRole('heading', { level: 2 })).toHaveText([
    'Work on several machines',
    'How jobs are done',
  ]);
  await expectAccessible(page, 'machines without a queue');

  const nobody = await freePort();
  await page.getByRole('textbox', { name: 'Port' }).fill(String(nobody));
  await page.getByRole('button', { name: 'Test connection' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText(
    `The queue at 127.0.0.1:${nobody} cannot be reached: nothing listens there.`,
  );
  await expectAccessible(page, 'a queue that is not reached');

  await page.getByRole('textbox', { name: 'Port' }).fill(String(valkey.port));
  await page.getByRole('button', { name: 'Test connection' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('wants a password');
  await page.getByLabel('Password').fill('a guess');
  await page.getByRole('button', { name: 'Test connection' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText(
    'does not take this password',
  );
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Test connection' }).click();
  await expect(page.getByRole('main').getByRole('status')).toContainText(/Valkey 9\.\S+ answers/);

  const connect = page.getByRole('region', { name: 'Work on several machines' });
  await connect.getByRole('button', { name: 'Save' }).click();
  const queue = page.getByRole('region', { name: 'Queue' });
  await expect(queue).toContainText(`127.0.0.1:${valkey.port}`);
  await expect(queue.getByText('connected', { exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Workers' })).toContainText('None has joined.');
  await expectAccessible(page, 'machines with a queue');
});

test('makes a join, hands over its file and revokes it', async ({ page }) => {
  await openMachines(page);
  await page.getByRole('button', { name: 'New join' }).click();
  const dialog = page.getByRole('dialog', { name: 'New join' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('lab-1');
  await expectAccessible(page, 'the dialog of a new join');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Make and save its file' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('lab-1.join.json');
  await expect(dialog).toBeHidden();
  const joins = page.getByRole('region', { name: 'Joins', exact: true });
  await expect(joins.getByRole('row', { name: /lab-1/ })).toContainText('never');
  await joins.getByRole('button', { name: 'Revoke lab-1' }).click();
  const sure = page.getByRole('dialog', { name: 'Revoke lab-1?' });
  await expect(sure).toContainText('resetpass');
  await expectAccessible(page, 'the question before a join is revoked');
  await sure.getByRole('button', { name: 'Revoke' }).click();
  await expect(joins.getByRole('row', { name: /lab-1/ })).toContainText('revoked');
});

test('tells when the queue goes and comes back', async ({ page }) => {
  await openMachines(page);
  const queue = page.getByRole('region', { name: 'Queue' });
  await expect(queue.getByText('connected', { exact: true })).toBeVisible();
  await valkey.kill();
  await expect(queue.getByRole('alert')).toContainText('nothing listens there');
  await expectAccessible(page, 'a queue that went away');
  await valkey.restart();
  await expect(queue.getByText('connected', { exact: true })).toBeVisible({ timeout: 15_000 });
  await queue.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
  await expect(page.getByRole('heading', { name: 'Work on several machines' })).toBeVisible();
});

test('is reached by keyboard', async ({ page }) => {
  await page.goto(studio.url);
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Machines');
  await page.getByRole('textbox', { name: 'Port' }).press('Enter');
  await expect(page.getByRole('main').getByRole('alert')).toBeVisible({ timeout: 15_000 });
});
