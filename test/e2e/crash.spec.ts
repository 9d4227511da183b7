import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './support/fixtures';
import { open, typeSmallSettings } from './support/pages';
import { cli } from './support/process';
import { reference, smallOptions } from './support/reference';
import { useStudio } from './support/studio';
import { freshFolder } from './support/workspace';

const studio = useStudio();

// The browser itself says that the killed server's socket is gone.
test.use({ expectedFaults: /WebSocket connection to .* failed|ERR_CONNECTION_REFUSED/ });

test('a run goes on after kill -9 and ends with the bytes of an uninterrupted one', async ({
  page,
}) => {
  await open(page, studio.url, '/roar');
  await typeSmallSettings(page);
  await page.getByRole('button', { name: 'Run ROAR' }).click();
  const progress = page.getByRole('region', { name: 'Progress' });
  await expect(progress).toContainText(/ [1-9]\d* of 17 items/, { timeout: 120_000 });

  await studio.kill();
  await expect(page.getByRole('alert').getByText('Connection lost.')).toBeVisible();

  await studio.start();
  await open(page, studio.url, '/roar');
  const history = page.getByRole('navigation', { name: 'ROAR runs' });
  await history.getByRole('link', { name: /10 images, 3 levels/ }).click();
  const resume = page.getByRole('button', { name: 'Resume' });
  const cancel = progress.getByRole('button', { name: 'Cancel' });
  await expect(resume.or(cancel)).toBeVisible();
  // The levels that were trained before are still done.
  await expect(progress).toContainText(/[1-3] of 3/);
  if (await resume.isVisible()) await resume.click();
  await expect(page.getByRole('button', { name: 'Export' })).toBeEnabled({ timeout: 180_000 });

  await studio.stop();
  const out = freshFolder('out');
  const answer = await cli(studio.data, 'roar', ...smallOptions, '--out', out);
  expect(answer).toMatchObject({ how: 'stored' });
  const whole = await reference();
  for (const name of ['scores.csv', 'curves.csv']) {
    expect(readFileSync(join(out, name)).equals(whole.file(name)), name).toBe(true);
  }
});
