import { expect, test } from './support/fixtures';
import {
  agreeByKeyboard,
  paintTimes,
  percentile,
  press,
  rateUntil,
  storedEvents,
} from './support/rater';
import { useStudio } from './support/studio';
import { invite, openStudy } from './support/study';

const studio = useStudio({ from: 'reference' });

const trials = 100;

test('a hundred trials end to end, and the time from a key to what it paints', async ({
  browser,
}) => {
  test.setTimeout(400_000);
  const design = { trials, practice: 0, breakEvery: 0 };
  const study = await openStudy(studio, 'A hundred', design, { images: 20 });
  const [rater] = await invite(studio, study, ['P1']);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(rater?.url ?? '');
  await agreeByKeyboard(page);
  await press(page, 'Enter');
  expect(await rateUntil(page, /^thanks/)).toBe('thanks');
  const times = await paintTimes(page);
  expect(times).toHaveLength(2 * trials - 1);
  const report = (values: readonly number[]) =>
    [0.5, 0.95, 0.99].map((share) => percentile(values, share).toFixed(1)).join(' / ');
  const painted = times.map((time) => time.painted);
  console.log(
    `${2 * trials - 1} presses, p50 / p95 / p99 in ms: to the next painted ${report(painted)}, of which to recorded ${report(times.map(({ recorded }) => recorded))}`,
  );
  const events = storedEvents(studio, 'P1');
  expect(events).toHaveLength(2 * trials);
  expect(events.every(({ response_ms }) => response_ms >= 0 && response_ms < 60_000)).toBe(true);
  await context.close();
});
