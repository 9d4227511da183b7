// @ts-check
/**
 * Photographs every screen of a rating session at the desk, light and dark, at 1280x800 and
 * 1920x1080: OUT/rating-SCREEN-THEME.png and …-wide.png. It rates in a copy of the data directory,
 * so that no label gets into the study. Run it on the bundled Node after a set-up.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { WebSocket } from 'ws';
import { SIZES, THEMES, settled, startStudio } from './screenshots/shell.mjs';
import { ensureBrowser } from './setup/browser.mjs';
import { createContext } from './setup/context.mjs';

const HELP = `node scripts/screenshots-rating.mjs --data DIR --out DIR [--study NAME]

  --data DIR    data directory with a study that is open for rating
  --out DIR     where the pictures go
  --study NAME  the study (default: the first open one)`;

const PASSPHRASE = 'for the pictures';

/** @typedef {import('@playwright/test').Page} Page */

/**
 * The researcher's connection.
 * @param {string} url the address with its token
 * @returns {Promise<{call: (route: string, input?: object) => Promise<any>, close: () => void}>}
 */
async function connect(url) {
  const { host, origin } = new URL(url);
  const { headers } = await fetch(url, { redirect: 'manual' });
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const socket = new WebSocket(`ws://${host}/ws`, { headers: { cookie, origin } });
  /** @type {Map<number, (frame: any) => void>} */
  const waiting = new Map();
  socket.on('message', (data) => {
    const frame = JSON.parse(data.toString());
    waiting.get(frame.id)?.(frame);
  });
  await new Promise((opened, failed) => socket.once('open', opened).once('error', failed));
  let next = 1;
  return {
    call: (route, input = {}) =>
      new Promise((answered, failed) => {
        waiting.set(next, (frame) =>
          frame.type === 'answer'
            ? answered(frame.output)
            : failed(new Error(`${route}: ${frame.error.message}`)),
        );
        socket.send(JSON.stringify({ type: 'call', id: next, route, input }));
        next += 1;
      }),
    close: () => socket.close(),
  };
}

/** Where the page stands: its screen, and a trial's question. @param {Page} page */
const standing = (page) =>
  page.locator('[data-screen]').evaluate((root) => {
    const {
      position = '',
      question = '',
      explaining = '',
    } = /** @type {HTMLElement | null} */ (root.querySelector('[data-position]'))?.dataset ?? {};
    const screen = /** @type {HTMLElement} */ (root).dataset['screen'] ?? '';
    return [screen, position, question, explaining].join(' ').trim();
  });

/** Presses a key that moves the page on, and waits until it has. @param {Page} page @param {string} key */
async function press(page, key) {
  const before = await standing(page);
  await page.keyboard.press(key);
  while ((await standing(page)) === before) await page.waitForTimeout(20);
}

/**
 * One session, from the code to the thanks and the withdrawal.
 * @param {Page} page
 * @param {(name: string) => Promise<void>} picture
 */
async function rate(page, picture) {
  /** @param {string | RegExp} name */
  const click = async (name) => {
    const before = await standing(page);
    await page.getByRole('button', { name }).click();
    while ((await standing(page)) === before) await page.waitForTimeout(20);
  };
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  await picture('code');
  await click('I have none: make one');
  await picture('made-code');
  await click('I have noted it');
  await picture('background');
  await page.getByText('No, or I do not know').click();
  await click('Continue');
  await picture('instructions');
  await click('I have read this');
  await picture('consent');
  await click('I do not agree');
  await picture('declined');
  await click('Read it again');
  await click('I agree and take part');
  const taken = new Set();
  for (let i = 0; ; i += 1) {
    const at = await standing(page);
    const [screen = ''] = at.split(' ');
    if (screen === 'thanks') break;
    const practice = await page.getByText('Does not count').count();
    const kind = at.endsWith('true') ? 'explained' : practice ? 'practice' : screen;
    if (!taken.has(kind)) await picture(kind);
    if (kind === 'trial' && !taken.has(kind)) await extras(page, picture);
    taken.add(kind);
    await press(page, screen === 'trial' && kind !== 'explained' ? String(1 + (i % 5)) : 'Enter');
  }
  await picture('thanks');
  await page.getByRole('contentinfo').getByRole('button', { name: 'Withdraw consent' }).click();
  await picture('withdraw');
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw consent' }).click();
  await page.getByRole('heading', { name: 'Your consent is withdrawn' }).waitFor();
  await picture('withdrawn');
  await page.getByRole('button', { name: 'End annotator mode' }).click();
  await picture('end');
}

/** A trial looked at closer. @param {Page} page @param {(name: string) => Promise<void>} picture */
async function extras(page, picture) {
  await page.keyboard.press('o');
  await picture('overlay');
  await page.keyboard.press('o');
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('+');
  await picture('enlarged');
  await page.keyboard.press('0');
  await press(page, '4');
  await press(page, 'Backspace');
  await picture('earlier');
  await press(page, 'ArrowRight');
  await page.keyboard.press('?');
  await picture('help');
  await page.keyboard.press('Escape');
}

/** @param {{data: string, out: string, study: string | undefined}} options */
async function photograph({ data, out, study }) {
  const context = createContext();
  const executablePath = await ensureBrowser(context);
  mkdirSync(out, { recursive: true });
  const copy = mkdtempSync(join(tmpdir(), 'rating-pictures-'));
  cpSync(data, copy, { recursive: true });
  const studio = await startStudio(context.root, copy);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const api = await connect(studio.url);
    /** @type {{id: string, name: string, state: string}[]} */
    const studies = await api.call('studies.list');
    const open = studies.find(
      ({ name, state }) => state === 'open' && (study === undefined || name === study),
    );
    if (!open) throw new Error(`No study${study ? ` named ${study}` : ''} is open for rating.`);
    for (const colorScheme of THEMES) {
      for (const { suffix, ...viewport } of SIZES) {
        await api.call('annotator.begin', { study: open.id, passphrase: PASSPHRASE });
        const page = await browser.newPage({ colorScheme, viewport });
        page.on('pageerror', (error) => console.error(error));
        await page.goto(studio.url);
        await rate(page, async (name) => {
          await settled(page);
          const path = join(out, `rating-${name}-${colorScheme}${suffix}.png`);
          await page.screenshot({ path });
          console.log(path);
        });
        await page.close();
        await api.call('rating.leave');
        await api.call('rating.end', { passphrase: PASSPHRASE });
      }
    }
    api.close();
  } finally {
    await browser.close();
    await studio.stop();
    rmSync(copy, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string' },
    study: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const { data, out, study } = values;
if (values.help || data === undefined || out === undefined) console.log(HELP);
else await photograph({ data: resolve(data), out: resolve(out), study });
