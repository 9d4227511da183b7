import { expect, test } from './support/fixtures';
import { exportAll, open, openRun, rowsOf, unfold } from './support/pages';
import { recompute, shownNumber } from './support/scores';
import { useStudio } from './support/studio';

const studio = useStudio({ from: 'reference' });

test('a second run reuses what is there, stands beside the first, is renamed and removed', async ({
  page,
}) => {
  await open(page, studio.url, '/roar');
  await openRun(page, 'The reference');
  const first = recompute((await exportAll(page)).get('scores.csv')?.toString() ?? '');
  await page.getByRole('button', { name: 'Use these settings' }).click();
  await expect(page.getByRole('heading', { name: 'New run' })).toBeVisible();
  await unfold(page, /^Evaluation/, /^Map parameters/);
  await expect(page.getByRole('textbox', { name: 'Images', exact: true })).toHaveValue('10');
  await page.getByRole('textbox', { name: 'Noise σ', exact: true }).fill('0.5');
  const forecast = page.getByRole('region', { name: 'Forecast' });
  await expect(forecast).toContainText('3 of 3 reused', { timeout: 60_000 });
  await page.getByRole('textbox', { name: 'Name of the run (optional)' }).fill('More noise');
  await page.getByRole('button', { name: 'Run ROAR' }).click();
  await expect(page.getByRole('button', { name: 'Export' })).toBeEnabled({ timeout: 120_000 });
  await page.getByRole('tab', { name: 'Models' }).click();
  await expect(page.getByText('reused from an earlier run')).toHaveCount(3);

  const second = recompute((await exportAll(page)).get('scores.csv')?.toString() ?? '');
  await page.getByRole('tab', { name: 'Compare' }).click();
  await expect(page.getByLabel('Compare with')).toContainText('The reference');
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByRole('row', { name: /^parameters\.sigma/ })).toHaveText(
    /parameters\.sigma\s*0\.5\s*0\.15/,
  );
  const rows = await rowsOf(
    page.getByRole('region', { name: 'Advantages and ranks of both runs' }),
  );
  const row = (name: string) => rows.find(([method]) => method === name) ?? [];
  const advantage = (run: typeof first, method: string) =>
    (run.areas.get('random') ?? Number.NaN) - (run.areas.get(method) ?? Number.NaN);
  for (const [method, name] of [
    ['smoothgrad', 'SmoothGrad'],
    ['vanilla-gradient', 'Vanilla Gradient'],
  ] as const) {
    const [, here = '', there = ''] = row(name);
    expect(Math.abs(shownNumber(here) - advantage(second, method))).toBeLessThan(0.00051);
    expect(Math.abs(shownNumber(there) - advantage(first, method))).toBeLessThan(0.00051);
  }
  // What no noise enters is the same in both.
  expect(second.areas.get('integrated-gradients')).toBe(first.areas.get('integrated-gradients'));

  const history = page.getByRole('navigation', { name: 'ROAR runs' });
  await expect(history.getByRole('link')).toHaveText([/New run/, /More noise/, /The reference/]);
  await page.getByRole('button', { name: 'Rename the run' }).click();
  const rename = page.getByRole('dialog', { name: 'Rename the run' });
  await rename.getByRole('textbox').fill('Much more noise');
  await rename.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('heading', { name: 'Much more noise' })).toBeVisible();
  await expect(history.getByRole('link', { name: /Much more noise/ })).toBeVisible();

  await page.getByRole('button', { name: 'Remove' }).click();
  const question = page.getByRole('dialog', { name: 'Remove the run?' });
  await question.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('heading', { name: 'New run' })).toBeVisible();
  await expect(history.getByRole('link')).toHaveText([/New run/, /The reference/]);
  await page.reload();
  await expect(history.getByRole('link')).toHaveText([/New run/, /The reference/]);
});
