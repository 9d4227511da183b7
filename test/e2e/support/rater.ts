import { type Locator, type Page } from '@playwright/test';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import { expect } from './fixtures';
import { engineReady, pixelsOf } from './pages';
import { type Studio } from './studio';

/** Where a rating page stands: its screen, and of a trial its position and question. */
export function standing(page: Page): Promise<string> {
  return page.evaluate(() => {
    const screen = document.querySelector<HTMLElement>('[data-screen]')?.dataset['screen'] ?? '';
    const trial = document.querySelector<HTMLElement>('[data-position]')?.dataset;
    if (!trial) return screen;
    const explained = trial['explaining'] === 'true' ? ' explained' : '';
    return `${screen} ${trial['position']}.${trial['question']}${explained}`;
  });
}

/** Waits until the page stands somewhere; answers with where. */
export async function until(page: Page, wanted: RegExp): Promise<string> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const now = await standing(page);
    if (wanted.test(now)) return now;
    if (Date.now() > deadline) throw new Error(`The page stands at ${now}, not at ${wanted}.`);
    await page.waitForTimeout(10);
  }
}

/** Does something that moves the page on; answers with where it stands then. */
export async function moving(page: Page, action: () => Promise<unknown>): Promise<string> {
  const before = await standing(page);
  await action();
  const escaped = before.replaceAll('.', '\\.');
  return until(page, new RegExp(`^(?!${escaped}$)(?!loading)`));
}

export const press = (page: Page, key: string): Promise<string> =>
  moving(page, () => page.keyboard.press(key));

/** Presses the key at a place of the keyboard, on a layout where it prints something of its own. */
export async function pressPrinting(page: Page, key: string, code: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  for (const type of ['keyDown', 'keyUp'] as const) {
    await devtools.send('Input.dispatchKeyEvent', { type, key, code });
  }
  await devtools.detach();
}

/** Presses Tab until an element with this name has the focus. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let i = 0; i < 40; i += 1) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement)) return '';
      const labelled = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
      const label = labelled ? element.labels?.[0]?.innerText : '';
      return label || element.innerText;
    });
    if (name.test(focused)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab reaches nothing named ${name}.`);
}

/** From an open study into annotator mode, as a new rater, to the first trial or the practice. */
export async function beginOnThisScreen(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start annotator mode on this screen' }).click();
  await page
    .getByRole('dialog', { name: 'Start annotator mode' })
    .getByRole('button', { name: /^Start/ })
    .click();
  await expect(page.locator('[data-screen="code"]')).toBeVisible();
  await tabTo(page, /^I have none/);
  await press(page, 'Enter');
  await press(page, 'Enter');
  await agreeByKeyboard(page);
}

/** From the last screen of a session back to the researcher's pages. */
export async function endOnThisScreen(page: Page): Promise<void> {
  await tabTo(page, /^End annotator mode/);
  await page.keyboard.press('Enter');
  const end = page.getByRole('dialog').getByRole('button', { name: /^End/ });
  if (await end.isVisible()) await end.click();
  await engineReady(page);
}

/** From the questions about the rater to the first trial or the practice, by keyboard. */
export async function agreeByKeyboard(page: Page): Promise<string> {
  await until(page, /^background/);
  await tabTo(page, /^No, or I do not know/);
  await page.keyboard.press('Space');
  await tabTo(page, /^Continue/);
  await press(page, 'Enter');
  await tabTo(page, /^I have read this/);
  await press(page, 'Enter');
  await tabTo(page, /^I agree/);
  return press(page, 'Enter');
}

/** Goes on by keyboard alone until a place is reached; digits follow from the place. */
export async function rateUntil(page: Page, wanted: RegExp): Promise<string> {
  let now = await standing(page);
  while (!wanted.test(now)) {
    const at = /^trial (\d+)\.(\d)/.exec(now);
    const asks = at !== null && !now.endsWith('explained');
    now = await press(page, asks ? keyFor(Number(at[1]), Number(at[2])) : 'Enter');
  }
  return now;
}

/** The label that tests give to a question of a trial. */
export const keyFor = (position: number, question: number): string =>
  String(1 + ((position * 2 + question * 3) % 5));

/** Screen pixels on which a picture is not what it should be, each of its pixels equally large. */
export async function unevenPixels(page: Page, canvas: Locator): Promise<number> {
  const box = await canvas.boundingBox();
  if (!box) throw new Error('The picture is not on the screen.');
  const rgba = await pixelsOf(canvas);
  const size = Math.sqrt(rgba.length / 4);
  const zoom = box.width / size;
  const png = await page.screenshot({ clip: box });
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let uneven = info.width === box.width && Number.isInteger(zoom) ? 0 : data.length;
  for (let y = 0; y < info.height; y += 1) {
    for (let x = 0; x < info.width; x += 1) {
      const pixel = Math.floor(y / zoom) * size + Math.floor(x / zoom);
      if (data[(y * info.width + x) * 3] !== rgba[pixel * 4]) uneven += 1;
    }
  }
  return uneven;
}

export interface StoredEvent {
  readonly rater: string;
  readonly trial: string;
  readonly question: string;
  readonly score: number;
  readonly action: string;
  readonly kind: string;
  readonly input: string;
  readonly response_ms: number;
  readonly focus_losses: number;
  readonly zoom_changes: number;
  readonly overlay_uses: number;
  readonly screen_width: number;
}

/** The rating events of a rater as they lie in the database, in their order. */
export function storedEvents(studio: Studio, rater: string): StoredEvent[] {
  const database = new Database(`${studio.data}/studio.sqlite`, { readonly: true });
  try {
    return database
      .prepare<[string], StoredEvent>('SELECT * FROM rating_events WHERE rater = ? ORDER BY id')
      .all(rater);
  } finally {
    database.close();
  }
}

export interface PaintTime {
  readonly position: number;
  /** Milliseconds from the press until its label was recorded, and until what followed was painted. */
  readonly recorded: number;
  readonly painted: number;
}

/** What the page itself measured of every press. */
export async function paintTimes(page: Page): Promise<PaintTime[]> {
  return page.evaluate(() => {
    const marked = (name: string) =>
      performance.getEntriesByName(name, 'mark').map((mark) => ({
        at: mark.startTime,
        ...(mark as PerformanceMark & { detail: { event: string; position: number } }).detail,
      }));
    const byEvent = (name: string) => new Map(marked(name).map(({ event, at }) => [event, at]));
    const [presses, recorded] = [byEvent('rating:press'), byEvent('rating:recorded')];
    return marked('rating:painted').map(({ event, at, position }) => {
      const pressed = presses.get(event) ?? Number.NaN;
      return {
        position,
        recorded: (recorded.get(event) ?? Number.NaN) - pressed,
        painted: at - pressed,
      };
    });
  });
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
