import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Page } from '@playwright/test';
import { filesIn, ownFolder } from '../fixtures/own';
import { writeZipFile } from '../fixtures/tiny-imagenet';
import { expect, test } from './support/fixtures';
import { allMapsMade, exportAll, open, pictureOf, unfold } from './support/pages';
import { beginOnThisScreen, endOnThisScreen, rateUntil } from './support/rater';
import { useStudio } from './support/studio';
import { freshFolder } from './support/workspace';

/**
 * The whole way of one's own images, from an archive to their removal. With OWN_OUT, which takes some
 * minutes, everything has its usual size and pictures are taken there.
 */
const { OWN_OUT: out } = process.env;
const short = out === undefined;
test.use({ viewport: { width: 1280, height: 800 } });
const studio = useStudio();

const step = async (page: Page, name: string) => {
  if (out === undefined) return;
  mkdirSync(out, { recursive: true });
  await page.screenshot({ path: join(out, `${name}.png`) });
};
const dialog = (page: Page, name: string) => page.getByRole('dialog', { name, exact: true });
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const next = (page: Page) => page.getByRole('button', { name: /^Next: / }).click();

/** The shapes, and beside them the masks of their objects. */
async function archive(): Promise<string> {
  const files = new Map<string, Buffer>();
  for (const part of ['shapes', 'masks']) {
    for (const [name, bytes] of filesIn(join(ownFolder, part))) {
      files.set(`${part}/${name}`, Buffer.from(bytes));
    }
  }
  return writeZipFile(join(freshFolder('own-way'), 'shapes.zip'), files);
}

async function fewSamples(page: Page): Promise<void> {
  await unfold(page, /^(Map parameters|Parameters)/);
  await field(page, 'Noisy samples n').fill('2');
  await field(page, 'Steps').fill('2');
}

test('one’s own images: added, trained on, explained, measured, rated, removed', async ({
  page,
}) => {
  test.setTimeout(600_000);
  await open(page, studio.url, '/datasets');
  await page.getByRole('button', { name: 'Add images …' }).click();
  const adding = dialog(page, 'Add images');
  await adding.getByRole('radio', { name: 'To send' }).check({ force: true });
  await adding.getByLabel('Images', { exact: true }).setInputFiles(await archive());
  await expect(adding.getByRole('region', { name: 'Preview' })).toContainText(
    '100 train and 40 validation images in 4 classes',
  );
  if (short) await adding.getByRole('textbox', { name: 'Size' }).fill('32');
  await adding.getByRole('checkbox', { name: 'Leave out files that cannot be read' }).check();
  await adding.getByRole('textbox', { name: 'Name' }).fill('Shapes');
  await expect(adding.locator('canvas')).toHaveCount(24);
  await step(page, 'own-add');
  await adding.getByRole('button', { name: 'Add images', exact: true }).click();
  await expect(adding).toBeHidden();
  const shapes = page.getByRole('region', { name: 'Shapes', exact: true });
  await expect(shapes.locator('canvas')).toHaveCount(40, { timeout: 30_000 });
  const image = shapes.locator('canvas').first();
  const whole = await pictureOf(image);
  await shapes.getByText('Mask of the object (40)').click();
  await expect.poll(() => pictureOf(image)).not.toBe(whole);
  await step(page, 'own-masks');

  await open(page, studio.url, '/models');
  await page.getByRole('button', { name: 'Train a model' }).first().click();
  const training = dialog(page, 'Train a model');
  await training.getByLabel('Dataset', { exact: true }).selectOption({ label: 'Shapes' });
  await expect(training).toContainText('ResNet18 (suggested)');
  const epochs = short ? '2' : '16';
  await training.getByRole('textbox', { name: 'Epochs', exact: true }).fill(epochs);
  await training.getByRole('button', { name: 'Start training' }).click();
  const chosen = page.getByRole('region', { name: 'The chosen model' });
  const last = new RegExp(`^After epoch ${epochs} of ${epochs}`);
  await expect(chosen.getByRole('img', { name: last })).toBeVisible({ timeout: 240_000 });

  await chosen.getByRole('link', { name: 'Look at maps' }).click();
  if (short) await fewSamples(page);
  await allMapsMade(page);
  await page.getByText('Mask of the object', { exact: true }).click();
  await expect(page.getByRole('img', { name: /^Image 0, class cross, its object/ })).toBeVisible();
  await step(page, 'own-maps');

  await open(page, studio.url, '/roar');
  await page.getByText('Shapes', { exact: true }).first().click();
  await page.getByText('Quick', { exact: true }).first().click();
  if (short) {
    await unfold(page, /^Evaluation/, /^Training/);
    await fewSamples(page);
    await field(page, 'Images').fill('10');
    await field(page, 'Levels t').fill('0, 0.5');
    await field(page, 'Epochs').fill('2');
  }
  await field(page, 'Name of the run (optional)').fill('Shapes by ROAR');
  await page.getByRole('button', { name: 'Run ROAR' }).click();
  await expect(page.getByRole('button', { name: 'Export' })).toBeEnabled({ timeout: 300_000 });
  await step(page, 'own-roar');
  expect([...(await exportAll(page)).keys()]).toContain('curves.csv');

  await open(page, studio.url, '/studies');
  await page.getByRole('button', { name: 'New study' }).click();
  await field(page, 'Name of the study').fill('Shapes');
  await expect(page.getByRole('checkbox', { name: /^Shapes/ })).toBeChecked();
  const same = page.getByRole('button', { name: 'Use the run’s parameters' });
  if (await same.isVisible()) await same.click();
  await next(page);
  await next(page);
  await next(page);
  await field(page, 'Trials of a rater').fill('5');
  await next(page);
  await page.getByRole('button', { name: 'Create and prepare maps' }).click();
  await expect(page.getByRole('heading', { name: 'Open for rating' })).toBeVisible({
    timeout: 300_000,
  });
  await beginOnThisScreen(page);
  await rateUntil(page, /^trial 4\.0/);
  await step(page, 'own-trial');
  await rateUntil(page, /^thanks/);
  await endOnThisScreen(page);

  await open(page, studio.url, '/studies');
  await page.getByRole('link', { name: 'Shapes', exact: true }).first().click();
  await page.getByRole('button', { name: 'Close the study' }).click();
  await page.getByRole('button', { name: 'Close it' }).click();
  await page.getByRole('link', { name: 'See the results' }).click();
  await expect(page.getByText('10 ratings count')).toBeVisible();
  await expect(page.locator('.ratings table')).toHaveCount(2);
  await step(page, 'own-results');

  await open(page, studio.url, '/datasets');
  await page.getByRole('navigation', { name: 'Datasets' }).getByText('Shapes').click();
  await shapes.getByRole('button', { name: 'Remove …' }).click();
  const sure = dialog(page, 'Remove Shapes?');
  // What was made with it is named, and stays.
  await expect(sure).toContainText('1 ROAR run: Shapes by ROAR');
  await expect(sure).toContainText('1 study: Shapes');
  await sure.getByRole('button', { name: 'Remove' }).click();
  await expect(sure).toBeHidden();
  await open(page, studio.url, '/results');
  await expect(page.getByRole('main').getByRole('link', { name: 'Shapes' })).toBeVisible();
});
