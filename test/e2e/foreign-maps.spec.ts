import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Page } from '@playwright/test';
import { encodeNpy } from '../../src/shared/npy';
import { expectAccessible } from './support/axe';
import { crawl, hits, pattern } from './support/crawl';
import { expect, test } from './support/fixtures';
import { allMapsMade, open, unfold } from './support/pages';
import { agreeByKeyboard, keyFor, press, tabTo, until } from './support/rater';
import { useStudio } from './support/studio';
import { asResearcher, invite, openStudy } from './support/study';
import { freshFolder } from './support/workspace';

// One visit: maps from a file are added, looked at, and chosen for a study.
test.describe.configure({ mode: 'serial' });
const studio = useStudio({ from: 'reference' });
const covered = 3;

/** A file of maps, one value a pixel, of the first images: a ramp that is another for each. */
function mapsFile(name: string, change: (data: Float32Array) => void = () => undefined): string {
  const data = Float32Array.from({ length: covered * 784 }, (_, i) => Math.sin(i * 0.01));
  change(data);
  const path = join(freshFolder('foreign-maps'), name);
  writeFileSync(path, encodeNpy({ shape: [covered, 28, 28], data }));
  return path;
}

async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'Add maps from a file …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add maps from a file' });
  await dialog.getByRole('combobox', { name: 'The first axis follows' }).selectOption('1');
  await dialog.getByRole('textbox', { name: 'Validation images' }).fill(`0-${covered - 1}`);
  return dialog;
}

test('a file is looked at before it is stored, and its maps stand beside the others', async ({
  page,
}) => {
  await open(page, studio.url, '/maps');
  await unfold(page, /^Parameters/);
  await page.getByRole('textbox', { name: 'Noisy samples n', exact: true }).fill('2');
  await page.getByRole('textbox', { name: 'Steps', exact: true }).fill('2');
  const dialog = await openDialog(page);
  await expectAccessible(page, 'the dialog of an import of maps');
  const look = dialog.getByRole('button', { name: 'Look at the file' });
  await expect(look).toBeDisabled();
  await dialog.getByLabel('File of maps').setInputFiles(
    mapsFile('broken.npy', (data) => {
      data[784 + 3 * 28 + 5] = Number.NaN;
    }),
  );
  await look.click();
  await expect(dialog.getByRole('alert')).toContainText('image 1: NaN at row 3, column 5');
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeHidden();
  await expectAccessible(page, 'a file of broken maps');

  await dialog
    .getByLabel('File of maps')
    .setInputFiles(mapsFile('lime.npy', (data) => data.fill(2, 784, 2 * 784)));
  await look.click();
  await expect(dialog.getByText('3 maps of 28 x 28, one value a pixel, float32.')).toBeVisible();
  await expect(dialog.getByRole('img', { name: 'Map of image 2' })).toBeVisible();
  await expectAccessible(page, 'a file of maps that was looked at');
  const send = dialog.getByRole('button', { name: 'Import' });
  await expect(send).toBeDisabled();
  await dialog.getByRole('checkbox', { name: 'Take these maps all the same' }).check();
  await dialog.getByRole('textbox', { name: 'Name of the method' }).fill('LIME');
  await dialog.getByRole('textbox', { name: 'Citation' }).fill('Ribeiro et al. 2016');
  await send.click();
  await expect(dialog).toBeHidden();

  await allMapsMade(page);
  const map = page.getByRole('img', { name: 'LIME map of image 2', exact: true });
  await expect(map).toBeVisible();
  const other = page.getByRole('region', { name: 'Image 3' });
  await expect(other.getByText('No map of image 3: images 0–2 have one')).toBeVisible();
});

test('the dialog is used by the keyboard alone', async ({ page }) => {
  await open(page, studio.url, '/maps');
  const button = page.getByRole('button', { name: 'Add maps from a file …' });
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add maps from a file' });
  await expect(dialog).toBeVisible();
  const focusWithin = () => dialog.evaluate((element) => element.contains(document.activeElement));
  // After its last element comes the browser's own bar.
  const beside = () =>
    page.evaluate(() => (document.activeElement ?? document.body) === document.body);
  await expect.poll(focusWithin).toBe(true);
  const chosen = mapsFile('other.npy', (data) => data.reverse());
  await dialog.getByLabel('File of maps').setInputFiles(chosen);
  await tabTo(page, /^The first axis follows/);
  await page.keyboard.press('ArrowDown');
  await tabTo(page, /^Validation images/);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('0-2');
  // Enter in a field does what the button does.
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('3 maps of 28 x 28, one value a pixel, float32.')).toBeVisible();
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press('Tab');
    expect((await focusWithin()) || (await beside())).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(button).toBeFocused();
});

test('a study takes the method for the images that it covers', async ({ page }) => {
  await open(page, studio.url, '/studies/new');
  await page
    .getByRole('button', { name: /Methods/ })
    .first()
    .click();
  const choice = page.getByRole('checkbox', { name: /LIME/ });
  await page.getByText('LIME', { exact: true }).click();
  await expect(choice).toBeChecked();
  await expect(page.getByText(/drawn from the 3 that all chosen methods have/)).toBeVisible();
});

test('nothing that reaches a rater tells its maps from others', async ({ browser }) => {
  const known = await asResearcher(studio, (api) => api.call('methods.list', {}));
  const lime = known.find(({ name }) => name === 'LIME');
  if (!lime?.imported) throw new Error('The maps were not imported.');
  const methods = ['vanilla-gradient', lime.id, 'random'];
  const study = await openStudy(studio, 'Blind', { practice: 0 }, { methods, images: [0, 1, 2] });
  const [rater] = await invite(studio, study, ['F1']);
  const context = await browser.newContext();
  const page = await context.newPage();
  const seen = crawl(page);
  await page.goto(rater?.url ?? '');
  await until(page, /^background/);
  const sizes = new Set<string>();
  for (let now = await agreeByKeyboard(page); now !== 'thanks';) {
    const at = /^trial (\d+)\.(\d)$/.exec(now);
    await seen.snapshot();
    if (at) {
      const shown = await page.locator('canvas').evaluateAll((all) =>
        all.map((one) => {
          const { width, height } = one.getBoundingClientRect();
          return [width, height, one.getAttribute('aria-label')?.length ?? 0].join(' x ');
        }),
      );
      sizes.add(shown.join(', '));
    }
    now = await press(page, at ? keyFor(Number(at[1]), Number(at[2])) : 'Enter');
  }
  await seen.settled();
  await context.close();
  // What is seen of a map is as large as of any other.
  expect(sizes.size).toBe(1);
  const { citation, file } = lime.imported;
  const secrets = ['lime', 'imported', 'made elsewhere', '†', citation, file, lime.id];
  expect(seen.ids.size).toBe(2 * 9);
  expect(hits(seen, secrets.map(pattern))).toEqual([]);
});
