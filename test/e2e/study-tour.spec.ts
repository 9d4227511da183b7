import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Page } from '@playwright/test';
import { expect, test } from './support/fixtures';
import { open } from './support/pages';
import { beginOnThisScreen, endOnThisScreen, rateUntil, until } from './support/rater';
import { createStudio, type Studio, useStudio } from './support/studio';

/**
 * The whole way of a study, as one person goes it. With TOUR_DATA (a data directory that holds a
 * finished ROAR run and is left with the study in it) and TOUR_OUT, its pictures are taken there.
 */
const { TOUR_DATA: data, TOUR_OUT: out } = process.env;
test.use({ viewport: { width: 1280, height: 800 } });

let studio: Studio;
if (data === undefined) {
  studio = useStudio({ from: 'reference' });
} else {
  studio = createStudio(data, {});
  test.beforeAll(() => studio.start());
  test.afterAll(() => void studio.stop());
}

const step = async (page: Page, name: string) => {
  const folder = out ?? test.info().outputDir;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
};
const next = (page: Page) => page.getByRole('button', { name: /^Next: / }).click();

test('a study from nothing to its tables beside ROAR: 40 trials by keyboard, a reload in the middle', async ({
  page,
}) => {
  test.setTimeout(600_000);
  await open(page, studio.url, '/studies');
  await page.getByRole('button', { name: 'New study' }).click();
  const name = page.getByRole('textbox', { name: 'Name of the study', exact: true });
  await name.fill('Handwritten digits');
  await expect(page.getByRole('list', { name: 'Images of MNIST' }).locator('canvas')).toHaveCount(
    10,
  );
  await step(page, 'study-data');
  const same = page.getByRole('button', { name: 'Use the run’s parameters' });
  if (await same.isVisible()) await same.click();
  await expect(page.getByText('The maps are made with its parameters')).toBeVisible();
  await next(page);
  await next(page);
  await next(page);
  await page.getByRole('textbox', { name: 'Trials of a rater', exact: true }).fill('40');
  await expect(page.getByRole('complementary', { name: 'Preview' })).toContainText('43 trials');
  await step(page, 'study-design');
  await next(page);
  await page.getByRole('button', { name: 'Create and prepare maps' }).click();
  await expect(page.getByRole('heading', { name: 'Open for rating' })).toBeVisible({
    timeout: 300_000,
  });
  await step(page, 'study-open');

  await beginOnThisScreen(page);
  await step(page, 'study-practice-begins');
  await rateUntil(page, /explained$/);
  await step(page, 'study-practice');
  await rateUntil(page, /^trial 8\.0/);
  await step(page, 'study-trial');
  await rateUntil(page, /^trial 20\.1/);
  await page.reload();
  await until(page, /^trial 20\.1$/);
  await rateUntil(page, /^break/);
  await step(page, 'study-break');
  await rateUntil(page, /^thanks/);
  await step(page, 'study-thanks');
  await endOnThisScreen(page);

  await open(page, studio.url, '/studies');
  await page.getByRole('link', { name: 'Handwritten digits', exact: true }).first().click();
  await page.getByRole('button', { name: 'Close the study' }).click();
  await page.getByRole('button', { name: 'Close it' }).click();
  await page.getByRole('link', { name: 'See the results' }).click();
  await expect(page.getByText('80 ratings count')).toBeVisible();
  await expect(page.locator('.ratings table')).toHaveCount(2);
  await expect(
    page.getByRole('img', { name: /^Individual methods: mean softmax score/ }),
  ).toBeInViewport();
  await step(page, 'study-results');
  await page.getByRole('tab', { name: 'Human against ROAR' }).click();
  await expect(
    page.getByRole('img', { name: /^MNIST: Mean visual coherence against ROAR/ }),
  ).toBeVisible();
  await step(page, 'study-human-against-roar');
});
