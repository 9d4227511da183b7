import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { exportAll, open, openRun, rowsOf, typeSmallSettings, unfold } from './support/pages';
import { cli } from './support/process';
import { reference, smallOptions } from './support/reference';
import { busyness } from './support/machine';
import { useStudio } from './support/studio';
import { freshFolder } from './support/workspace';

// One run from its settings to its files: the second test goes on where the first ended.
test.describe.configure({ mode: 'serial' });
const studio = useStudio();

test('settings, forecast, start, progress, cancel within two seconds, resume, finish', async ({
  page,
}) => {
  await open(page, studio.url, '/roar');
  await typeSmallSettings(page);
  await expect(
    page.getByText(/^Your own settings\. They differ from the paper’s in:/),
  ).toContainText('images, levels');
  const forecast = page.getByRole('region', { name: 'Forecast' });
  await expect(forecast).toContainText(/About (< )?\d+ (s|min)/, { timeout: 60_000 });
  await expect(forecast).toContainText('of disk');
  await expect(forecast.getByRole('listitem')).toHaveCount(4);
  await page.getByRole('textbox', { name: 'Name of the run (optional)' }).fill('By hand');
  await page.getByRole('button', { name: 'Run ROAR' }).click();

  await expect(page.getByRole('heading', { name: 'By hand' })).toBeVisible();
  const progress = page.getByRole('region', { name: 'Progress' });
  const now = progress.locator('[data-test="job-progress"]');
  await expect(now).toContainText(/\d+% · \d+ of 17 items/);
  await expect(now).toContainText(/\d images\/s/, { timeout: 60_000 });
  // All three go on by themselves: items done, rate, time left.
  const figures = async () => (await now.innerText()).replaceAll(/\s+/g, ' ');
  const first = await figures();
  await expect.poll(figures, { timeout: 60_000 }).not.toBe(first);
  await expect(now).toContainText(/\d+ (s|min \d+ s) left|< 1 s left/, { timeout: 60_000 });
  await expect(now).toContainText(/ [1-9]\d* of 17 items/, { timeout: 60_000 });

  const strip = page.getByRole('region', { name: 'Jobs', exact: true });
  await expect(strip).toContainText('By hand');
  await progress.getByRole('button', { name: 'Cancel' }).click();
  const asked = Date.now();
  await expect(progress.getByText('cancelled', { exact: true })).toBeVisible();
  const took = Date.now() - asked;
  test.info().annotations.push({ type: 'cancelled after', description: `${took} ms` });
  expect(took, 'milliseconds until it was cancelled').toBeLessThan(2000 * busyness());
  await expect(strip).toContainText('No job is running');
  await expect(page.getByRole('button', { name: 'Export' })).toBeDisabled();

  await expectAccessible(page, 'a cancelled run');
  await progress.getByRole('button', { name: 'Resume' }).click();
  await expect(now).toBeVisible();
  await expectAccessible(page, 'a run under way');
  await expect(progress).toBeHidden({ timeout: 180_000 });
  await expect(page.getByRole('status').getByText(/By hand.*: done/)).toBeVisible();
});

test('every format is exported, byte for byte what the command line writes', async ({ page }) => {
  await open(page, studio.url, '/roar');
  await openRun(page, 'By hand');
  const files = await exportAll(page);
  await page.close();
  const same = (name: string, bytes: Buffer) => bytes.equals(files.get(name) ?? Buffer.of());

  // The same data directory, once the application has given it back.
  expect(await studio.stop()).toBe(0);
  const out = freshFolder('out');
  const answer = await cli(studio.data, 'roar', ...smallOptions, '--out', out);
  expect(answer).toMatchObject({ command: 'roar', how: 'stored' });
  for (const name of ['curves.csv', 'scores.csv', 'models.csv', 'figure.svg', 'figure.png']) {
    expect(same(name, readFileSync(join(out, name))), name).toBe(true);
  }
  // A data directory of its own, in which nothing was interrupted.
  const anew = await reference();
  for (const name of ['curves.csv', 'scores.csv']) {
    expect(same(name, anew.file(name)), `${name} of an uninterrupted run`).toBe(true);
  }
});

test('a run that retrains: its own defaults, every model, accuracies over repetitions', async ({
  page,
}) => {
  // The second test gave the data directory back.
  await studio.start();
  await open(page, studio.url, '/roar');
  await page.getByText('Retrain', { exact: true }).click();
  await expect(page.getByText(/2 of 5 repetitions/)).toBeVisible();
  await unfold(page, /^Evaluation/);
  await expect(page.getByRole('textbox', { name: 'Levels t', exact: true })).toHaveValue(
    '0, 0.5, 0.9',
  );
  await page.getByRole('textbox', { name: 'Seed', exact: true }).fill('3');
  await page.getByText('CIFAR-10', { exact: true }).click();
  await expect(page.getByText(/CIFAR-10 is not installed/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run ROAR' })).toBeDisabled();
  await page.getByText('MNIST', { exact: true }).click();
  // What was set is kept on the way there and back.
  await expect(page.getByRole('textbox', { name: 'Seed', exact: true })).toHaveValue('3');
  await typeSmallSettings(page);
  await page.getByRole('textbox', { name: 'Images', exact: true }).fill('40');
  await page.getByRole('textbox', { name: 'Levels t', exact: true }).fill('0, 0.8');
  const forecast = page.getByRole('region', { name: 'Forecast' });
  await expect(forecast).toContainText(/About (< )?\d+ (s|min)/, { timeout: 60_000 });
  await page.getByRole('textbox', { name: 'Name of the run (optional)' }).fill('Retrained');
  await page.getByRole('button', { name: 'Run ROAR' }).click();

  await expect(page.getByRole('button', { name: 'Export' })).toBeEnabled({ timeout: 180_000 });
  await expect(page.getByText('MNIST, retrain', { exact: false }).first()).toBeVisible();
  await expect(
    page.getByRole('img', { name: /^Individual methods: validation accuracy/ }),
  ).toBeVisible();
  const accuracies = await rowsOf(
    page.getByRole('region', { name: 'Accuracy by method and level' }),
  );
  expect(accuracies).toHaveLength(4);
  for (const [, whole, degraded] of accuracies) {
    expect(whole).toMatch(/^\d+\.\d ± \d+\.\d$/);
    expect(degraded).toMatch(/^\d+\.\d ± \d+\.\d$/);
  }
  await expect(page.getByRole('tab')).toHaveText([
    ...['Figure and table', 'Models', 'Compare', 'Settings'],
  ]);
  await expectAccessible(page, 'a run that retrains');
  await page.getByRole('tab', { name: 'Models' }).click();
  // Two repetitions of the shared level 0 and of four methods at one level.
  await expect(page.getByRole('tabpanel')).toContainText('10 of 10 models trained');
  await expect(page.getByRole('tabpanel').getByRole('listitem')).toHaveCount(8);
  await expectAccessible(page, 'the models of a run that retrains');
  await page.getByRole('button', { name: 'Export' }).click();
  await expect(page.getByRole('menuitem', { name: 'models.csv' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'scores.csv' })).toHaveCount(0);
});
