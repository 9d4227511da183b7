import { builtInMethods } from '../../src/shared/catalogue/methods';
import { crawl, type Crawl, hits, looksLike, pattern } from './support/crawl';
import { expect, test } from './support/fixtures';
import { agreeByKeyboard, keyFor, press, until } from './support/rater';
import { useStudio } from './support/studio';
import { asResearcher, invite, openStudy } from './support/study';

const studio = useStudio({ from: 'reference' });

/** Ids, names and compositions. */
const ofMethods = builtInMethods.flatMap(({ id, name, composition }) => [id, name, composition]);
const secrets = (more: readonly string[] = []): readonly RegExp[] =>
  [...new Set([...ofMethods, ...more])].map(pattern);

test('nothing that reaches two raters’ browsers names a method, and no id comes twice', async ({
  browser,
}) => {
  const composed = 'smooth(times-input(guided))';
  const { id: own, name } = await asResearcher(studio, (api) =>
    api.call('methods.compose', { name: 'My own mixture', composition: composed }),
  );
  const methods = [...builtInMethods.map(({ id }) => id), own];
  const study = await openStudy(
    studio,
    'Blind',
    { trials: 24, practice: 2, breakEvery: 10, instructedChecks: 1, flatChecks: 1 },
    { methods },
  );
  const { hash } = await asResearcher(studio, (api) => api.call('studies.get', { study }));
  const raters = await invite(studio, study, ['B1', 'B2']);
  const crawls: Crawl[] = [];
  await Promise.all(
    raters.map(async ({ url }) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      const seen = crawl(page);
      crawls.push(seen);
      await page.goto(url);
      await until(page, /^background/);
      await seen.snapshot();
      for (let now = await agreeByKeyboard(page); now !== 'thanks';) {
        const at = /^trial (\d+)\.(\d)$/.exec(now);
        await seen.snapshot();
        now = await press(page, at ? keyFor(Number(at[1]), Number(at[2])) : 'Enter');
      }
      await seen.snapshot();
      // Whatever an annotator tries by hand is no way to the app.
      for (const path of ['/index.html', '/studies', '/assets/', '/#/results']) {
        await page.goto(new URL(path, url).href).catch(() => null);
        await seen.snapshot();
      }
      await seen.settled();
      await context.close();
    }),
  );
  const wanted = secrets([own, name, composed, study, hash ?? '']);
  const [first, second] = crawls;
  if (!first || !second) throw new Error('There are two crawls.');
  for (const seen of crawls) {
    expect(seen.pieces.filter(({ where }) => where === 'a frame').length).toBeGreaterThan(100);
    expect(
      seen.pieces.filter(({ where }) => /^body of .*\.js$/.test(where)).length,
    ).toBeGreaterThan(1);
    expect(seen.ids.size).toBeGreaterThan(50);
    expect(hits(seen, wanted)).toEqual([]);
    // Images and maps of all methods come in frames that nothing tells apart but their pixels.
    expect(seen.packed.length).toBeGreaterThan(50);
    expect([...new Set(seen.packed.map(looksLike))]).toHaveLength(1);
  }
  expect([...first.ids].filter((id) => second.ids.has(id))).toEqual([]);
  const pieces = first.pieces.length + second.pieces.length;
  const ids = first.ids.size + second.ids.size;
  console.log(
    `blindness: 0 hits of ${wanted.length} texts in ${pieces} pieces; ${ids} ids, all different`,
  );
});

test('the crawl itself finds what there is to be found: the researcher’s page has it all', async ({
  page,
}) => {
  const seen = crawl(page);
  await page.goto(studio.url);
  await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible();
  await page.goto(`${new URL(studio.url).origin}/#/maps`);
  await expect(page.getByRole('heading', { level: 1, name: 'Maps' })).toBeVisible();
  await seen.snapshot();
  await seen.settled();
  for (const { name, composition } of builtInMethods) {
    expect(hits(seen, [pattern(name)]), name).not.toEqual([]);
    expect(hits(seen, [pattern(composition)]), composition).not.toEqual([]);
  }
});
