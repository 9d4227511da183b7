import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Page } from '@playwright/test';
import { expect, test } from './support/fixtures';
import { downloaded, open, pictureOf } from './support/pages';
import { useStudio } from './support/studio';
import { freshFolder } from './support/workspace';

// A model from its training to its end: each test goes on where the one before it ended.
test.describe.configure({ mode: 'serial' });
const studio = useStudio();
let weights: Buffer;

const chosen = (page: Page) => page.getByRole('region', { name: 'The chosen model' });
const list = (page: Page) => page.getByRole('region', { name: 'All models' });

/** What follows an import: its accuracy, and ten images with what it says of them. */
async function tested(page: Page, name: string, accuracy: string | RegExp): Promise<void> {
  const dialog = page.getByRole('dialog', { name: `${name} was imported` });
  await expect(dialog.locator('p strong')).toHaveText(accuracy, { timeout: 60_000 });
  await expect(dialog.getByRole('img')).toHaveCount(10);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
}

test('a training with its live curve', async ({ page }) => {
  await open(page, studio.url, '/models');
  await page.getByRole('button', { name: 'Train a model' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Train a model' });
  await dialog.getByRole('textbox', { name: 'Epochs', exact: true }).fill('0');
  await expect(dialog.getByText('Accepted: a whole number from 1 to 200')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Start training' })).toBeDisabled();
  await dialog.getByRole('textbox', { name: 'Epochs', exact: true }).fill('2');
  await dialog.getByRole('textbox', { name: 'Training images', exact: true }).fill('2000');
  await dialog.getByRole('textbox', { name: 'Level t', exact: true }).fill('0.5');
  await expect(dialog.getByLabel('Removed pixels become')).toBeEnabled();
  await dialog.getByRole('textbox', { name: 'Level t', exact: true }).fill('0');
  await dialog.getByRole('button', { name: 'Start training' }).click();
  await expect(dialog).toBeHidden();

  await expect(chosen(page).getByRole('progressbar')).toBeVisible();
  await expect(chosen(page)).toContainText('epoch 1 of 2', { timeout: 60_000 });
  const curve = chosen(page).locator('canvas').first();
  await expect(curve).toBeVisible({ timeout: 60_000 });
  const first = await pictureOf(curve);
  await expect.poll(() => pictureOf(curve), { timeout: 60_000 }).not.toBe(first);
  const figure = chosen(page).getByRole('img', { name: /^After epoch 2 of 2: loss \d/ });
  await expect(figure).toBeVisible({ timeout: 120_000 });
  await expect(chosen(page)).toContainText(
    '2 epochs, adam at 0.001, batch 128, 2,000 training images, seed 0',
  );
  await expect(list(page)).toContainText('ready');
  await chosen(page).getByText('Numbers by epoch').click();
  await expect(chosen(page).getByRole('row')).toHaveCount(3);
  await expect(page.getByRole('region', { name: 'Accuracy by removal level' })).toContainText(
    '2 epochs on 2,000 images',
  );
});

test('weights go out as safetensors and come back with the same accuracy', async ({ page }) => {
  await open(page, studio.url, '/models');
  const accuracy = await chosen(page).locator('dd strong').first().innerText();
  expect(accuracy).toMatch(/^\d+\.\d\d%$/);
  const { name, bytes } = await downloaded(page, () =>
    chosen(page).getByRole('button', { name: 'Export safetensors' }).click(),
  );
  expect(name).toMatch(/\.safetensors$/);
  weights = bytes;
  const header: unknown = JSON.parse(
    bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString(),
  );
  expect(header).toMatchObject({
    'conv1.weight': { dtype: 'F32', shape: [32, 1, 3, 3] },
    'linear2.weight': { shape: [10, 128] },
  });

  await page.getByRole('button', { name: 'Import weights' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import weights' });
  await dialog.getByLabel('File').setInputFiles({
    name: 'mine.safetensors',
    mimeType: 'application/octet-stream',
    buffer: bytes,
  });
  await expect(dialog.getByLabel('Name')).toHaveValue('mine');
  await expect(dialog.getByText('Fits MNIST network: 10 classes')).toBeVisible();
  await dialog.getByRole('button', { name: 'Import' }).click();
  await tested(page, 'mine', accuracy);
  await expect(chosen(page).getByRole('heading', { name: 'mine' })).toBeVisible();
  await expect(chosen(page)).toContainText('MNIST, mnist-cnn (imported)');
  await expect(chosen(page).locator('dd strong').first()).toHaveText(accuracy);
});

test('a refused import names the reason', async ({ page }) => {
  await open(page, studio.url, '/models');
  await page.getByRole('button', { name: 'Import weights' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import weights' });
  const folder = freshFolder('weights');
  const offer = async (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    await dialog.getByLabel('File').setInputFiles(join(folder, name));
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  };
  await offer('text.safetensors', Buffer.from('This is no safetensors file at all.'));
  await expect(dialog.getByRole('alert')).toContainText('safetensors');
  await offer('cut.safetensors', weights.subarray(0, weights.length - 1000));
  await expect(dialog.getByRole('alert')).toContainText('lies outside the file');
  const renamed = Buffer.from(
    weights.toString('latin1').replace('conv1.weight', 'conv9.weight'),
    'latin1',
  );
  await offer('renamed.safetensors', renamed);
  const holds = dialog.getByRole('region', { name: 'What the file holds' });
  await expect(holds).toContainText('Missing: conv1.weight');
  await expect(holds).toContainText('Not of MNIST network: conv9.weight');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(dialog.getByRole('alert')).toContainText('conv9.weight');
  await dialog.getByLabel('Mean subtracted from inputs').fill('0.1, 0.2');
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(dialog).toBeHidden();
});

test('a checkpoint of PyTorch comes in, and one of several sets of weights is asked for', async ({
  page,
}) => {
  await open(page, studio.url, '/models');
  await page.getByRole('button', { name: 'Import weights' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import weights' });
  const offer = async (name: string) => {
    const path = fileURLToPath(new URL(`../fixtures/own-weights/sound/${name}`, import.meta.url));
    await dialog.getByLabel('File', { exact: true }).setInputFiles(path);
  };
  await offer('ema-beside.pth');
  await expect(dialog.getByLabel('Weights of the file')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeDisabled();
  await dialog.getByLabel('Weights of the file').selectOption('state_dict_ema');
  // It is read, and is of a smaller network.
  await expect(dialog).toContainText('conv1.weight is [4, 1, 3, 3]');
  await offer('mnist-cnn.pth');
  await expect(dialog.getByText('module. off 8 names')).toBeVisible();
  // Its classes stand in another order, by a list of them.
  await dialog.getByLabel('List of its classes').setInputFiles({
    name: 'classes.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('1\n0\n2\n3\n4\n5\n6\n7\n8\n9\n'),
  });
  await expect(dialog.getByLabel('Output of 0')).toHaveValue('0');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await tested(page, 'mnist-cnn', /^\d+\.\d\d%$/);
  await expect(chosen(page)).toContainText('10 of its own, the dataset’s among them');
  await expect(chosen(page)).toContainText('MNIST, mnist-cnn (imported)');
  await expect(chosen(page)).toContainText('The prefix module. was taken off 8 names.');
});

test('a model is renamed and removed', async ({ page }) => {
  await open(page, studio.url, '/models');
  await list(page).getByRole('button', { name: 'mine' }).click();
  await chosen(page).getByRole('button', { name: 'Rename' }).click();
  const rename = page.getByRole('dialog', { name: 'Rename the model' });
  await rename.getByRole('textbox').fill('yours');
  await rename.getByRole('button', { name: 'Rename' }).click();
  await expect(list(page).getByRole('button', { name: 'yours' })).toBeVisible();
  await chosen(page).getByRole('button', { name: 'Remove' }).click();
  const sure = page.getByRole('dialog', { name: 'Remove the model?' });
  await sure.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('status').getByText('yours was removed.')).toBeVisible();
  await expect(list(page).getByRole('button', { name: 'yours' })).toBeHidden();
});
