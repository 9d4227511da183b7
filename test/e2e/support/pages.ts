import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Download, type Locator, type Page } from '@playwright/test';
import { expect } from './fixtures';
import { paperMetric } from '../../../src/shared/catalogue/metrics';
import { small } from './reference';

/** Opens the printed address and waits until the engine is ready. */
export async function open(page: Page, url: string, path = '/'): Promise<void> {
  // A redirect keeps the fragment, in which the app's router has its path.
  await page.goto(`${url}#${path}`);
  await engineReady(page);
}

export async function engineReady(page: Page): Promise<void> {
  const strip = page.getByRole('region', { name: 'Jobs', exact: true });
  await expect(strip).toContainText(/TensorFlow on (CPU|CUDA)/, { timeout: 60_000 });
}

/** Opens the parts of a form that are folded away. */
export async function unfold(page: Page, ...titles: (string | RegExp)[]): Promise<void> {
  for (const name of titles) {
    const part = page.getByRole('button', { name });
    if ((await part.getAttribute('aria-expanded')) !== 'true') await part.click();
  }
}

/** The small run's settings, typed into the form of a new run. */
export async function typeSmallSettings(page: Page): Promise<void> {
  await unfold(page, /^Evaluation/, /^Training/, /^Map parameters/);
  await page.getByRole('textbox', { name: 'Images', exact: true }).fill(String(small.images));
  await page.getByRole('textbox', { name: 'Levels t', exact: true }).fill(small.levels.join(', '));
  await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill(String(small.epochs));
  await page
    .getByRole('textbox', { name: 'Training images', exact: true })
    .fill(String(small.trainLimit));
  await page.getByRole('textbox', { name: 'Noisy samples n', exact: true }).fill(String(small.n));
  await page.getByRole('textbox', { name: 'Steps', exact: true }).fill(String(small.steps));
}

/** The bytes of the file that an action downloads. */
export async function downloaded(
  page: Page,
  action: () => Promise<void>,
): Promise<{ name: string; bytes: Buffer }> {
  const waiting = page.waitForEvent('download');
  await action();
  const download: Download = await waiting;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Opens a run out of the history. */
export async function openRun(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'ROAR runs' })
    .getByText(name, { exact: true })
    .click();
  await expect(page.getByRole('heading', { name })).toBeVisible();
}

/** Every export of the run that is open, by name. */
export async function exportAll(page: Page): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const format of paperMetric.files) {
    const { name, bytes } = await downloaded(page, async () => {
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: format }).click();
    });
    expect(name).toContain(format);
    files.set(format, bytes);
  }
  return files;
}

/** The texts of a table's rows, cell by cell. */
export async function rowsOf(table: Locator): Promise<string[][]> {
  const rows: string[][] = [];
  for (const row of await table.locator('tbody tr').all()) {
    rows.push((await row.locator('th, td').allInnerTexts()).map((text) => text.trim()));
  }
  return rows;
}

/** Waits until the Maps view has every map that it wants. */
export async function allMapsMade(page: Page): Promise<void> {
  const state = page.locator('[data-test="maps-state"]');
  await expect(state).toHaveText(/^\s*([1-9]\d*) of \1 maps/, { timeout: 120_000 });
}

/** What a canvas shows: RGBA, row by row. Copied, so that the app's own canvas is not read back. */
export async function pixelsOf(canvas: Locator): Promise<number[]> {
  return canvas.evaluate((element: HTMLCanvasElement) => {
    const copy = document.createElement('canvas');
    copy.width = element.width;
    copy.height = element.height;
    const context = copy.getContext('2d', { willReadFrequently: true });
    context?.drawImage(element, 0, 0);
    return [...(context?.getImageData(0, 0, copy.width, copy.height).data ?? [])];
  });
}

/** A short name for what a canvas shows: equal pictures, equal names. */
export async function pictureOf(canvas: Locator): Promise<string> {
  const url = await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  return createHash('sha256').update(url).digest('hex').slice(0, 16);
}
