import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { openRun } from './support/pages';
import { useStudio } from './support/studio';

const studio = useStudio({ from: 'reference', engine: false });

test('without its engine the app says why and how to mend it, and the rest works', async ({
  page,
}) => {
  await page.goto(studio.url);
  const engine = page.getByRole('region', { name: 'Engine and device' });
  await expect(engine).toContainText('unavailable');
  await expect(engine).toContainText('--no-engine');
  await expect(engine).toContainText('To mend it:');
  await expect(page.getByRole('heading', { name: 'Bring the engine back' })).toBeVisible();
  const strip = page.getByRole('region', { name: 'Jobs', exact: true });
  await expect(strip).toContainText('Engine not available');
  await expectAccessible(page, 'the overview without an engine');

  await page.getByRole('link', { name: 'Datasets', exact: true }).click();
  await expect(page.getByRole('main')).toContainText('60,000 train, 10,000 validation');
  await expect(page.getByRole('main').locator('canvas')).toHaveCount(120);

  await page.getByRole('link', { name: 'Models', exact: true }).click();
  await expect(page.getByText('Training needs the engine')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Train a model' })).toBeDisabled();
  await expect(page.getByRole('region', { name: 'All models' }).getByRole('row')).toHaveCount(4);

  await page.getByRole('link', { name: 'ROAR', exact: true }).click();
  await expect(page.getByRole('alert').getByText('ROAR needs the engine')).toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: 'ROAR needs' })).toContainText(
    '--no-engine',
  );
  await expect(page.getByText('No forecast without the engine.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run ROAR' })).toBeDisabled();
  await expectAccessible(page, 'a new run without an engine');

  // A finished run is read as ever.
  await openRun(page, 'The reference');
  await expect(page.getByRole('region', { name: 'Areas, advantages and ranks' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Export' })).toBeEnabled();

  await page.getByRole('link', { name: 'Maps', exact: true }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('--no-engine');
});
