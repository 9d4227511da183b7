// @ts-check
/* global window -- inside the page */
/**
 * Photographs every view of an existing data directory, light and dark, at 1280x800 and 1920x1080:
 * OUT/VIEW-THEME.png and OUT/VIEW-THEME-wide.png. Run it on the bundled Node after a set-up. The
 * screens of a rating session are screenshots-rating.mjs' matter.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { SIZES, THEMES, settled, startStudio } from './screenshots/shell.mjs';
import { ensureBrowser } from './setup/browser.mjs';
import { createContext } from './setup/context.mjs';

const HELP = `node scripts/screenshots.mjs --data DIR --out DIR [options]

  --data DIR     data directory with a model and a finished ROAR run
  --out DIR      where the pictures go
  --run NAME     the run to show (default: the newest finished one)
  --images LIST  validation images of the maps (default: 0,1,2,3)
  --views LIST   of overview, datasets, models, maps, new-run, roar, paper (a reproduction to
                 start), studies, study (the newest), new-study, results; of the newest
                 experiment: figures, accuracies, claims, sheet; of the newest study whose results
                 are shown: tables, correlation, agreement, raters; machines (default: all)`;

/** Parts of an experiment, by the names of their tabs. */
const EXPERIMENT_PARTS = {
  figures: 'Figures',
  accuracies: 'Accuracies',
  claims: 'The paper’s claims',
};
/** Parts of a study's results, by the names of their tabs. */
const RESULT_PARTS = {
  tables: 'Tables beside ROAR',
  correlation: 'Human against ROAR',
  agreement: 'Agreement',
  raters: 'Raters',
};
const VIEWS = [
  ...['overview', 'datasets', 'models', 'maps', 'new-run', 'roar', 'paper'],
  ...[...Object.keys(EXPERIMENT_PARTS), 'sheet'],
  ...['studies', 'study', 'new-study', 'results', ...Object.keys(RESULT_PARTS), 'machines'],
];
/** Ten models' maps by all methods take a while on the first visit; later ones find them made. */
const PATIENCE_MS = 300_000;
/** How a forecast begins: 'About 5 min', 'About < 1 s'. */
const FORECAST = /^About (< )?\d/;

/** @typedef {import('@playwright/test').Page} Page */

function readOptions() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      out: { type: 'string' },
      run: { type: 'string' },
      images: { type: 'string', default: '0,1,2,3' },
      views: { type: 'string', default: VIEWS.join(',') },
      help: { type: 'boolean', default: false },
    },
  });
  const views = values.views.split(',');
  const unknown = views.find((view) => !VIEWS.includes(view));
  if (unknown !== undefined) throw new Error(`--views: there is no view ${unknown}\n\n${HELP}`);
  const { data, out } = values;
  if (values.help || data === undefined || out === undefined) return null;
  return { ...values, data: resolve(data), out: resolve(out), views };
}

/**
 * Goes to a view and waits until all that it shows is there.
 * @type {Record<string, (page: Page, wanted: {run: string | undefined, images: string}) => Promise<void>>}
 */
const visits = {
  async overview(page) {
    await goTo(page, '#/');
    await page.getByRole('region', { name: 'Engine and device' }).waitFor();
  },
  async datasets(page) {
    await goTo(page, '#/datasets');
    await page.locator('main canvas').first().waitFor();
  },
  async models(page) {
    await goTo(page, '#/models');
    await page.locator('main canvas').first().waitFor();
  },
  async maps(page, { images }) {
    await goTo(page, `#/maps?images=${images}`);
    // While maps are on their way there is a button that stops them.
    await page.locator('figure[data-method] canvas').first().waitFor({ timeout: PATIENCE_MS });
    const stop = page.locator('[data-test="maps-stop"]');
    await stop.waitFor({ state: 'detached', timeout: PATIENCE_MS });
  },
  async 'new-run'(page) {
    await goTo(page, '#/roar');
    const runs = page.getByRole('navigation', { name: 'ROAR runs' });
    await runs.getByRole('link', { name: /^New run/ }).click();
    await page.getByText(FORECAST).waitFor({ timeout: PATIENCE_MS });
  },
  async roar(page, { run }) {
    await goTo(page, '#/roar');
    const runs = page.getByRole('navigation', { name: 'ROAR runs' });
    const named = runs.getByText(run ?? 'done', { exact: true });
    await named.first().click();
    await page.getByRole('img', { name: /^Individual methods/ }).waitFor();
    await page.mouse.move(0, 0);
  },
  async paper(page) {
    await goTo(page, '#/paper');
    await page.getByText(FORECAST).waitFor({ timeout: PATIENCE_MS });
  },
  ...Object.fromEntries(
    Object.entries(EXPERIMENT_PARTS).map(([part, title]) => [
      part,
      /** @param {Page} page */
      async (page) => {
        if (!(await openExperiment(page))) return;
        await page.getByRole('tab', { name: title }).click({ timeout: PATIENCE_MS });
        await page.mouse.move(0, 0);
      },
    ]),
  ),
  async sheet(page) {
    if (!(await openExperiment(page))) return;
    await page.getByRole('link', { name: 'Maps by method' }).click();
    await page.locator('main table img').first().waitFor({ timeout: PATIENCE_MS });
    await page.waitForLoadState('networkidle');
  },
  async studies(page) {
    await goTo(page, '#/studies');
    await page.getByText('No studies yet').or(studyLinks(page)).first().waitFor();
  },
  async study(page) {
    await visits['studies']?.(page, { run: undefined, images: '' });
    // Where there is none, the picture is of the empty list.
    if ((await studyLinks(page).count()) === 0) return;
    await studyLinks(page).first().click();
    await page.getByRole('heading', { name: 'Raters' }).waitFor();
  },
  async 'new-study'(page) {
    await goTo(page, '#/studies/new');
    const preview = page.getByRole('complementary', { name: 'Preview' });
    await preview
      .getByText(/labels/)
      .first()
      .waitFor();
    await page.locator('main canvas').first().waitFor();
  },
  async machines(page) {
    await goTo(page, '#/settings/machines');
    await page.getByRole('heading', { level: 1, name: 'Machines' }).waitFor();
    await page.locator('main h2').first().waitFor();
  },
  async results(page) {
    await goTo(page, '#/results');
    await page.getByText('No results yet').or(resultRows(page)).first().waitFor();
  },
  ...Object.fromEntries(
    Object.entries(RESULT_PARTS).map(([part, title]) => [
      part,
      /** @param {Page} page */
      async (page) => {
        await visits['results']?.(page, { run: undefined, images: '' });
        const cell = page.getByRole('cell', { name: /^shown/ });
        const seen = resultRows(page).filter({ has: cell });
        // Where nothing is shown, the picture is of the list.
        if ((await seen.count()) === 0) return;
        await seen.first().getByRole('link').click();
        await page.getByRole('tab', { name: title }).click({ timeout: PATIENCE_MS });
        await page.mouse.move(0, 0);
      },
    ]),
  ),
};

/** @param {Page} page */
const resultRows = (page) =>
  page.getByRole('region', { name: 'Studies and their results' }).locator('tbody tr');

/** @param {Page} page */
const studyLinks = (page) =>
  page.getByRole('region', { name: 'All studies' }).locator('a[href*="#/studies/"]');

/** The newest experiment; where there is none, the picture is of a new one. @param {Page} page */
async function openExperiment(page) {
  await goTo(page, '#/paper');
  const list = page.getByRole('navigation', { name: 'Experiments' });
  await list.getByRole('link', { name: /^New experiment/ }).waitFor();
  const entries = list.getByRole('link');
  if ((await entries.count()) < 2) return false;
  await entries.nth(1).click();
  return true;
}

/** @param {Page} page @param {string} hash */
async function goTo(page, hash) {
  await page.evaluate((next) => window.location.assign(next), hash);
  const title = page.getByRole('heading', { level: 1 });
  await title.waitFor();
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function photograph({ data, out, views, run, images }) {
  const context = createContext();
  const executablePath = await ensureBrowser(context);
  mkdirSync(out, { recursive: true });
  const studio = await startStudio(context.root, data);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const colorScheme of THEMES) {
      for (const { suffix, ...viewport } of SIZES) {
        const page = await browser.newPage({ colorScheme, viewport });
        page.on('pageerror', (error) => console.error(error));
        await page.goto(studio.url);
        await page.getByText(/TensorFlow on|Engine not available/).waitFor();
        for (const view of views) {
          await visits[view]?.(page, { run, images });
          await settled(page);
          const path = join(out, `${view}-${colorScheme}${suffix}.png`);
          await page.screenshot({ path });
          console.log(path);
        }
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await studio.stop();
  }
}

const options = readOptions();
if (options === null) console.log(HELP);
else await photograph(options);
