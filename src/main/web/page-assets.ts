import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The addresses of all files under assets/ that a built page can ever load: those whose names its
 * HTML holds, and in turn those whose names these hold (imports, preloads, style sheets, fonts).
 * Built files name one another by their base names, which carry a hash of their content.
 */
export async function pageAssets(rendererDir: string, html: string): Promise<Set<string>> {
  const folder = join(rendererDir, 'assets');
  const names = await readdir(folder).catch(() => []);
  const found = new Set<string>();
  const texts = [html];
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (const name of names) {
      if (found.has(name) || !text.includes(name)) continue;
      found.add(name);
      if (/\.(js|css|svg)$/.test(name)) texts.push(await readFile(join(folder, name), 'utf8'));
    }
  }
  return new Set([...found].map((name) => `/assets/${name}`));
}
