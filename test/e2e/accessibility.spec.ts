import { type Page } from '@playwright/test';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { allMapsMade, open, openRun, unfold } from './support/pages';
import { useStudio } from './support/studio';

const studio = useStudio({ from: 'reference' });

const heading = (page: Page) => page.getByRole('heading', { level: 1 });

async function goTo(page: Page, title: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title }).click();
  await expect(heading(page)).toHaveText(title);
}

test('overview, datasets and what lies over them', async ({ page }) => {
  await open(page, studio.url);
  await expect(page.getByRole('link', { name: 'The reference' })).toBeVisible();
  await page.getByText('Batch plan').click();
  await expectAccessible(page, 'Overview');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await expectAccessible(page, 'the list of shortcuts');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Jobs', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Jobs' })).toBeVisible();
  await expectAccessible(page, 'the jobs');
  await page.keyboard.press('Escape');
  await goTo(page, 'Datasets');
  await expect(page.getByRole('main').locator('canvas')).toHaveCount(120);
  await page.getByText(/^Files and checksums/).click();
  await expectAccessible(page, 'Datasets');
  await page.getByRole('navigation', { name: 'Datasets' }).getByText('CIFAR-10').click();
  await expectAccessible(page, 'a dataset that is not installed');
  await page.getByRole('button', { name: 'Install CIFAR-10 …' }).click();
  const install = page.getByRole('dialog', { name: 'Install CIFAR-10' });
  await install.getByRole('radio', { name: 'A file or folder on this machine' }).check();
  await install.getByRole('button', { name: 'Choose …' }).click();
  await expect(install.getByRole('listbox')).toBeFocused();
  await install.getByText('Only a part').click();
  await install.getByRole('textbox', { name: 'Classes' }).fill('cat');
  await expectAccessible(page, 'the dialog of an installation');
  await page.keyboard.press('Escape');
});

test('models and their dialogs', async ({ page }) => {
  await open(page, studio.url, '/models');
  await expect(page.getByRole('main').locator('canvas').first()).toBeVisible();
  await page.getByText('Numbers by epoch').click();
  await expectAccessible(page, 'Models');
  await page.getByRole('button', { name: 'Train a model' }).click();
  const train = page.getByRole('dialog', { name: 'Train a model' });
  await train.getByText('Recipe details').click();
  await train.getByRole('textbox', { name: 'Batch size', exact: true }).fill('64');
  await train.getByRole('textbox', { name: 'Epochs', exact: true }).fill('0');
  await expect(train.getByText('Correct the marked fields to start.')).toBeVisible();
  await expectAccessible(page, 'the dialog of a training');
  await train.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('button', { name: 'Import weights' }).click();
  await expect(page.getByRole('dialog', { name: 'Import weights' })).toBeVisible();
  await expectAccessible(page, 'the dialog of an import');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('dialog', { name: 'Rename the model' })).toBeVisible();
  await expectAccessible(page, 'the question for a name');
});

test('maps and their dialogs', async ({ page }) => {
  await open(page, studio.url, '/maps');
  await unfold(page, /^Parameters/);
  await page.getByRole('textbox', { name: 'Noisy samples n', exact: true }).fill('2');
  await page.getByRole('textbox', { name: 'Steps', exact: true }).fill('2');
  await allMapsMade(page);
  await expectAccessible(page, 'Maps');
  await page.getByRole('button', { name: 'Look closer at SmoothGrad of image 0' }).click();
  const closer = page.getByRole('dialog', { name: 'SmoothGrad, image 0' });
  await expect(closer.getByRole('img', { name: /enlarged/ })).toHaveCount(2);
  await expectAccessible(page, 'one map, closer');
  await page.keyboard.press('Escape');
  await expect(closer).toBeHidden();
  await page.getByRole('button', { name: 'Pick …' }).click();
  const picker = page.getByRole('dialog', { name: 'Pick images' });
  await expect(picker.getByRole('option', { name: /^Image 20, / })).toBeVisible();
  await expectAccessible(page, 'the picker of images');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Compose a method …' }).click();
  await expect(page.getByRole('dialog', { name: 'Compose a method' })).toBeVisible();
  await expectAccessible(page, 'the dialog of a composition');
});

test('a new run and every part of a finished one', async ({ page }) => {
  await open(page, studio.url, '/roar');
  await unfold(page, /^Evaluation/, /^Training/, /^Methods/, /^Map parameters/);
  await page.getByRole('textbox', { name: 'Levels t', exact: true }).fill('0.1');
  const forecast = page.getByRole('region', { name: 'Forecast' });
  await expect(forecast).toContainText('once every setting is accepted');
  await expectAccessible(page, 'the settings of a new run, one refused');
  await page.getByRole('textbox', { name: 'Levels t', exact: true }).fill('0, 0.5');
  await expect(forecast).toContainText(/About/, { timeout: 60_000 });
  await expectAccessible(page, 'the forecast');

  await openRun(page, 'The reference');
  await page.getByText('Scores by level').click();
  await expect(page.getByRole('columnheader', { name: 't = 0.9' })).toBeVisible();
  await expectAccessible(page, 'the figure and the table');
  await page.getByRole('button', { name: 'Export' }).click();
  await expect(page.getByRole('menuitem', { name: 'curves.csv' })).toBeVisible();
  await expectAccessible(page, 'the menu of exports');
  await page.keyboard.press('Escape');
  for (const tab of ['Degraded images', 'Models', 'The paper’s claims', 'Compare', 'Settings']) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByRole('tabpanel')).not.toBeEmpty();
    if (tab === 'Degraded images') {
      await expect(page.getByRole('tabpanel').locator('canvas').first()).toBeVisible();
    }
    await expectAccessible(page, `a run: ${tab}`);
  }
});

test('studies: none, each step of a new one, one beside a run', async ({ page }) => {
  await open(page, studio.url, '/studies');
  await expect(page.getByText('No studies yet')).toBeVisible();
  await page.getByRole('button', { name: 'Import …', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Import' })).toBeVisible();
  await expectAccessible(page, 'the dialog of an import of ratings');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New study' }).click();
  const preview = page.getByRole('complementary', { name: 'Preview' });
  await expect(preview).toContainText('labels');
  // The run of this data directory made its maps with the study's model: it is offered.
  await expect(page.getByLabel('ROAR run to compare with')).toContainText('The reference');
  await expectAccessible(page, 'a new study: data');
  for (const step of ['Methods and display', 'Questions and texts', 'Design', 'Review']) {
    await page.getByRole('button', { name: `Next: ${step}` }).click();
    await expect(page.getByRole('heading', { level: 2, name: step, exact: true })).toBeFocused();
    await expectAccessible(page, `a new study: ${step}`);
  }
  await page.getByRole('button', { name: 'Create and prepare maps' }).click();
  await expect(page.getByRole('heading', { name: 'Open for rating' })).toBeVisible({
    timeout: 120_000,
  });
  await page.getByRole('button', { name: 'Add raters' }).click();
  await expect(page.getByRole('dialog', { name: 'Add raters' })).toBeVisible();
  await expectAccessible(page, 'the dialog of new raters');
  await page.getByRole('textbox', { name: 'How many raters' }).fill('2');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Withdraw / })).toHaveCount(2);
  await expectAccessible(page, 'an open study with raters');
  await page.getByRole('button', { name: 'Start annotator mode on this screen' }).click();
  await expect(page.getByRole('dialog', { name: 'Start annotator mode' })).toBeVisible();
  await expectAccessible(page, 'the dialog before annotator mode');
});
