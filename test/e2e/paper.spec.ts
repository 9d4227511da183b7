import { type Page } from '@playwright/test';
import { experimentExportFormats } from '../../src/shared/experiments';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { downloaded, open, openRun, rowsOf } from './support/pages';
import { reference, small } from './support/reference';
import { readCsv } from './support/scores';
import { useStudio } from './support/studio';

const studio = useStudio({ from: 'reference' });

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();
const panel = (page: Page) => page.getByRole('tabpanel');

test('the paper: forecast, what is missing, finished runs together, their figures and claims', async ({
  page,
}) => {
  await open(page, studio.url);
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Paper');
  const forecast = page.getByRole('region', { name: 'Forecast', exact: true });
  await expect(forecast).toContainText(/About \d+ (min|h)/, { timeout: 60_000 });
  await expect(forecast.getByRole('row', { name: /^CIFAR-10/ })).toContainText(
    'once it is installed',
  );
  await expect(page.getByText('have to be installed first')).toContainText('Tiny ImageNet');
  await expect(page.locator('[data-test="experiment-start"]')).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Install CIFAR-10 …' })).toBeVisible();
  await expectAccessible(page, 'a reproduction to start');
  await page.getByRole('button', { name: 'Leave out what is missing' }).click();
  await expect(page.locator('[data-test="experiment-start"]')).toBeEnabled();
  await tab(page, 'Sensitivity analysis');
  await expect(forecast.getByRole('row', { name: /fill = dataset-mean/ })).toBeVisible({
    timeout: 60_000,
  });
  await expectAccessible(page, 'a sensitivity analysis to start');

  await tab(page, 'Put finished runs together');
  await expect(page.getByLabel('MNIST')).toContainText('The reference');
  await page.getByRole('button', { name: 'Put 1 run together' }).click();
  const figure = page.getByRole('region', { name: 'Fig. 2: MNIST' });
  await expect(figure).toContainText(`n = ${small.images} images`);
  await expect(figure).toContainText('A check of the plumbing, not the protocol in full:');
  await expect(figure).toContainText('500 of 60,000 training images, 1 of 5 epochs');
  const charts = figure.getByRole('img', { name: /mean softmax score by degradation level/ });
  await expect(charts).toHaveCount(2);
  const entry = page.getByRole('list', { name: 'Methods shown' }).getByRole('button');
  await expect(entry).toHaveCount(10);
  await entry.filter({ hasText: 'Random' }).click();
  await expect(page.getByRole('button', { name: 'Show all methods' })).toBeVisible();
  await expectAccessible(page, 'the figures together');

  await tab(page, 'Accuracies');
  const models = readCsv((await reference()).file('models.csv').toString());
  const rows = await rowsOf(page.getByRole('region', { name: 'Accuracies by level' }));
  expect(rows.map((row) => row[1])).toEqual(
    models.map((line) => `${(100 * Number(line['validation_accuracy'])).toFixed(2)}%`),
  );
  expect(rows[0]?.[2]).toBe('above 98%');

  await tab(page, 'The paper’s claims');
  const sayings = panel(page).locator('p.says');
  const all = await sayings.count();
  expect(all).toBeGreaterThan(15);
  await page.getByText('Ratings', { exact: true }).click();
  const about = await sayings.count();
  expect(about).toBeLessThan(all);
  // So small a run decides nothing, and nobody has rated.
  await page.getByText(`Undecided ${all}`).click();
  await expect(sayings).toHaveCount(about);
  await expect(panel(page)).toContainText('ratings of all nine methods');
  await expectAccessible(page, 'the claims');
  await tab(page, 'Tables I and II');
  await expect(panel(page)).toContainText('No ratings yet');
});

test('an experiment is exported, its maps printed, renamed, removed without its runs', async ({
  page,
}) => {
  await open(page, studio.url, '/paper');
  const list = page.getByRole('navigation', { name: 'Experiments' });
  await list.getByRole('link').nth(1).click();
  const files = new Map<string, string>();
  for (const format of experimentExportFormats) {
    const { name, bytes } = await downloaded(page, async () => {
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: format }).click();
    });
    expect(name).toContain(format);
    files.set(format, bytes.toString(format.endsWith('png') ? 'latin1' : 'utf8'));
  }
  expect(files.get('figures.svg')).toMatch(/^<\?xml|^<svg/);
  expect(files.get('figures.png')?.slice(1, 4)).toBe('PNG');
  expect(files.get('report.html')).toMatch(/^<!doctype html>/i);
  expect(files.get('report.html')).not.toMatch(/(src|href)="https?:/);
  expect(readCsv(files.get('accuracies.csv') ?? '')).toHaveLength(small.levels.length);
  expect(files.get('claims.csv')?.split('\n').length).toBeGreaterThan(15);

  await page.getByRole('link', { name: 'Maps by method' }).click();
  const sheet = page.getByRole('region', { name: 'Maps on MNIST', exact: true });
  const images = sheet.getByRole('img');
  await expect(images).toHaveCount(10 * 10, { timeout: 60_000 });
  await expect(sheet.getByRole('columnheader', { name: 'Integrated SmoothGrad*' })).toBeVisible();
  const sizes = await images.evaluateAll((all) =>
    all.map((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0)),
  );
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  await expectAccessible(page, 'the printable maps');
  const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString(
    'latin1',
  );
  expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g), 'a page for the one dataset').toHaveLength(1);
  expect(pdf).toMatch(/\/MediaBox \[0 0 84[12](\.\d+)? 59[45]/);

  await page.getByRole('link', { name: /Back/ }).click();
  await page.getByRole('button', { name: 'Rename the experiment' }).click();
  const rename = page.getByRole('dialog', { name: 'Rename the experiment' });
  await rename.getByRole('textbox').fill('Digits alone');
  await rename.getByRole('button', { name: 'Rename' }).click();
  await expect(list.getByRole('link', { name: /Digits alone/ })).toBeVisible();
  await page.getByRole('button', { name: 'Remove' }).click();
  const question = page.getByRole('dialog', { name: 'Remove the experiment?' });
  await question.getByRole('button', { name: 'Remove' }).click();
  await expect(list.getByRole('link')).toHaveText([/New experiment/]);
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'ROAR' }).click();
  await openRun(page, 'The reference');
});
