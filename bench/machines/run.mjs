// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLab } from './lab.mjs';
import { measures } from './measures.mjs';

/** `npm run bench -- lab`: one run on several processes of this machine, timed and killed. */
const { values: options } = parseArgs({
  options: {
    /** One measure; default all but the half hour of kills. */
    only: { type: 'string' },
    /** Of `kills`. */
    minutes: { type: 'string', default: '30' },
    /** Between two kills, of `kills`. */
    every: { type: 'string', default: '120' },
    /** Part of the name of what happens, of `failures`; default all. */
    scene: { type: 'string' },
    /** Where its data goes; default a folder that is deleted at the end. */
    folder: { type: 'string' },
  },
});
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const usual = measures.filter(({ long }) => !long);
const chosen = options.only ? measures.filter(({ id }) => id === options.only) : usual;
if (chosen.length === 0) {
  throw new Error(`--only is one of ${measures.map(({ id }) => id).join(', ')}`);
}
const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'saliency-machines-'));
const lab = createLab({
  node: process.execPath,
  cli: join(root, 'out', 'main', 'cli.js'),
  folder,
});
try {
  for (const { id, measure } of chosen) {
    console.log(`\n${id}`);
    await measure(lab, {
      minutes: Number(options.minutes),
      every: Number(options.every),
      scene: options.scene,
      say: (line) => console.log(`  ${line}`),
    });
  }
} finally {
  await lab.close();
  if (!options.folder) rmSync(folder, { recursive: true, force: true });
}
