import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, ownFolder, shapesFolder } from '../fixtures/own';
import { writeZipFile } from '../fixtures/tiny-imagenet';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { pixelsOf, rowsOf } from './support/pages';
import { useStudio } from './support/studio';
import { freshFolder } from './support/workspace';

const studio = useStudio();

test('images of one’s own: looked at, added, renamed, described, exported, removed, added again', async ({
  page,
}) => {
  const folder = freshFolder('own');
  const archive = await writeZipFile(join(folder, 'shapes.zip'), filesIn(shapesFolder));
  const masks = await writeZipFile(join(folder, 'masks.zip'), filesIn(join(ownFolder, 'masks')));
  await page.goto(`${studio.url}#/datasets`);
  await page.getByRole('button', { name: 'Add images …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add images' });
  const add = dialog.getByRole('button', { name: 'Add images', exact: true });
  await dialog.getByRole('textbox', { name: 'Folder, archive or list' }).fill('/nowhere');
  await expect(dialog.getByRole('alert')).toContainText('/nowhere');
  await expect(add).toBeDisabled();

  await dialog.getByRole('radio', { name: 'To send' }).check({ force: true });
  await dialog.getByLabel('Images', { exact: true }).setInputFiles(archive);
  const preview = dialog.getByRole('region', { name: 'Preview' });
  await expect(preview).toContainText('100 train and 40 validation images in 4 classes');
  const perClass = await rowsOf(preview.getByRole('region', { name: 'Images of each class' }));
  expect(perClass.map(([name, , train, validation]) => [name, train, validation])).toEqual(
    ['cross', 'disc', 'square', 'triangle'].map((name) => [name, '25', '10']),
  );
  const sample = preview.locator('canvas').first();
  await expect(preview.locator('canvas')).toHaveCount(24);
  expect(await pixelsOf(sample)).toHaveLength(64 * 64 * 4);
  await dialog.getByRole('textbox', { name: 'Size' }).fill('4');
  await expect(dialog.getByText(/Accepted: .*8 to 512/)).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Size' }).fill('32');
  await dialog.getByRole('checkbox', { name: 'Grayscale' }).check();
  await expect.poll(async () => (await pixelsOf(sample)).length).toBe(32 * 32 * 4);
  const pixels = await pixelsOf(sample);
  expect(pixels.every((value, i) => i % 4 !== 0 || value === pixels[i + 2])).toBe(true);
  await dialog.getByText('Masks of the objects, from elsewhere').click();
  await dialog.getByLabel('Masks', { exact: true }).setInputFiles(masks);
  const masked = preview.getByRole('checkbox', {
    name: 'Mask of the object (136 images have one)',
  });
  await preview.getByText('Mask of the object').click();
  await expect(masked).toBeChecked();
  const first = preview.getByRole('img', { name: /class cross, its object alone$/ }).first();
  const dark = await pixelsOf(first);
  const changed = dark.filter((value, i) => value !== pixels[i]).length;
  expect(changed).toBeGreaterThan(0);
  await expectAccessible(page, 'images that are to be added');
  await preview.getByText('Mask of the object').click();

  await expect(dialog.getByText('Agree that 1 file is left out')).toBeVisible();
  await expect(add).toBeDisabled();
  await dialog.getByRole('checkbox', { name: 'Leave out files that cannot be read' }).check();
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('shapes');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Formen – 形');
  await add.click();
  await expect(dialog).toBeHidden();

  const own = page.getByRole('region', { name: 'Formen – 形', exact: true });
  await expect(own).toContainText('100 train, 40 validation', { timeout: 20_000 });
  await expect(own).toContainText('32 × 32 pixels, grayscale');
  await expect(own.getByText('Mask of the object (40)')).toBeVisible();
  await expect(page.getByText('was added. 1 file was left out.')).toBeVisible();
  await expect(own.locator('canvas')).toHaveCount(40);
  await own.getByText('Files that were left out (1)').click();
  await expect(own.getByRole('region', { name: 'Files that were left out' })).toContainText(
    'train/disc/notes.txt',
  );
  const dataset = new URLSearchParams(page.url().split('?').at(-1)).get('dataset') ?? '';
  expect(dataset).toMatch(/^images-/);

  await own.getByRole('button', { name: 'Rename …' }).click();
  const renaming = page.getByRole('dialog', { name: 'Rename the dataset' });
  await renaming.getByRole('textbox', { name: 'Name' }).fill('Shapes');
  await renaming.getByRole('button', { name: 'Rename' }).click();
  const shapes = page.getByRole('region', { name: 'Shapes', exact: true });
  await shapes.getByRole('button', { name: 'Describe …' }).click();
  const describing = page.getByRole('dialog', { name: 'Describe Shapes' });
  await describing.getByRole('textbox', { name: 'Licence' }).fill('CC0');
  await describing.getByRole('textbox', { name: 'Cite as' }).fill('Ada, 2026');
  await describing.getByRole('button', { name: 'Save' }).click();
  await expect(shapes).toContainText('Ada, 2026');

  const downloading = page.waitForEvent('download');
  await shapes.getByRole('button', { name: 'Export', exact: true }).click();
  const exported = join(folder, 'exported.zip');
  await (await downloading).saveAs(exported);

  await shapes.getByRole('button', { name: 'Remove …' }).click();
  const sure = page.getByRole('dialog', { name: 'Remove Shapes?' });
  await expect(sure).toContainText('Nothing was made with it yet.');
  await sure.getByRole('button', { name: 'Remove' }).click();
  await expect(shapes).toBeHidden();

  // What was exported says all that there is to say: it is the same dataset again.
  await page.getByRole('button', { name: 'Add images …' }).click();
  await dialog.getByRole('radio', { name: 'To send' }).check({ force: true });
  await dialog.getByLabel('Images', { exact: true }).setInputFiles(exported);
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Shapes');
  await expect(dialog.getByRole('textbox', { name: 'Size' })).toHaveValue('32');
  await add.click();
  await expect(shapes).toContainText('100 train, 40 validation', { timeout: 20_000 });
  await expect(shapes).toContainText('CC0');
  await expect.poll(() => page.url()).toContain(dataset);
});

test('a folder of the computer that shows the page travels whole, with the masks beside its images', async ({
  page,
}) => {
  const folder = join(freshFolder('own-masks'), 'pictures');
  for (const part of ['shapes', 'masks']) {
    cpSync(join(ownFolder, part), join(folder, part), { recursive: true });
  }
  await page.goto(`${studio.url}#/datasets`);
  await page.getByRole('button', { name: 'Add images …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add images' });
  await dialog.getByRole('radio', { name: 'To send' }).check({ force: true });
  await dialog.getByLabel('Images: a folder').setInputFiles(folder);
  await expect(dialog.getByText('pictures.tar', { exact: true })).toBeVisible();
  const preview = dialog.getByRole('region', { name: 'Preview' });
  await expect(preview).toContainText('100 train and 40 validation images in 4 classes');
  await expect(preview).toContainText('train/disc/notes.txt');
  await expect(preview).toContainText('136 images have one');
});
