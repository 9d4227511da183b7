import { type Page } from '@playwright/test';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { open } from './support/pages';
import { useStudio } from './support/studio';

const studio = useStudio();

/** What has the focus, in a word: its role or tag and its name. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return '';
    const field = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
    const label = field ? element.labels?.[0]?.innerText : undefined;
    const name = element.getAttribute('aria-label') ?? label ?? element.innerText;
    const role = element.getAttribute('role') ?? element.tagName.toLowerCase();
    return `${role} ${name.trim().replaceAll(/\s+/g, ' ')}`;
  });

/** Presses Tab until everything was focused once; answers with the names in their order. */
async function tabThrough(page: Page, most = 120): Promise<string[]> {
  const seen: string[] = [];
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press('Tab');
    const name = await focused(page);
    if (seen.length > 0 && (name === '' || name === seen[0])) break;
    seen.push(name);
  }
  return seen;
}

test('an empty data directory: the overview says what there is and what to do next', async ({
  page,
}) => {
  await open(page, studio.url);
  // The token is exchanged for a cookie and leaves the address.
  expect(page.url()).not.toContain('token');
  await expect(page).toHaveTitle('Overview – Saliency Studio');
  await expect(page.getByRole('heading', { name: 'Run quick ROAR on MNIST' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run quick ROAR' })).toBeEnabled();
  await expect(page.getByRole('heading', { name: 'Look at maps' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Train a quick model' })).toBeEnabled();

  const main = page.getByRole('main');
  await expect(main).toContainText('70,000 images');
  await expect(main.getByRole('link', { name: /^Models ready/ })).toContainText('0');
  const engine = page.getByRole('region', { name: 'Engine and device' });
  await expect(engine).toContainText('ready');
  await expect(engine).toContainText(/tensorflow\s*2\.\d+\.\d+/i);
  await expect(page.getByRole('region', { name: 'Disk' })).toContainText(studio.data);
  await expect(main).toContainText('No runs yet');
  await expectAccessible(page, 'the first start');
});

test('the keyboard reaches every view and every main control', async ({ page }) => {
  await open(page, studio.url);
  const heading = page.getByRole('heading', { level: 1 });
  // The first view comes after the engine's state where the machine is busy; focus stays as it is.
  await expect(heading).toHaveText('Overview');
  for (const [key, title] of [
    ['d', 'Datasets'],
    ['m', 'Models'],
    ['a', 'Maps'],
    ['r', 'ROAR'],
    ['s', 'Studies'],
    ['o', 'Overview'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(heading).toHaveText(title);
    await expect(page.getByRole('link', { name: title, exact: true })).toHaveAttribute(
      'aria-current',
      'page',
    );
    // A new view starts in its content, where a screen reader goes on reading.
    await expect(page.getByRole('main')).toBeFocused();
  }

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(help).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();

  const quick = page.getByRole('button', { name: 'Run quick ROAR' });
  await page.reload();
  await expect(quick).toBeEnabled();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('a Skip to the content');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('button Run quick ROAR');

  await page.reload();
  await expect(quick).toBeEnabled();
  const order = await tabThrough(page);
  const at = (name: string) => order.findIndex((entry) => entry.includes(name));
  for (const name of ['Overview', 'ROAR', 'Colours: auto', 'Run quick ROAR', 'button Jobs']) {
    expect(order.join('\n'), 'reached by Tab').toContain(name);
  }
  expect(at('Overview')).toBeLessThan(at('Run quick ROAR'));
  expect(at('Run quick ROAR')).toBeLessThan(at('button Jobs'));
});

test('the form of a run is filled in and unfolded by keyboard alone', async ({ page }) => {
  await open(page, studio.url, '/roar');
  const part = page.getByRole('button', { name: /^Evaluation/ });
  await part.focus();
  await page.keyboard.press('Enter');
  await expect(part).toHaveAttribute('aria-expanded', 'true');
  const images = page.getByRole('textbox', { name: 'Images', exact: true });
  await images.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('0');
  await expect(page.getByText('Accepted: a whole number from 1 to 10000')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run ROAR' })).toBeDisabled();
  // A letter that is typed is no shortcut.
  await page.keyboard.type('gm');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('ROAR');

  const presets = page.getByRole('radiogroup', { name: 'Preset' });
  await presets.getByRole('radio', { name: 'Quick' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(page.getByText('The paper’s protocol in full')).toBeVisible();
  await expect(images).toHaveValue('500');
  const order = await tabThrough(page);
  expect(order.join('\n')).toContain('button Run ROAR');
  expect(order.join('\n')).toContain('button Training: one model a level');
});
