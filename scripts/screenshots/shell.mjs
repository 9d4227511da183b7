// @ts-check
/* global document -- inside the page */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** @typedef {import('@playwright/test').Page} Page */

export const THEMES = /** @type {const} */ (['light', 'dark']);
export const SIZES = [
  { suffix: '', width: 1280, height: 800 },
  { suffix: '-wide', width: 1920, height: 1080 },
];

/**
 * The web shell on a data directory.
 * @param {string} root
 * @param {string} data
 * @returns {Promise<{url: string, stop: () => Promise<void>}>}
 */
export function startStudio(root, data) {
  const entry = join(root, 'out', 'main', 'web.js');
  const child = spawn(process.execPath, [entry, '--port', '0', '--data', data, '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  return new Promise((started, failed) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      text += chunk;
      const url = /open at (\S+)\s/.exec(text)?.[1];
      if (url === undefined) return;
      started({
        url,
        stop: async () => {
          child.kill('SIGTERM');
          await ended;
        },
      });
    });
    void ended.then((code) => failed(new Error(`The application ended with ${code}.`)));
  });
}

/** Fades and slides come to their end. @param {Page} page */
export async function settled(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const passing = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
  await page.waitForTimeout(600);
}
