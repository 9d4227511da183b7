import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { installedFiles } from '../../../src/main/core/storage/installed-files';
import { pageAssets } from '../../../src/main/web/page-assets';
import { builtInMethods } from '../../../src/shared/catalogue/methods';

/** The built rating page and everything that it can load: all that an annotator's browser gets. */
const { renderer } = installedFiles();
let html: string;
let assets: Set<string>;
beforeAll(async () => {
  const path = join(renderer, 'rating.html');
  if (!existsSync(path)) throw new Error('build first: npm run setup');
  html = readFileSync(path, 'utf8');
  assets = await pageAssets(renderer, html);
});

test('every file that the page names is there, and it needs no other', () => {
  expect(assets.size).toBeGreaterThan(1);
  for (const [, name] of html.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+)"/g)) {
    expect(assets).toContain(`/${name ?? ''}`);
  }
  const all = readdirSync(join(renderer, 'assets')).length;
  expect(assets.size).toBeLessThan(all / 2);
});

test('the researcher’s page is not among them', () => {
  const index = readFileSync(join(renderer, 'index.html'), 'utf8');
  const entry = /src="\.?(\/assets\/[^"]+)"/.exec(index)?.[1] ?? '';
  expect(entry).toMatch(/\.js$/);
  expect(assets).not.toContain(entry);
});

test('no method is named in any of them', () => {
  // CSS knows gradients and scripts draw at random: these two words are no names by themselves.
  const words = builtInMethods
    .flatMap(({ id, name, composition }) => [id, name, composition])
    .filter((word) => !['gradient', 'random'].includes(word.toLowerCase()));
  words.push('backprop', 'smoothgrad', 'times-input', 'timesInput');
  const texts = [...assets]
    .filter((name) => /\.(js|css|svg)$/.test(name))
    .map((name) => [name, readFileSync(join(renderer, name), 'utf8').toLowerCase()] as const);
  const hits = [['rating.html', html.toLowerCase()] as const, ...texts].flatMap(([name, text]) =>
    words.filter((word) => text.includes(word.toLowerCase())).map((word) => `${word} in ${name}`),
  );
  expect(hits).toEqual([]);
});
