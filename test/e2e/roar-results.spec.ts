import { type Page } from '@playwright/test';
import { expect, test } from './support/fixtures';
import { exportAll, open, pictureOf, pixelsOf, openRun, rowsOf } from './support/pages';
import { reference, small } from './support/reference';
import { readCsv, recompute, shownNumber } from './support/scores';
import { useStudio } from './support/studio';

const studio = useStudio({ from: 'reference' });

async function openReference(page: Page): Promise<void> {
  await open(page, studio.url, '/roar');
  await openRun(page, 'The reference');
}

const scoresText = async () => (await reference()).file('scores.csv').toString();

test('the numbers on the page are those in the exported files', async ({ page }) => {
  await openReference(page);
  const files = await exportAll(page);
  const text = (name: string) => files.get(name)?.toString('utf8') ?? '';
  const { levels, means, areas } = recompute(text('scores.csv'));
  expect(levels).toEqual([...small.levels]);
  expect(readCsv(text('scores.csv'))).toHaveLength(10 * small.levels.length * small.images);

  await page.getByText('Scores by level').click();
  const table = page.getByRole('region', { name: 'Areas, advantages and ranks' });
  await expect(table.getByRole('columnheader', { name: 't = 0.9' })).toBeVisible();
  const rows = await table.locator('tbody tr').all();
  expect(rows).toHaveLength(10);
  const random = areas.get('random') ?? Number.NaN;
  const curves = readCsv(text('curves.csv'));
  const half = 0.0005 + 1e-9;
  const advantages: number[] = [];
  for (const row of rows) {
    const method = (await row.getAttribute('data-method')) ?? '';
    const cells = await row.locator('th, td').allInnerTexts();
    const area = areas.get(method) ?? Number.NaN;
    expect(Math.abs(shownNumber(cells[2] ?? '') - area), `${method}: area`).toBeLessThan(half);
    if (method === 'random') expect(cells[3]).toBe('baseline');
    else {
      const shown = shownNumber(cells[3] ?? '');
      expect(Math.abs(shown - (random - area)), `${method}: advantage`).toBeLessThan(half);
      advantages.push(shown);
    }
    for (const [i, level] of levels.entries()) {
      const point = curves.find(
        (line) => line['method'] === method && Number(line['level']) === level,
      );
      const cell = row.locator('td').nth(4 + i);
      expect(Number(point?.['mean']), `${method} at ${level}`).toBeCloseTo(
        means.get(method)?.[i] ?? Number.NaN,
        12,
      );
      expect(await cell.innerText()).toBe(Number(point?.['mean']).toFixed(3));
      await expect(cell).toHaveAttribute(
        'title',
        new RegExp(
          `^\\[${Number(point?.['low']).toFixed(3)}, ${Number(point?.['high']).toFixed(3)}\\], n = ${small.images}, decided by ties: ${(100 * Number(point?.['tied'])).toFixed(1)}%`,
        ),
      );
    }
  }
  expect(advantages).toEqual([...advantages].sort((a, b) => b - a));

  expect(text('figure.svg')).toMatch(/^<\?xml|^<svg/);
  expect(files.get('figure.png')?.subarray(1, 4).toString()).toBe('PNG');
  expect(text('report.html')).toMatch(/^<!doctype html>/i);
  expect(text('report.html')).not.toMatch(/(src|href)="https?:/);
  const manifest: unknown = JSON.parse(text('manifest.json'));
  expect(manifest).toMatchObject({ settings: { images: small.images, levels: [...small.levels] } });
});

test('the figure: both panels with random, a legend that hides, values under the pointer', async ({
  page,
}) => {
  await openReference(page);
  const individual = page.getByRole('list', { name: 'Methods shown: Individual methods' });
  const combined = page.getByRole('list', { name: 'Methods shown: Combinations' });
  await expect(individual.getByRole('button')).toHaveText([
    ...['Vanilla Gradient', 'Grad × Input', 'SmoothGrad', 'Integrated Gradients'],
    ...['Guided Backprop', 'Random'],
  ]);
  await expect(combined.getByRole('button')).toHaveText([
    ...['Smoothed Integrated Gradients', 'Smoothed Guided Backprop', 'Integrated SmoothGrad*'],
    ...['Integrated Guided Backprop*', 'Random'],
  ]);
  const chart = page.getByRole('img', { name: /^Individual methods: mean softmax score/ });
  const { means } = recompute(await scoresText());
  const last = means.get('vanilla-gradient')?.at(-1) ?? Number.NaN;
  await expect(chart).toHaveAttribute(
    'aria-label',
    new RegExp(`Vanilla Gradient ${last.toFixed(2)} at t = 0\\.9`),
  );

  const canvas = chart.locator('canvas').first();
  const picture = () => pictureOf(canvas);
  await page.mouse.move(0, 0);
  const before = await picture();
  const entry = individual.getByRole('button', { name: 'SmoothGrad' });
  await entry.click();
  await expect(entry).toHaveAttribute('aria-pressed', 'false');
  await entry.blur();
  await page.mouse.move(0, 0);
  await expect.poll(picture).not.toBe(before);
  await entry.click();
  await expect(entry).toHaveAttribute('aria-pressed', 'true');
  await entry.blur();
  await page.mouse.move(0, 0);

  const untouched = await picture();
  const box = await chart.boundingBox();
  if (!box) throw new Error('The chart has no place on the page.');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect.poll(picture).not.toBe(untouched);
});

test('degraded images, models by level, claims, settings', async ({ page }) => {
  await openReference(page);
  const tab = (name: string) => page.getByRole('tab', { name }).click();

  await tab('Degraded images');
  const images = page.getByRole('tabpanel').locator('canvas');
  await expect(images).toHaveCount(small.images);
  const bright = async () => (await pixelsOf(images.first())).filter((value) => value > 200).length;
  const slider = page.getByRole('slider', { name: /^Level/ });
  await slider.fill('0');
  await expect(page.getByText('t = 0.0')).toBeVisible();
  await expect(images.first()).toHaveAttribute('aria-label', /with the top 0\.0 of pixels removed/);
  const whole = await bright();
  await slider.fill('2');
  await expect(images.first()).toHaveAttribute('aria-label', /with the top 0\.9 of pixels removed/);
  // At t = 0.9 the strokes of the digit are gone; the alpha of 784 pixels is all that is bright.
  await expect.poll(bright).toBeLessThan(whole);
  await page.getByLabel('Pixels removed by').selectOption({ label: 'Random' });
  const scores = readCsv(await scoresText());
  const first = scores.find(({ method, level }) => method === 'random' && level === '0.9');
  await expect(page.getByRole('tabpanel')).toContainText(
    `score ${Number(first?.['score']).toFixed(3)}`,
  );

  await tab('Models');
  const models = readCsv((await reference()).file('models.csv').toString());
  const rows = await rowsOf(page.getByRole('region', { name: 'Models by level' }));
  expect(rows.map((row) => row[1])).toEqual(
    models.map((line) => `${(100 * Number(line['validation_accuracy'])).toFixed(2)}%`),
  );

  await tab('The paper’s claims');
  const claims = page.getByRole('tabpanel').locator('p.says');
  expect(await claims.count()).toBeGreaterThan(3);
  await expect(page.getByRole('tabpanel')).toContainText(/Held|Not held|Undecided/);

  await tab('Settings');
  await expect(page.getByRole('tabpanel')).toContainText(/parameters\.steps\s*2/);
});
