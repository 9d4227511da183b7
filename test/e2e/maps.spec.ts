import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Locator, type Page } from '@playwright/test';
import { decodeNpy } from '../../src/shared/npy';
import { firstMethods } from '../../src/shared/catalogue/methods';
import { expect, test } from './support/fixtures';
import { allMapsMade, downloaded, open, pictureOf, unfold } from './support/pages';
import { cli } from './support/process';
import { useStudio } from './support/studio';
import { freshFolder } from './support/workspace';

// One visit to the maps, from the first to the file that the command line confirms.
test.describe.configure({ mode: 'serial' });
const studio = useStudio({ from: 'reference' });
const chosen = 3;
let vanilla: Buffer;

const row = (page: Page, image: number) => page.getByRole('region', { name: `Image ${image}` });
const map = (page: Page, method: string, image = chosen): Locator =>
  page.getByRole('img', { name: `${method} map of image ${image}`, exact: true });

/** Fewer noisy samples and steps, so that the costly methods take seconds. */
async function cheaper(page: Page): Promise<void> {
  await unfold(page, /^Parameters/);
  await page.getByRole('textbox', { name: 'Noisy samples n', exact: true }).fill('2');
  await page.getByRole('textbox', { name: 'Steps', exact: true }).fill('2');
}

async function openMaps(page: Page): Promise<void> {
  await open(page, studio.url, '/maps');
  await cheaper(page);
  await page.getByRole('button', { name: 'Pick …' }).click();
  const picker = page.getByRole('dialog', { name: 'Pick images' });
  await picker.getByRole('button', { name: 'Clear' }).click();
  await picker.getByRole('option', { name: /^Image 3, / }).click();
  await picker.getByRole('option', { name: /^Image 7, / }).click();
  await expect(picker.getByText('2 of at most 16 picked')).toBeVisible();
  await picker.getByRole('button', { name: 'Use these' }).click();
  await expect(picker).toBeHidden();
  await expect(row(page, 7)).toBeVisible();
  await expect(map(page, 'Integrated SmoothGrad*', 7)).toBeVisible({ timeout: 120_000 });
  await allMapsMade(page);
}

test('picked images beside all their maps; parameters make new ones', async ({ page }) => {
  await openMaps(page);
  for (const { name } of firstMethods) {
    await expect(map(page, name), name).toBeVisible();
  }
  await expect(row(page, chosen).locator('canvas')).toHaveCount(firstMethods.length + 1);
  await expect(row(page, chosen)).toContainText(/Label\s*0/);
  await expect(row(page, chosen)).toContainText(/Probabilities\s*\d \d+\.\d%/);

  const before = await pictureOf(map(page, 'SmoothGrad'));
  const unchanged = await pictureOf(map(page, 'Vanilla Gradient'));
  await page.getByRole('textbox', { name: 'Noise σ', exact: true }).fill('0.9');
  await expect.poll(() => pictureOf(map(page, 'SmoothGrad'))).not.toBe(before);
  await allMapsMade(page);
  expect(await pictureOf(map(page, 'Vanilla Gradient'))).toBe(unchanged);

  await page.getByLabel('Target class').selectOption({ label: 'Class 5' });
  await expect.poll(() => pictureOf(map(page, 'Vanilla Gradient'))).not.toBe(unchanged);
  await expect(row(page, chosen)).toContainText(/Target\s*5/);
  await page.getByRole('textbox', { name: 'Noise σ', exact: true }).fill('9');
  await expect(page.getByText('Accepted: a number from 0 to 5')).toBeVisible();
  await page.getByRole('button', { name: 'Back to the paper’s values' }).click();
  await expect(page.getByRole('textbox', { name: 'Noise σ', exact: true })).toHaveValue('0.15');
});

test('one-gradient maps come first', async ({ page }) => {
  await open(page, studio.url, '/maps');
  await allMapsMade(page);
  const first = map(page, 'Vanilla Gradient', 0);
  const before = await pictureOf(first);
  await unfold(page, /^Parameters/);
  const started = Date.now();
  await page.getByLabel('Score').selectOption({ label: 'Probability' });
  await expect.poll(() => pictureOf(first), { intervals: [20] }).not.toBe(before);
  // Said, not judged: the machine may be busy. The page waits 400 ms for further changes.
  console.log(`      the first new map came ${Date.now() - started} ms after the change`);
  // All nine at the paper's 15 samples and 50 steps take much longer.
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('button', { name: 'Make again' })).toBeVisible();
});

test('a composed method runs beside the nine and can be removed', async ({ page }) => {
  await openMaps(page);
  await page.getByRole('button', { name: 'Compose a method …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Compose a method' });
  await dialog.getByLabel('Base').selectOption({ label: 'Guided backprop (Eqs. 4, 5)' });
  const [first, second] = await dialog.getByLabel('then').all();
  await first?.selectOption({ label: 'integrate (along the path)' });
  await second?.selectOption({ label: 'nothing more' });
  await expect(dialog.getByText('This is Integrated Guided Backprop*')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Compose' })).toBeDisabled();
  await first?.selectOption({ label: 'smooth (average over noise)' });
  await second?.selectOption({ label: 'integrate (along the path)' });
  await expect(dialog.locator('code')).toHaveText('integrate(smooth(guided))');
  await dialog.getByRole('textbox', { name: 'Name of the method' }).fill('Guided, smooth, along');
  await dialog.getByRole('button', { name: 'Compose' }).click();
  await expect(dialog).toBeHidden();
  await expect(map(page, 'Guided, smooth, along')).toBeVisible({ timeout: 60_000 });
  await allMapsMade(page);

  await page.reload();
  await expect(page.getByRole('checkbox', { name: 'Guided, smooth, along' })).toBeAttached();
  await page.getByRole('button', { name: 'Remove Guided, smooth, along' }).click();
  await expect(page.getByRole('checkbox', { name: 'Guided, smooth, along' })).toHaveCount(0);
});

test('display, zoom, PNG and .npy; the page works after a reload', async ({ page }) => {
  await openMaps(page);
  const display = page.getByRole('radiogroup', { name: 'Display' });
  const gray = await pictureOf(map(page, 'Vanilla Gradient'));
  const seen = new Set([gray]);
  for (const mode of ['Diverging', 'Overlay']) {
    await display.getByText(mode).click();
    await expect
      .poll(async () => seen.has(await pictureOf(map(page, 'Vanilla Gradient'))))
      .toBe(false);
    seen.add(await pictureOf(map(page, 'Vanilla Gradient')));
  }
  await display.getByText('Grayscale').click();
  await expect.poll(() => pictureOf(map(page, 'Vanilla Gradient'))).toBe(gray);

  const zoom = page.getByRole('slider', { name: /^Zoom/ });
  await zoom.fill('8');
  await expect(map(page, 'Vanilla Gradient')).toHaveCSS('width', `${28 * 8}px`);
  const png = await downloaded(page, () =>
    page.getByRole('button', { name: `Save Vanilla Gradient of image ${chosen} as PNG` }).click(),
  );
  expect(png.name).toBe(`vanilla-gradient-image-${chosen}.png`);
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(png.bytes.readUInt32BE(16)).toBe(28 * 8);

  const npy = await downloaded(page, () =>
    page.getByRole('button', { name: `Save Vanilla Gradient of image ${chosen} as .npy` }).click(),
  );
  expect(npy.name).toBe(`vanilla-gradient-image-${chosen}.npy`);
  vanilla = npy.bytes;

  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Maps');
  await expect(map(page, 'Vanilla Gradient', 0)).toBeVisible({ timeout: 60_000 });
});

test('the command line makes the same map of the same image', async () => {
  await studio.stop();
  const out = freshFolder('maps');
  await cli(
    studio.data,
    'maps',
    '--dataset',
    'mnist',
    '--images',
    `0-${chosen}`,
    '--out',
    out,
    ...['--methods', 'vanilla-gradient'],
  );
  const ours = decodeNpy(vanilla, 'the saved map');
  expect(ours.shape).toEqual([28, 28, 1]);
  const theirs = decodeNpy(readFileSync(join(out, 'vanilla-gradient.npy')));
  expect(theirs.shape).toEqual([chosen + 1, 28, 28, 1]);
  const same = theirs.data.subarray(chosen * 28 * 28);
  expect([...ours.data]).toEqual([...same]);
  expect(ours.data.some((value) => value !== 0)).toBe(true);
});
