import { type Page } from '@playwright/test';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { downloaded, open } from './support/pages';
import { useStudio } from './support/studio';

// One study from nothing to its removal: each test goes on where the one before it ended.
test.describe.configure({ mode: 'serial' });
const studio = useStudio();

const heading = (page: Page) => page.getByRole('heading', { level: 1 });
const preview = (page: Page) => page.getByRole('complementary', { name: 'Preview' });
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const next = (page: Page) => page.getByRole('button', { name: /^Next: / }).click();

const goTo = (page: Page, step: string) =>
  page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name: step }).click();

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`) });
}

async function openStudy(page: Page, name: string): Promise<void> {
  await open(page, studio.url, '/studies');
  await page.getByRole('link', { name, exact: true }).first().click();
  await expect(heading(page)).toContainText(name);
}

/** From a rater's first screen to the first trial that counts. */
async function beginRating(page: Page): Promise<void> {
  await page.getByRole('radio', { name: /^No, or/ }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'I have read this' }).click();
  await page.getByRole('button', { name: 'I agree and take part' }).click();
}

test('from nothing to an open study: a model in place, the five steps, its maps', async ({
  page,
}) => {
  await open(page, studio.url, '/studies');
  await expect(page.getByText('No studies yet')).toBeVisible();
  await expect(page.getByText(/the first step offers to train one/)).toBeVisible();
  await expectAccessible(page, 'no studies');
  await page.getByRole('button', { name: 'New study' }).click();

  // What is missing is offered in place, and the study goes on with it.
  await expect(page.getByText('No trained model yet.')).toBeVisible();
  await expect(preview(page)).toContainText('Data: ');
  await expectAccessible(page, 'a study without a model');
  await page.getByRole('button', { name: 'Train a quick model' }).click();
  await expect(page.getByText(/the study goes on here once it is trained/)).toBeVisible();
  await expect(page.getByRole('checkbox', { name: /^MNIST/ })).toBeChecked({ timeout: 120_000 });
  await expect(field(page, 'Name of the study')).toHaveValue('MNIST ratings');
  await expect(page.getByRole('list', { name: 'Images of MNIST' }).locator('canvas')).toHaveCount(
    10,
  );
  await expect(preview(page)).toContainText('103 trials, 206 labels');
  await expect(preview(page)).toContainText('About 20 min 36 s');
  // The pace is an assumption, and can be another one.
  await field(page, 'Seconds a label (an assumption)').fill('3');
  await expect(preview(page)).toContainText('About 10 min 18 s');
  await field(page, 'Seconds a label (an assumption)').fill('6');
  await picture(page, '1 data');
  await expectAccessible(page, 'the data of a study');

  // Images by hand instead of a sample, with their pictures.
  await page.getByText('Picked by hand').click();
  await page.getByRole('button', { name: 'Pick images …' }).click();
  const picker = page.getByRole('dialog', { name: 'Pick images' });
  await picker.getByRole('option', { name: 'Image 3, class 0', exact: true }).click();
  await picker.getByRole('button', { name: 'Use these' }).click();
  await expect(page.getByText('11 picked; 1 to 500 are accepted')).toBeVisible();
  await page.getByText('Sampled', { exact: true }).click();
  await field(page, 'How many images').fill('10');

  await next(page);
  await field(page, 'Noisy samples n').fill('2');
  await field(page, 'Steps').fill('2');
  await page.getByText('Sobel edges', { exact: true }).click();
  await expect(preview(page)).toContainText('113 trials');
  await page.getByRole('button', { name: 'The nine and random' }).click();
  await picture(page, '2 methods');
  await expectAccessible(page, 'the methods of a study');

  await next(page);
  await page.getByRole('button', { name: 'Add a question' }).click();
  await expect(preview(page)).toContainText('Questions and texts: 1 refused');
  await expectAccessible(page, 'the texts of a study, one refused');
  await field(page, 'Question 1').fill('How well do you know neural networks?');
  await field(page, 'Choices of question 1').fill('not at all\na little\nwell');
  await picture(page, '3 texts');

  await next(page);
  await field(page, 'Trials of a rater').fill('0');
  await expect(page.getByText('Accepted: a whole number from 1 to 5000')).toBeVisible();
  // What only core knows is refused beside its field too.
  await field(page, 'Trials of a rater').fill('101');
  await expect(
    page.getByText(/Accepted: null for all, or a whole number from 1 to 100/),
  ).toBeVisible();
  await field(page, 'Trials of a rater').fill('40');
  await expect(preview(page)).toContainText('43 trials, 86 labels');
  await picture(page, '4 design');
  await expectAccessible(page, 'the design of a study');

  await next(page);
  await expect(page.getByText('How well do you know neural networks?')).toBeVisible();
  await picture(page, '5 review');
  await expectAccessible(page, 'the review of a study');
  await page.getByRole('button', { name: 'Create and prepare maps' }).click();

  await expect(heading(page)).toHaveText('MNIST ratings');
  await expect(page.getByRole('heading', { name: 'Open for rating' })).toBeVisible({
    timeout: 120_000,
  });
  await expect(page.getByText(/^sha256 [0-9a-f]{64}$/)).toBeVisible();
  await expectAccessible(page, 'an open study');
});

test('the draft survives going elsewhere, and the keyboard alone makes a study', async ({
  page,
}) => {
  await open(page, studio.url, '/studies');
  await page.getByRole('button', { name: 'New study' }).press('Enter');
  await expect(field(page, 'Name of the study')).toHaveValue('MNIST ratings 2');
  await field(page, 'Name of the study').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('By keyboard');
  const count = field(page, 'How many images');
  await count.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('2');
  await page.keyboard.press('Escape');
  await expect(heading(page)).toHaveText('New study');

  await page.getByRole('main').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(heading(page)).toHaveText('Overview');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(heading(page)).toHaveText('Studies');
  await expect(page.getByText('Unfinished: By keyboard')).toBeVisible();
  await expectAccessible(page, 'studies with a draft');
  await page.getByRole('button', { name: 'Go on' }).press('Enter');
  await expect(count).toHaveValue('2');

  const review = page
    .getByRole('navigation', { name: 'Steps' })
    .getByRole('button', { name: 'Review' });
  await review.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'Review', exact: true })).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 2, name: 'Data' })).toBeFocused();
  await page.goForward();
  await expect(page.getByText('2, sampled with seed 0')).toBeVisible();
  await page.getByRole('button', { name: 'Create', exact: true }).press('Enter');
  await expect(heading(page)).toHaveText('By keyboard');
  await expect(page.getByRole('heading', { name: 'Next: prepare its maps' })).toBeVisible();

  // A name that is taken is refused beside its field.
  await open(page, studio.url, '/studies/new');
  await field(page, 'Name of the study').fill('By keyboard');
  await review.click();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByText('Accepted: a name that no other study has')).toBeVisible();
  await page.getByRole('button', { name: 'Discard the draft' }).click();
  await page
    .getByRole('dialog', { name: 'Discard the draft?' })
    .getByText('Discard', { exact: true })
    .click();
  await expect(heading(page)).toHaveText('Studies');
});

test('raters: codes given or made, links that open a session of their own, a rating', async ({
  page,
  browser,
}) => {
  await openStudy(page, 'MNIST ratings');
  await page.getByRole('button', { name: 'Add raters' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add raters' });
  await dialog.getByText('Codes of mine').click();
  await dialog.getByRole('textbox', { name: 'Codes' }).fill('anna, an$a');
  await expect(dialog.getByText(/Accepted: 1 to 32 letters.*an\$a is not/)).toBeVisible();
  await expectAccessible(page, 'adding raters, one refused');
  await dialog.getByRole('textbox', { name: 'Codes' }).fill('anna, b-2');
  await dialog.getByRole('button', { name: 'Add 2 raters' }).click();
  const row = (code: string) => page.getByRole('row').filter({ hasText: code });
  await expect(row('anna')).toContainText('invited');
  const link = (await row('anna').locator('code').textContent()) ?? '';
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
  await expect(page.getByText(/They work on this machine/)).toBeVisible();

  const other = await browser.newContext();
  const session = await other.newPage();
  await session.goto(link);
  await expect(session.getByText('Code anna')).toBeVisible();
  await expect(session.getByRole('navigation', { name: 'Views' })).toHaveCount(0);
  await expect(session.getByText('How well do you know neural networks?')).toBeVisible();
  await beginRating(session);
  // The researcher sees a rater begin without asking.
  await expect(row('anna')).toContainText(/rating\s*0 \/ 43/);
  await picture(page, '6 raters');
  await expectAccessible(page, 'a study with raters');

  // Shown once: after a reload there is a new link on demand, which ends the old one.
  await page.reload();
  await expect(row('anna').locator('code')).toHaveCount(0);
  await page.getByRole('button', { name: 'New link for anna' }).click();
  await page.getByRole('dialog').getByText('Make a new link', { exact: true }).click();
  await expect(row('anna').locator('code')).not.toHaveText(link);
  await other.close();
});

test('annotator mode takes the whole window, and its passphrase gives it back', async ({
  page,
  context,
}) => {
  await openStudy(page, 'MNIST ratings');
  const second = await context.newPage();
  await second.goto(new URL('/', page.url()).href);
  await expect(heading(second)).toHaveText('Overview');
  await page.getByRole('button', { name: 'Start annotator mode on this screen' }).click();
  const dialog = page.getByRole('dialog', { name: 'Start annotator mode' });
  const passphrase = dialog.getByLabel('Passphrase that ends it (optional)');
  await passphrase.fill('abc');
  await expect(dialog.getByText('Accepted: 4 to 200 characters, or none')).toBeVisible();
  await expectAccessible(page, 'the beginning of annotator mode');
  await passphrase.fill('open sesame');
  await dialog.getByRole('button', { name: 'Start annotator mode' }).click();
  // Both windows of the researcher leave.
  for (const window of [page, second]) {
    await expect(window.getByRole('heading', { name: 'Welcome' })).toBeVisible();
    await expect(window.getByRole('navigation', { name: 'Views' })).toHaveCount(0);
  }
  await page.getByRole('button', { name: 'End annotator mode' }).click();
  const end = page.getByRole('dialog', { name: 'End annotator mode' });
  await end.getByLabel('Passphrase').fill('open sesame');
  await end.getByRole('button', { name: 'End annotator mode' }).click();
  await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible();
});

test('ratings fix the configuration: closing, exports, a new version, withdrawal, erasure', async ({
  page,
  browser,
}) => {
  await openStudy(page, 'MNIST ratings');
  await page.getByRole('button', { name: 'New link for b-2' }).click();
  const row = (code: string) => page.getByRole('row').filter({ hasText: code });
  const link = (await row('b-2').locator('code').textContent()) ?? '';
  const other = await browser.newContext();
  const session = await other.newPage();
  await session.goto(link);
  await beginRating(session);
  const { practice, rated } = { practice: 3, rated: 2 };
  // Pauses and explanations have one button, which has the focus; trials have none like it.
  const goOn = session.locator('button.primary');
  for (let labels = 0; labels < 2 * (practice + rated);) {
    await session.waitForTimeout(250);
    const asked = !(await goOn.isVisible());
    await session.keyboard.press(asked ? '4' : 'Enter');
    if (asked) labels += 1;
  }
  await expect(row('b-2')).toContainText(`${practice + rated} / 43`);
  await expect(page.getByText('Fixed by the first rating')).toBeVisible();
  await expect(page.getByText(`2 raters, ${2 * rated} ratings`)).toBeVisible();

  // While it is open its ratings stay hidden, and so do its files.
  await page.getByRole('button', { name: 'Export' }).click();
  await expect(page.getByRole('menuitem', { name: /^Ratings as CSV/ })).toBeDisabled();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Close the study' }).click();
  const close = page.getByRole('dialog', { name: 'Close the study?' });
  await expectAccessible(page, 'the question before a study is closed');
  await close.getByRole('button', { name: 'Close it' }).click();
  await expect(page.getByRole('link', { name: 'See the results' })).toBeVisible();
  await expect(page.getByText('Reopen the study to add raters')).toBeVisible();
  const csv = await downloaded(page, async () => {
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: /^Ratings as CSV/ }).click();
  });
  expect(csv.name).toMatch(/\.csv$/);
  expect(csv.bytes.toString()).toContain('study,dataset,image,method,question,rater');
  const archive = await downloaded(page, async () => {
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: /^The study as an archive/ }).click();
  });
  expect(archive.bytes.subarray(0, 2).toString()).toBe('PK');

  // Editing says before that it makes a new version, and makes one.
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const edit = page.getByRole('dialog', { name: 'Edit the study?' });
  await expect(edit).toContainText('Editing anything else makes version 2');
  await edit.getByRole('button', { name: 'Edit' }).click();
  // Until something that raters see is another, it stays the same version.
  await expect(heading(page)).toHaveText('Edit MNIST ratings');
  await expect(field(page, 'Name of the study')).toBeDisabled();
  await goTo(page, 'Design');
  await field(page, 'Trials of a rater').fill('20');
  await goTo(page, 'Review');
  await page.getByRole('button', { name: 'Make the new version', exact: true }).click();
  await expect(heading(page)).toHaveText('MNIST ratings, version 2');
  await page.getByRole('link', { name: 'version 1' }).click();
  await expect(heading(page)).toHaveText('MNIST ratings');

  // The same ratings again change nothing; others make a study of their own.
  const load = async (text: string) => {
    await page.getByRole('button', { name: 'Import ratings' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import' });
    await dialog
      .getByLabel('CSV file')
      .setInputFiles({ name: 'ratings.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    return dialog;
  };
  const header = 'study,dataset,image,method,question,rater,label';
  const refused = await load(`${header}\nElsewhere,mnist,1,Gradient,visual-coherence,a,Grand\n`);
  await expect(refused.getByText('Nothing was imported')).toBeVisible();
  await expect(refused).toContainText('Grand');
  await expectAccessible(page, 'an import that was refused');
  await refused.getByRole('button', { name: 'Close' }).last().click();
  const taken = await load(`${header}\nElsewhere,mnist,1,Gradient,visual-coherence,a,High\n`);
  await expect(taken.getByText('1 row read: 1 added, 0 there already.')).toBeVisible();
  await taken.getByRole('link', { name: 'Elsewhere' }).click();
  await expect(heading(page)).toHaveText('Elsewhere');
  await expect(page.getByRole('heading', { name: 'Imported ratings' })).toBeVisible();
  await expect(page.getByRole('rowheader', { name: 'a', exact: true })).toBeVisible();

  await openStudy(page, 'MNIST ratings');
  await page.getByRole('link', { name: 'version 1' }).click();
  await page.getByRole('button', { name: 'Withdraw b-2' }).click();
  const withdraw = page.getByRole('dialog', { name: /^Withdraw the consent/ });
  await withdraw.getByRole('button', { name: 'Withdraw' }).click();
  await expect(row('b-2')).toContainText('withdrawn');
  await expect(page.getByText('2 raters, 0 ratings')).toBeVisible();
  await page.getByRole('button', { name: 'Erase b-2' }).click();
  const erase = page.getByRole('dialog', { name: 'Erase this rater?' });
  await erase.getByRole('button', { name: 'Erase' }).click();
  await expect(row('b-2')).toHaveCount(0);
  await expect(page.getByText(/b-2 was erased/)).toBeVisible();

  // The backup that was written first can be seen, and be made by hand.
  await page.goto(new URL('/#/', page.url()).href);
  const backups = page.getByRole('region', { name: 'Backup' });
  await expect(backups.getByRole('listitem')).toHaveCount(1);
  await backups.getByRole('button', { name: 'Back up now' }).click();
  await expect(backups.getByRole('listitem')).toHaveCount(2);
  await expect(page.getByRole('link', { name: /^Rating studies/ })).toContainText('4');
  await expectAccessible(page, 'the overview with studies and backups');
  await other.close();
});
