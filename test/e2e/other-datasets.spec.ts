import { join } from 'node:path';
import { type Locator, type Page } from '@playwright/test';
import { writeCifar10 } from '../fixtures/cifar10';
import { tinyImagenetFiles, writeTinyImagenet, writeZipFile } from '../fixtures/tiny-imagenet';
import { expect, test } from './support/fixtures';
import { allMapsMade, open, pixelsOf, unfold } from './support/pages';
import { useStudio } from './support/studio';
import { freshFolder } from './support/workspace';
import { firstMethods } from '../../src/shared/catalogue/methods';

// From archives to maps of colour images: each test goes on where the one before it ended.
test.describe.configure({ mode: 'serial' });
const studio = useStudio();
let archives = '';
test.beforeAll(() => {
  archives = freshFolder('archives');
});

const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

async function openInstall(page: Page, name: string): Promise<Locator> {
  await page.getByRole('navigation', { name: 'Datasets' }).getByText(name).click();
  await region(page, name)
    .getByRole('button', { name: `Install ${name} …` })
    .click();
  const dialog = page.getByRole('dialog', { name: `Install ${name}` });
  await dialog.getByRole('radio', { name: 'A file or folder on this machine' }).check();
  return dialog;
}

/** Red, green and blue of some pixel differ. */
async function isColoured(canvas: Locator): Promise<boolean> {
  const pixels = await pixelsOf(canvas);
  return pixels.some((red, i) => i % 4 === 0 && Math.abs(red - (pixels[i + 2] ?? red)) > 8);
}

test('a path that is none and a damaged archive are refused, the file named', async ({ page }) => {
  const files = await tinyImagenetFiles();
  const image = [...files.keys()].find((name) => /train\/.*_3\.JPEG$/.test(name)) ?? '';
  files.set(image, files.get(image)?.subarray(0, 200) ?? Buffer.alloc(0));
  const damaged = await writeZipFile(join(archives, 'damaged.zip'), files);

  await open(page, studio.url, '/datasets');
  const dialog = await openInstall(page, 'Tiny ImageNet');
  const path = dialog.getByRole('textbox', { name: 'Path of the archive or folder' });
  await path.fill(join(archives, 'nothing.zip'));
  await dialog.getByRole('button', { name: 'Install' }).click();
  await expect(dialog.getByText('Accepted: an archive or folder that is there')).toBeVisible();
  await path.fill(damaged);
  await dialog.getByRole('button', { name: 'Install' }).click();
  await expect(dialog).toBeHidden();

  const installation = region(page, 'Installation of Tiny ImageNet');
  await expect(installation.getByRole('alert')).toContainText(image.replace(/^[^/]*./, ''));
  await expect(installation).toContainText('Nothing half-installed was left.');
  await expect(region(page, 'Tiny ImageNet')).toContainText('not installed');
  await installation.getByRole('button', { name: 'Install another way …' }).click();
  await expect(page.getByRole('dialog', { name: 'Install Tiny ImageNet' })).toBeVisible();
});

test('an archive chosen by the keyboard is installed, whole', async ({ page }) => {
  await writeCifar10(archives, { train: 160, validation: 40 });
  await open(page, studio.url, '/datasets');
  const dialog = await openInstall(page, 'CIFAR-10');
  await dialog.getByRole('textbox', { name: 'Path of the archive or folder' }).fill(archives);
  await dialog.getByRole('button', { name: 'Choose …' }).click();
  const list = dialog.getByRole('listbox');
  await expect(list).toBeFocused();
  await page.keyboard.press('Backspace');
  await expect(list.getByRole('option', { selected: true })).toContainText('archives-');
  await page.keyboard.press('Enter');
  await expect(list.getByRole('option')).toHaveText([/cifar-10-binary\.tar\.gz/, /damaged\.zip/]);
  await page.keyboard.type('ci');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('textbox', { name: /^Path/ })).toHaveValue(/binary\.tar\.gz$/);
  await dialog.getByRole('button', { name: 'Install' }).click();

  const cifar = region(page, 'CIFAR-10');
  await expect(cifar).toContainText('160 train, 40 validation', { timeout: 30_000 });
  await expect(cifar).toContainText('from this machine: cifar-10-binary.tar.gz');
  await expect(cifar).toContainText('Not the published archive');
  await expect(cifar).toContainText('10 of 10 classes, 160 of 50,000 training images');
  await expect(cifar.locator('canvas')).toHaveCount(40);
  expect(await isColoured(cifar.locator('canvas').first())).toBe(true);
});

test('a part of an archive is installed, then removed', async ({ page }) => {
  const archive = await writeTinyImagenet(archives, { classes: 4, train: 30, validation: 5 });
  await open(page, studio.url, '/datasets');
  const tiny = region(page, 'Tiny ImageNet');
  await page.getByRole('navigation', { name: 'Datasets' }).getByText('Tiny ImageNet').click();
  await tiny.getByRole('button', { name: 'Install another way …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Install Tiny ImageNet' });
  await dialog.getByRole('radio', { name: 'A file or folder on this machine' }).check();
  await dialog.getByRole('textbox', { name: /^Path/ }).fill(archive);
  await dialog.getByText('Only a part').click();
  await dialog.getByRole('textbox', { name: 'Classes' }).fill('goldfish');
  await expect(dialog.getByText('Accepted: at least two classes')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Classes' }).fill('goldfish, Egyptian cat');
  await dialog.getByRole('textbox', { name: 'Training images of each class' }).fill('20');
  await dialog.getByRole('button', { name: 'Install' }).click();

  await expect(tiny).toContainText('40 train, 10 validation', { timeout: 30_000 });
  await expect(tiny).toContainText(
    '2 classes (goldfish, Egyptian cat), 20 training images of each',
  );
  await tiny.getByRole('button', { name: 'Verify files' }).click();
  await expect(page.getByRole('status').getByText('every file was read again')).toBeVisible();
  await tiny.getByRole('button', { name: 'Remove …' }).click();
  const sure = page.getByRole('dialog', { name: 'Remove Tiny ImageNet?' });
  await expect(sure).toContainText('Nothing was made with it yet.');
  await sure.getByRole('button', { name: 'Keep' }).click();
  await expect(sure).toBeHidden();
});

for (const [name, side] of [
  ['CIFAR-10', 32],
  ['Tiny ImageNet', 64],
] as const) {
  test(`${name}: a ResNet18 is trained and its maps are seen`, async ({ page }) => {
    await open(page, studio.url, '/models');
    await page.getByRole('button', { name: 'Train a model' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Train a model' });
    await dialog.getByLabel('Dataset', { exact: true }).selectOption({ label: name });
    await expect(dialog).toContainText('ResNet18 (suggested)');
    await dialog.getByRole('textbox', { name: 'Epochs', exact: true }).fill('1');
    await dialog.getByRole('textbox', { name: 'Batch size', exact: true }).fill('20');
    await dialog.getByText('Recipe details').click();
    await expect(dialog.getByText('default 128')).toBeVisible();
    await expect(dialog.getByLabel('Schedule of the rate')).toHaveValue('2');
    await dialog.getByRole('button', { name: 'Start training' }).click();
    await expect(dialog).toBeHidden();

    const chosen = region(page, 'The chosen model');
    await expect(chosen.getByRole('img', { name: /^After epoch 1 of 1/ })).toBeVisible({
      timeout: 60_000,
    });
    await expect(chosen).toContainText('1 epoch, sgd at 0.1 (weight decay 0.0005), one-cycle');
    const link = await chosen.getByRole('link', { name: 'Look at maps' }).getAttribute('href');
    await page.evaluate((to) => window.location.assign(to), `${link}&images=0`);
    await unfold(page, /^Parameters/);
    await page.getByRole('textbox', { name: 'Noisy samples n', exact: true }).fill('2');
    await page.getByRole('textbox', { name: 'Steps', exact: true }).fill('2');
    await allMapsMade(page);

    const first = region(page, 'Image 0');
    await expect(first.locator('figure')).toHaveCount(firstMethods.length);
    const image = first.getByRole('img', { name: /^Image 0, class / });
    expect(await pixelsOf(image)).toHaveLength(side * side * 4);
    expect(await isColoured(image)).toBe(true);
    const map = first.getByRole('img', { name: 'SmoothGrad map of image 0' });
    const pixels = await pixelsOf(map);
    expect(pixels).toHaveLength(side * side * 4);
    expect(new Set(pixels).size).toBeGreaterThan(8);
    expect(await isColoured(map)).toBe(false);
  });
}
