import { clutter, trust } from '../fixtures/questions';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { open, pixelsOf } from './support/pages';
import {
  agreeByKeyboard,
  keyFor,
  moving,
  press,
  pressPrinting,
  rateUntil,
  standing,
  storedEvents,
  tabTo,
  unevenPixels,
  until,
} from './support/rater';
import { useOtherSite } from './support/other-site';
import { useStudio } from './support/studio';
import { asResearcher, invite, openStudy } from './support/study';

const studio = useStudio({ from: 'reference' });
const mail = useOtherSite();

test('a whole session by keyboard alone, from the code to the thanks, with a reload', async ({
  page,
}) => {
  const study = await openStudy(
    studio,
    'By keyboard',
    { trials: 8, practice: 2, breakEvery: 4, instructedChecks: 1 },
    { background: [{ id: 'work', text: 'What do you work with?', options: [] }] },
  );
  await page.goto(studio.url);
  await asResearcher(studio, (api) =>
    api.call('annotator.begin', { study, passphrase: 'open sesame' }),
  );
  // The page that is open follows by itself.
  await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  await expect(page).toHaveTitle('Rating maps');
  await tabTo(page, /^I have none/);
  await press(page, 'Enter');
  const code = (await page.locator('.made').innerText()).trim();
  await press(page, 'Enter');
  await tabTo(page, /^What do you work with/);
  await page.keyboard.type('plants 1 2 3 ?');
  await page.keyboard.press('Shift+Tab');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await agreeByKeyboard(page)).toBe('practice-begins');
  expect(await press(page, 'Enter')).toBe('trial 0.0');
  const said = page.getByRole('status');
  await expect(said).toContainText(/^Practice 1 of 2\. /);
  // The key of label 4 on a French keyboard.
  expect(await moving(page, () => pressPrinting(page, "'", 'Digit4'))).toBe('trial 0.1');
  await expect(said).toContainText(/^High recorded\. Practice 1 of 2\. /);
  expect(await press(page, '2')).toBe('trial 0.1 explained');
  expect(await rateUntil(page, /^trials-begin/)).toBe('trials-begin');
  expect(await press(page, 'Enter')).toBe('trial 2.0');

  // In the middle of a map: the second question is asked again, of the same pictures.
  await rateUntil(page, /^trial 4\.1/);
  const pictures = page.locator('canvas');
  const before = await Promise.all([pixelsOf(pictures.nth(0)), pixelsOf(pictures.nth(1))]);
  for (const i of [0, 1]) expect(await unevenPixels(page, pictures.nth(i))).toBe(0);
  await page.reload();
  await until(page, /^trial 4\.1$/);
  expect(await pixelsOf(pictures.nth(0))).toEqual(before[0]);
  expect(await pixelsOf(pictures.nth(1))).toEqual(before[1]);

  // Backspace looks at the question before; another label is a change, the arrow keeps one.
  expect(await press(page, 'Backspace')).toBe('trial 4.0');
  expect(await press(page, 'Backspace')).toBe('trial 3.1');
  expect(await press(page, 'ArrowRight')).toBe('trial 4.1');
  expect(await press(page, 'Backspace')).toBe('trial 4.0');
  expect(await press(page, '5')).toBe('trial 4.1');

  // Zoom, overlay and help have keys.
  const image = page.locator('canvas').first();
  const size = async () => (await image.boundingBox())?.width ?? 0;
  const fitted = await size();
  await page.keyboard.press('+');
  await expect.poll(size).toBeGreaterThan(fitted);
  await page.keyboard.press('0');
  await expect.poll(size).toBe(fitted);
  await page.keyboard.press('o');
  await expect(page.getByRole('img', { name: 'The map over the image' })).toBeVisible();
  await page.keyboard.press('o');
  await expect(page.getByRole('img', { name: 'The map over the image' })).toHaveCount(0);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Help' });
  await expect(help).toBeVisible();
  await page.keyboard.press('3');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  expect(await standing(page)).toBe('trial 4.1');

  expect(await rateUntil(page, /^break/)).toBe('break');
  await expect(page.getByText(/trials? to go/)).toBeVisible();
  expect(await rateUntil(page, /^thanks/)).toBe('thanks');
  const events = storedEvents(studio, code);
  const last = new Map(events.map((event) => [`${event.trial} ${event.question}`, event.score]));
  expect(last.size).toBe(2 * 11);
  expect(events.filter(({ action }) => action === 'change')).toHaveLength(1);
  const looked = events.find(({ trial, zoom_changes }) => trial === '4' && zoom_changes > 0);
  expect(looked).toMatchObject({ zoom_changes: 2, overlay_uses: 1, input: 'keyboard' });
  expect(events.every(({ screen_width }) => screen_width > 0)).toBe(true);

  // The researcher alone ends the mode, and gets the app back.
  await tabTo(page, /^End annotator mode/);
  await page.keyboard.press('Enter');
  await page.keyboard.type('guess');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'not the passphrase' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('open sesame');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible();
});

test('by touch on a narrow screen, with every pixel equally large', async ({ browser }) => {
  const study = await openStudy(studio, 'By touch', { trials: 3, practice: 0, breakEvery: 0 });
  const [rater] = await invite(studio, study, ['T1']);
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  });
  const page = await context.newPage();
  await page.goto(rater?.url ?? '');
  const tap = (name: string | RegExp) =>
    moving(page, () => page.getByRole('button', { name }).tap());
  await until(page, /^background/);
  await page.getByText('Yes, with the names').tap();
  await tap('Continue');
  await tap('I have read this');
  await tap('I do not agree');
  expect(await tap('Read it again')).toBe('consent');
  await tap(/^I agree/);
  expect(await tap('Start')).toBe('trial 0.0');

  const canvases = page.locator('canvas');
  const [image, map] = await Promise.all([
    canvases.nth(0).boundingBox(),
    canvases.nth(1).boundingBox(),
  ]);
  expect(image?.width).toBe(map?.width);
  expect(image?.y).toBe(map?.y);
  const perPixel = ((image?.width ?? 0) * 2) / 28;
  expect(perPixel).toBe(Math.round(perPixel));
  expect((map?.x ?? 0) + (map?.width ?? 0)).toBeLessThanOrEqual(390);
  for (const button of await page.locator('.labels button').all()) {
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  // Enlarged, both pictures move together.
  await page.getByRole('button', { name: 'Zoom in' }).tap();
  await page.getByRole('button', { name: 'Zoom in' }).tap();
  const frames = page.locator('.frame.larger');
  await expect(frames).toHaveCount(2);
  await frames.nth(0).evaluate((frame) => frame.scrollTo(7, 11));
  await expect
    .poll(() => frames.nth(1).evaluate(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop]))
    .toEqual([7, 11]);
  await page.getByRole('button', { name: 'Fit' }).tap();

  await tap(/^Low$/);
  await tap('Very High');
  await tap(/Back/);
  await tap(/^Medium/);
  for (const name of [/^Low$/, /^High$/, 'Very Low', 'Medium']) await tap(name);
  expect(await standing(page)).toBe('thanks');
  const events = storedEvents(studio, 'T1');
  expect(events.map(({ score }) => score)).toEqual([2, 5, 3, 2, 4, 1, 3]);
  expect(new Set(events.map(({ input }) => input))).toEqual(new Set(['touch']));

  await page.getByRole('button', { name: 'Withdraw consent' }).tap();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw consent' }).tap();
  await until(page, /^withdrawn/);
  await context.close();
});

test('questions of three and of nine labels, from the form to their tables', async ({
  page: desk,
  browser,
}) => {
  const name = 'Own questions';
  await open(desk, studio.url, '/studies');
  await desk.getByRole('button', { name: 'New study' }).click();
  const field = (label: string) => desk.getByRole('textbox', { name: label, exact: true });
  await field('Name of the study').fill(name);
  await field('How many images').fill('2');
  const steps = desk.getByRole('navigation', { name: 'Steps' });
  await steps.getByRole('button', { name: 'Questions and texts' }).click();
  for (const question of [trust, clutter]) {
    await desk.getByRole('button', { name: 'Add a rating question' }).click();
    await field('Title').last().fill(question.title);
    await field('Question').last().fill(question.text);
    await field('Labels').last().fill(question.labels.join('\n'));
    await field('Help').last().fill(question.help);
  }
  await field('Id').last().fill(clutter.id);
  await expect(field('Id').first()).toHaveValue(trust.id);
  await expect(field('Instructions')).toHaveValue(/answer four questions with a label each/);
  await expectAccessible(desk, 'four questions in the form');
  await desk.getByRole('button', { name: 'Leave out Edge differentiation (Table II)' }).click();
  await desk.getByRole('button', { name: 'Ask Trust earlier' }).click();
  await steps.getByRole('button', { name: 'Design' }).click();
  await field('Trials of a rater').fill('2');
  await field('Practice trials').fill('0');
  await expect(desk.getByRole('complementary', { name: 'Preview' })).toContainText(
    '2 trials, 6 labels',
  );
  await desk.getByLabel('Which question is asked first').selectOption('Fixed');
  await steps.getByRole('button', { name: 'Review' }).click();
  await expect(desk.getByText('(No / Partly / Yes)')).toBeVisible();
  await desk.getByRole('button', { name: 'Create and prepare maps' }).click();
  await expect(desk.getByRole('heading', { name: 'Open for rating' })).toBeVisible({
    timeout: 120_000,
  });

  const [study] = await asResearcher(studio, (api) => api.call('studies.list', {}));
  if (study?.name !== name) throw new Error('The study is not there.');
  const [rater] = await invite(studio, study.id, ['Q1']);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(rater?.url ?? '');
  await agreeByKeyboard(page);
  expect(await press(page, 'Enter')).toBe('trial 0.0');
  const labels = page.locator('.labels button');
  await expect(labels).toHaveText(trust.labels.map((label, i) => `${i + 1}${label}`));
  await expect(page.getByText('question 1 of 3').first()).toBeVisible();
  await page.keyboard.press('4');
  expect(await standing(page)).toBe('trial 0.0');
  expect(await press(page, '3')).toBe('trial 0.1');
  await expect(labels).toHaveCount(5);
  expect(await press(page, '5')).toBe('trial 0.2');
  await expect(labels).toHaveText(clutter.labels.map((label, i) => `${i + 1}${label}`));
  await expectAccessible(page, 'nine labels');
  // On a narrow screen nine labels take several rows, large enough for a finger.
  await page.setViewportSize({ width: 390, height: 844 });
  for (const button of await labels.all()) {
    const box = await button.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect(box?.width).toBeGreaterThanOrEqual(80);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  expect(await press(page, '9')).toBe('trial 1.0');
  expect(await moving(page, () => page.getByRole('button', { name: 'Partly' }).click())).toBe(
    'trial 1.1',
  );
  await press(page, '1');
  expect(await press(page, '7')).toBe('thanks');
  expect(storedEvents(studio, 'Q1').map(({ question, score }) => [question, score])).toEqual([
    ['trust', 3],
    ['visual-coherence', 5],
    ['clutter-9', 9],
    ['trust', 2],
    ['visual-coherence', 1],
    ['clutter-9', 7],
  ]);
  await context.close();

  await asResearcher(studio, (api) => api.call('studies.close', { study: study.id }));
  await open(desk, studio.url, `/results/${study.id}`);
  const tables = desk.getByRole('main').locator('section.panel h2');
  await expect(tables.first()).toHaveText('Trust');
  await expect(
    desk.getByRole('region', { name: 'Table I: Visual coherence', exact: true }),
  ).toBeVisible();
  const own = desk.getByRole('region', { name: clutter.title, exact: true });
  await expect(own).toContainText('++');
  await expect(own).toContainText('Most');
  await expect(desk.getByText('Table II')).toHaveCount(0);
  await expectAccessible(desk, 'tables of other questions');
  await desk.getByRole('tab', { name: 'Human against ROAR' }).click();
  await expect(desk.getByText('Clutter & noise against ROAR')).toBeVisible();
  await expect(desk.getByText('Coherence against edges')).toHaveCount(0);
  await desk.getByRole('tab', { name: 'Agreement' }).click();
  await expect(desk.getByRole('rowheader', { name: 'Trust' }).first()).toBeVisible();
  await expectAccessible(desk, 'agreement on other questions');
});

test('axe finds nothing on any screen, light and dark', async ({ page }) => {
  const study = await openStudy(
    studio,
    'For axe',
    { trials: 4, practice: 1, breakEvery: 2 },
    { background: [{ id: 'work', text: 'What do you work with?', options: ['Plants', 'Stone'] }] },
  );
  await page.goto(studio.url);
  await asResearcher(studio, (api) =>
    api.call('annotator.begin', { study, passphrase: 'open sesame' }),
  );
  // The page that is open follows by itself.
  await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  await page.getByRole('textbox').fill('no name');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'do not use your name' })).toBeVisible();
  await expectAccessible(page, 'the code');
  await moving(page, () => page.getByRole('button', { name: 'I have none' }).click());
  await expectAccessible(page, 'a made code');
  await press(page, 'Enter');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expectAccessible(page, 'the questions about the rater');
  await page.getByText('No, or I do not know').click();
  await moving(page, () => page.getByRole('button', { name: 'Continue' }).click());
  await expectAccessible(page, 'the instructions');
  await press(page, 'Enter');
  await expectAccessible(page, 'the consent');
  await moving(page, () => page.getByRole('button', { name: 'I do not agree' }).click());
  await expectAccessible(page, 'no consent');
  await moving(page, () => page.getByRole('button', { name: 'Read it again' }).click());
  await moving(page, () => page.getByRole('button', { name: 'I agree' }).click());
  await expectAccessible(page, 'before practice');
  await press(page, 'Enter');
  await expectAccessible(page, 'practice');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await page.keyboard.press('o');
  await expectAccessible(page, 'practice, enlarged, with the overlay');
  await page.keyboard.press('0');
  await rateUntil(page, /explained$/);
  await expectAccessible(page, 'an explanation');
  await press(page, 'Enter');
  await expectAccessible(page, 'before the trials');
  await press(page, 'Enter');
  await expectAccessible(page, 'a trial');
  await rateUntil(page, /^break/);
  await expectAccessible(page, 'a break');
  await press(page, 'Backspace');
  await expectAccessible(page, 'a trial with its label');
  for (const name of ['Help', 'Withdraw consent', 'End annotator mode']) {
    await page.getByRole('contentinfo').getByRole('button', { name }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page, `the dialog ${name}`);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await rateUntil(page, /^thanks/);
  await expectAccessible(page, 'the thanks');
  await page.getByRole('contentinfo').getByRole('button', { name: 'Withdraw consent' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw consent' }).click();
  await until(page, /^withdrawn/);
  await expectAccessible(page, 'the withdrawal');
  await page.getByRole('button', { name: 'End annotator mode' }).click();
  await page.getByLabel('Passphrase').fill('open sesame');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible();
});

test('a rater’s link on another site opens the session, the first time and again', async ({
  browser,
}) => {
  const study = await openStudy(studio, 'By mail', { trials: 4, practice: 0 });
  const [rater] = await invite(studio, study, ['M1']);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(mail('localhost', rater?.url));
  await page.getByRole('link', { name: 'Your link' }).click();
  await agreeByKeyboard(page);
  await press(page, 'Enter');
  await press(page, keyFor(0, 0));
  const now = await standing(page);
  await page.goto(mail('localhost', rater?.url));
  await page.getByRole('link', { name: 'Your link' }).click();
  await until(page, new RegExp(`^${now.replace('.', '\\.')}$`));
  expect(storedEvents(studio, 'M1')).toHaveLength(1);
  await context.close();
});

test('a closed study and an ended link say so', async ({ browser }) => {
  const study = await openStudy(studio, 'Closed early', { trials: 4, practice: 0 });
  const [rater] = await invite(studio, study, ['C1']);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(rater?.url ?? '');
  await agreeByKeyboard(page);
  await press(page, 'Enter');
  await press(page, keyFor(0, 0));
  await asResearcher(studio, (api) => api.call('studies.close', { study }));
  await page.keyboard.press('3');
  await until(page, /^closed/);
  await expectAccessible(page, 'a closed study');
  expect(storedEvents(studio, 'C1')).toHaveLength(1);
  await context.close();
});

test.describe('kill -9', () => {
  test('between and during keystrokes loses nothing and doubles nothing', async ({ browser }) => {
    const study = await openStudy(studio, 'Killed', { trials: 14, practice: 0, breakEvery: 0 });
    const [rater] = await invite(studio, study, ['K1']);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(rater?.url ?? '');
    await agreeByKeyboard(page);
    await press(page, 'Enter');
    const port = Number(new URL(studio.url).port);
    const confirmed = new Map<string, string>();
    let kills = 0;
    for (let now = await standing(page); now !== 'thanks'; now = await standing(page)) {
      const [, position = '', question = ''] = /^trial (\d+)\.(\d)/.exec(now) ?? [];
      const key = keyFor(Number(position), Number(question));
      const turn = Number(position) * 2 + Number(question);
      if (turn % 5 === 2) {
        // With the key already pressed, or before it is: then the page keeps it.
        const early = turn % 2 === 0 ? page.keyboard.press(key) : null;
        await studio.kill();
        await early;
        kills += 1;
        if (!early && (await standing(page)) === now) {
          await expect(page.getByRole('alert').filter({ hasText: 'lost' })).toBeVisible();
          await page.keyboard.press(key);
          await expect(page.getByText('Your choice is kept here')).toBeVisible();
          expect(await standing(page)).toBe(now);
        }
        await studio.start(port);
        await until(page, new RegExp(`^(?!${now.replace('.', '\\.')}$)`));
      } else {
        await press(page, key);
      }
      confirmed.set(`${position}.${question}`, key);
    }
    expect(kills).toBeGreaterThanOrEqual(5);
    const events = storedEvents(studio, 'K1');
    expect(events).toHaveLength(28);
    expect(events.map(({ score }) => String(score))).toEqual([...confirmed.values()]);
    expect(new Set(events.map(({ trial, question }) => `${trial} ${question}`)).size).toBe(28);
    expect(events.every(({ action }) => action === 'rate')).toBe(true);
    await context.close();
  });
});
