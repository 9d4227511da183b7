import { type Page } from '@playwright/test';
import { questionIds, ratingLabels } from '../../src/shared/ratings/questions';
import { type StudyResults, tableFormats } from '../../src/shared/ratings/results';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { downloaded, open } from './support/pages';
import { cli } from './support/process';
import { agreeByKeyboard, press, rateUntil } from './support/rater';
import { useStudio } from './support/studio';
import { asResearcher, type Config, invite, openStudy } from './support/study';

const studio = useStudio({ from: 'reference' });

type Tables = Pick<StudyResults, 'tables' | 'agreement' | 'correlation' | 'counted' | 'leftOut'>;

const titles = {
  'visual-coherence': 'Table I: Visual coherence',
  'edge-differentiation': 'Table II: Edge differentiation',
} as const;
const shown = (value: number | null, digits: number): string =>
  value === null
    ? '–'
    : value
        .toFixed(digits)
        .replace(/^-(?=0\.0*$)/, '')
        .replace('-', '−');
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** The tables as the command line gives them, beside the open app. */
async function tablesOf(study: string, ...filters: string[]): Promise<Tables> {
  return (await cli(
    studio.data,
    'tables',
    '--study',
    study,
    '--format',
    'json',
    ...filters,
  )) as Tables;
}

async function openResults(page: Page, name: string): Promise<void> {
  await open(page, studio.url, '/results');
  await page.getByRole('main').getByRole('link', { name, exact: true }).click();
}

const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

/** Every cell on the page says what the tables say. */
async function expectCells(page: Page, { tables }: Tables): Promise<void> {
  for (const cell of tables) {
    const place = page
      .getByRole('region', { name: titles[cell.question as keyof typeof titles], exact: true })
      .locator(`tr[data-method="${cell.method}"] td[data-dataset="${cell.dataset}"]`);
    const text = flat(await place.innerText());
    if (cell.n === 0) {
      expect(text).toBe('not rated');
      continue;
    }
    const what = `${cell.question}, ${cell.method} on ${cell.dataset}`;
    expect(text, what).toContain(
      `${cell.label ?? ''} ${shown(cell.mean, 2)} [${shown(cell.low, 2)}, ${shown(cell.high, 2)}] n ${cell.n}, α ${shown(cell.alpha, 2)}`,
    );
    if (cell.paper === null) continue;
    const beside = flat(await place.locator('xpath=following-sibling::td[1]').innerText());
    const steps =
      (cell.median ?? 0) - (ratingLabels.findIndex((label) => label === cell.paper) + 1);
    expect(beside, what).toMatch(new RegExp(`^${cell.paper}`));
    if (steps === 0) expect(beside, what).toBe(cell.paper);
    else expect(beside, what).toContain(`${steps > 0 ? '▲' : '▼'} ${Math.abs(steps)}`);
  }
}

async function expectAgreement(page: Page, { agreement }: Tables): Promise<void> {
  for (const { question, dataset, statistic, value, raters } of agreement) {
    if (raters !== null) continue;
    const row = page.locator(`tr[data-question="${question}"][data-dataset="${dataset}"]`);
    if (statistic === 'krippendorff-alpha-ordinal')
      await expect(row).toContainText(shown(value, 3));
    if (statistic === 'percent-agreement') {
      await expect(row).toContainText(value === null ? '–' : `${(100 * value).toFixed(1)}%`);
    }
  }
}

test('ratings from elsewhere: imported in the view, the numbers are those of the command line', async ({
  page,
}) => {
  const header = 'study,dataset,image,method,question,rater,label';
  const methods = ['smoothgrad', 'grad-x-input', 'our-own-method'];
  const rows: string[] = [];
  ['r1', 'r2', 'r3'].forEach((rater, r) => {
    ['mnist', 'cifar10'].forEach((dataset, d) => {
      methods.forEach((method, m) => {
        for (let image = 0; image < 4; image += 1) {
          questionIds.forEach((question, q) => {
            const score = 1 + ((r * 2 + d * 3 + m * 4 + image * (1 + q) + q) % 5);
            const label = ratingLabels[score - 1] ?? '';
            rows.push(`From elsewhere,${dataset},${image},${method},${question},${rater},${label}`);
          });
        }
      });
    });
  });
  const csv = (lines: readonly string[]) => Buffer.from(`${[header, ...lines].join('\n')}\n`);
  const choose = (name: string, lines: readonly string[]) =>
    page.getByLabel('CSV file').setInputFiles({ name, mimeType: 'text/csv', buffer: csv(lines) });

  await open(page, studio.url, '/results');
  await expect(page.getByText('No results yet')).toBeVisible();
  await expectAccessible(page, 'no results');
  await page.getByRole('button', { name: 'Import ratings or a study' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import' });
  const start = dialog.getByRole('button', { name: 'Import', exact: true });
  // A bad file is refused as a whole, with the line and the value.
  await choose('bad.csv', [...rows.slice(0, 3), rows[3]?.replace(/[^,]+$/, 'Splendid') ?? '']);
  await start.click();
  await expect(dialog.getByRole('alert')).toContainText('Splendid');
  await choose('good.csv', rows);
  await start.click();
  await expect(dialog).toContainText(`${rows.length} rows read: ${rows.length} added`);
  await choose('good.csv', rows);
  await start.click();
  await expect(dialog).toContainText(`0 added, ${rows.length} there already`);
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(dialog).toBeHidden();

  await page.getByRole('main').getByRole('link', { name: 'From elsewhere', exact: true }).click();
  await expect(page.getByText(`${rows.length} ratings count`)).toBeVisible();
  await page.getByText('Numbers in the cells').click();
  const tables = await tablesOf('From elsewhere');
  expect(tables.tables).toHaveLength(2 * 2 * 3);
  await expectCells(page, tables);
  await expect(page.getByText('these ratings were made elsewhere')).toBeVisible();
  // The paper has a third dataset: its column stands there for the paper alone.
  const first = page.getByRole('region', { name: titles['visual-coherence'], exact: true });
  await expect(first.getByRole('columnheader', { name: 'Tiny ImageNet' })).toBeVisible();
  await expectAccessible(page, 'tables of two datasets with their numbers');

  await tab(page, 'Agreement');
  await expectAgreement(page, tables);
  await expectAccessible(page, 'agreement');
  await tab(page, 'Human against ROAR');
  await page.getByText('Coherence against edges').click();
  for (const { against, dataset, statistic, value } of tables.correlation) {
    if (against !== 'edge-differentiation' || statistic !== 'spearman') continue;
    const row = page
      .getByRole('region', { name: 'Coefficients of this study' })
      .locator(`tr[data-dataset="${dataset}"]`);
    await expect(row).toContainText(shown(value, 4));
  }
  const paper = page.getByRole('region', { name: 'Coefficients of the paper’s tables' });
  for (const figure of ['0.7456', '0.5845', '0.8710', '0.7226', '0.6390']) {
    await expect(paper).toContainText(figure);
  }
  // A scatter is read by its points, one key each, and as a table.
  const scatter = page.getByRole('img', { name: /^MNIST: Mean visual coherence/ });
  await scatter.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('status').filter({ hasText: 'Mean visual coherence' })).toHaveText(
    /^\S.*: Mean visual coherence \d\.\d{3}/,
  );
  await page.getByText('The points as a table').click();
  await expect(page.getByRole('region', { name: 'Points: MNIST' }).locator('tbody tr')).toHaveCount(
    3,
  );
  await expectAccessible(page, 'two scatters with their points');

  // Filters say what they leave out, and give what the command line gives.
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('checkbox', { name: 'r3' }).uncheck();
  await expect(page.getByText('48 ratings left out: Raters who were not chosen')).toBeVisible();
  await tab(page, 'Tables beside ROAR');
  await expectCells(page, await tablesOf('From elsewhere', '--raters', 'r1,r2'));
  await page.getByText('Without the filters', { exact: true }).click();
  await expect(first.getByRole('columnheader', { name: 'Unfiltered' })).toHaveCount(2);
  await expectAccessible(page, 'filtered tables beside those without filters');
});

/** A study on the small run's model that names the run. */
async function besideRun(name: string, trials: number, over: Partial<Config>): Promise<string> {
  const [model, run] = await asResearcher(studio, async (api) => [
    (await api.call('models.list', {})).find(({ removal }) => removal.level === 0)?.id ?? '',
    (await api.call('roar.list', {}))[0]?.id ?? null,
  ]);
  return openStudy(
    studio,
    name,
    { trials, practice: 0, breakEvery: 0 },
    {
      datasets: [
        { dataset: 'mnist', model: model ?? '', images: { kind: 'sampled', count: 2 }, run },
      ],
      ...over,
    },
  );
}

test('a study of one’s own: hidden while open, then both tables beside the ROAR chart', async ({
  page,
  browser,
}) => {
  const study = await besideRun('Beside the run', 20, {});
  for (const { url } of await invite(studio, study, ['ann', 'ben'])) {
    const context = await browser.newContext();
    const rating = await context.newPage();
    await rating.goto(url);
    await agreeByKeyboard(rating);
    await press(rating, 'Enter');
    expect(await rateUntil(rating, /^thanks/)).toBe('thanks');
    await context.close();
  }

  await openResults(page, 'Beside the run');
  await expect(page.getByText('Hidden while raters rate')).toBeVisible();
  await expect(page.locator('.ratings table')).toHaveCount(0);
  await expectAccessible(page, 'hidden results');
  await page.getByRole('button', { name: 'Show anyway' }).click();
  const question = page.getByRole('dialog', { name: 'Show the results of an open study?' });
  await expect(question).toContainText('kept in the study’s log');
  await question.getByRole('button', { name: 'Keep them hidden' }).click();
  await expect(page.getByText('Hidden while raters rate')).toBeVisible();
  await page.getByRole('button', { name: 'Show anyway' }).click();
  await question.getByRole('button', { name: 'Show them' }).click();
  await expect(page.getByText('80 ratings count')).toBeVisible();
  await expect(page.getByText('Looked at before it was closed')).toBeVisible();
  await asResearcher(studio, (api) => api.call('studies.close', { study }));

  // Tables and chart are in sight together.
  const tables = await tablesOf(study);
  await expect(page.locator('.ratings table')).toHaveCount(2);
  const chart = page.getByRole('img', { name: /^Individual methods: mean softmax score/ });
  await expect(chart).toBeInViewport();
  await expect(
    page.getByRole('region', { name: titles['visual-coherence'], exact: true }),
  ).toBeInViewport();
  await expect(page.getByRole('link', { name: 'The reference' })).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('tables beside roar.png') });
  await expectAccessible(page, 'tables beside a ROAR chart');

  // By keyboard alone: one stop for the table, arrows inside it, the figures beside the cell.
  const cells = page
    .getByRole('region', { name: titles['visual-coherence'], exact: true })
    .getByRole('button');
  await cells.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(cells.nth(1)).toBeFocused();
  const tip = page.locator('.tip');
  const second = tables.tables.find(
    ({ question: asked, method }) => asked === 'visual-coherence' && method === 'grad-x-input',
  );
  await expect(tip).toContainText('Grad × Input');
  await expect(tip).toContainText(shown(second?.mean ?? null, 2));
  const bars = await tip.locator('.bars .number:not(.faint)').allInnerTexts();
  expect(bars.map(Number)).toEqual(second?.distribution);
  await page.keyboard.press('Escape');
  await expect(tip).toHaveCount(0);
  await page.getByText('Numbers in the cells').click();
  await expectCells(page, tables);

  await tab(page, 'Human against ROAR');
  const roar = tables.correlation.find(
    ({ question: asked, against, dataset, statistic }) =>
      asked === 'visual-coherence' &&
      against === 'roar-advantage' &&
      dataset === 'mnist' &&
      statistic === 'spearman',
  );
  const coefficients = page.getByRole('region', { name: 'Coefficients of this study' });
  await expect(coefficients).toContainText(shown(roar?.value ?? null, 4));
  await expect(
    page.getByRole('img', { name: /^MNIST: Mean visual coherence against ROAR/ }),
  ).toBeVisible();
  await expectAccessible(page, 'human against ROAR');
  await tab(page, 'Raters');
  await expect(page.locator('tr[data-rater="ann"]')).toContainText('40');
  await expectAccessible(page, 'raters');

  // Every export, and the tables among them are those on the page.
  for (const format of [...tableFormats, 'ratings', 'archive']) {
    const { bytes } = await downloaded(page, async () => {
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: new RegExp(`^${format}\\b`) }).click();
    });
    expect(bytes.length, format).toBeGreaterThan(100);
    if (format === 'json') {
      expect((JSON.parse(bytes.toString()) as Tables).tables).toEqual(tables.tables);
    }
    if (format === 'ratings') expect(bytes.toString().trim().split('\n')).toHaveLength(81);
  }
});

test('a run with other maps is refused beside the tables, with the reason', async ({ page }) => {
  const study = await besideRun('Other maps', 10, { parameters: { n: 3, steps: 2 } });
  await asResearcher(studio, async (api) => {
    await api.call('studies.close', { study });
    const lines = ['smoothgrad', 'grad-x-input'].flatMap((method) =>
      questionIds.map((question) => `Other maps,mnist,0,${method},${question},solo,High`),
    );
    const csv = ['study,dataset,image,method,question,rater,label', ...lines].join('\n');
    await api.call('ratings.import', await api.send('labels.csv', csv));
  });
  await openResults(page, 'Other maps');
  await expect(page.getByText('Not shown beside these ratings.')).toBeVisible();
  await expect(page.getByText(/n is 2 in the run and 3 in the study/)).toBeVisible();
  await tab(page, 'Human against ROAR');
  await expect(page.getByText('Nothing to draw')).toBeVisible();
  await tab(page, 'Agreement');
  await expect(
    page.getByText('Agreement needs two raters, and there is one.').first(),
  ).toBeVisible();
  await expectAccessible(page, 'one rater');
});
