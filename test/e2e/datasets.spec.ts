import { expect, test } from './support/fixtures';
import { open, pixelsOf, rowsOf } from './support/pages';
import { useStudio } from './support/studio';

const studio = useStudio();

test('datasets: counts of both splits, images by class, verified files', async ({ page }) => {
  await open(page, studio.url, '/datasets');
  const mnist = page.getByRole('region', { name: 'MNIST' });
  await expect(mnist).toContainText('60,000 train, 10,000 validation');
  await expect(mnist).toContainText('installed');

  const perClass = await rowsOf(mnist.getByRole('region', { name: 'Images of each class' }));
  expect(perClass.map(([name]) => name)).toEqual([...'0123456789']);
  const sum = (column: number) =>
    perClass.reduce((total, row) => total + Number(row[column]?.replace(',', '')), 0);
  expect(sum(2)).toBe(60_000);
  expect(sum(3)).toBe(10_000);

  const images = mnist.locator('canvas');
  await expect(images).toHaveCount(120);
  await mnist.getByRole('radio', { name: '7', exact: true }).check({ force: true });
  await expect(mnist.locator('canvas[aria-label$="class 7"]')).toHaveCount(120);
  await expect(images).toHaveCount(120);
  await expect(mnist).toContainText('1–120 of 1,028');
  await mnist.getByRole('button', { name: 'Next' }).click();
  await expect(mnist).toContainText('121–240 of 1,028');
  await expect(mnist.locator('canvas[aria-label$="class 7"]')).toHaveCount(120);

  await mnist.getByRole('radio', { name: 'Train', exact: true }).check({ force: true });
  await expect(mnist).toContainText('1–120 of 6,265');
  const pixels = await pixelsOf(images.first());
  expect(pixels).toHaveLength(28 * 28 * 4);
  // A digit on black: its strokes, and the opaque alpha of every pixel.
  expect(pixels.filter((value) => value > 200).length).toBeGreaterThan(28 * 28 + 50);

  await mnist.getByRole('button', { name: 'Verify files' }).click();
  await expect(page.getByRole('status').getByText('every file was read again')).toBeVisible();
  await mnist.getByText(/^Files and checksums/).click();
  await expect(mnist.getByText('agrees')).toHaveCount(4);
});
