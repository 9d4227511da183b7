import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installedFiles } from '../../../src/main/core/storage/installed-files';
import { computeResults } from '../../../src/main/core/analysis/compute-results';
import { paperMethods } from '../../../src/shared/catalogue/methods';
import { questionIds, ratingLabels } from '../../../src/shared/ratings/questions';
import { type Agreement, type KappaSummary } from '../../../src/shared/ratings/results';
import { crossed, formula, input } from '../core/analysis/made';

const files = installedFiles();
const entry = join(files.root, 'out', 'main', 'cli.js');
let folder: string;
beforeAll(() => {
  if (!existsSync(entry)) throw new Error('build first: npm run setup');
  folder = mkdtempSync(join(tmpdir(), 'thousand-raters-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Says its greatest resident size in kB at its end: what /proc keeps of this program alone. */
const teller = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  process.on('exit', () => {
    const kept = existsSync('/proc/self/status') && /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
    process.stderr.write('\\npeak ' + (kept ? kept[1] : process.resourceUsage().maxRSS) + '\\n');
  });
`)}`;

/** A command in a process of its own, and the memory in MB that it took at most. */
async function run(...argv: string[]): Promise<{ stdout: string; stderr: string; peak: number }> {
  const child = spawn(files.node, ['--import', teller, entry, ...argv, '--data', folder]);
  const wrote = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (wrote.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (wrote.stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${wrote.stderr}`);
  return { ...wrote, peak: Number(/peak (\d+)/.exec(wrote.stderr)?.[1]) / 1000 };
}

/** A thousand, by `npm run soak -- thousand-raters`; else fewer, by the same rules. */
const raters = process.env['SOAK_FILES'] === undefined ? 300 : 1000;
const pairs = (raters * (raters - 1)) / 2;
/** Groups of ten. */
const groupsOfTen = raters / 10;
const code = (rater: number) => `R${String(rater + 1).padStart(4, '0')}`;

/**
 * A panel: each of these people rates `each` maps of one of `groups` parts of a study of
 * `images` images under nine methods, drawn anew for each.
 */
function panel(study: string, images: number, each: number, groups: number): string {
  let state = 20_260_102;
  const below = (end: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  const rows = ['study,dataset,image,method,question,rater,label'];
  const units = (images * paperMethods.length) / groups;
  for (let rater = 0; rater < raters; rater += 1) {
    const chosen = new Set<number>();
    while (chosen.size < each) chosen.add((rater % groups) * units + below(units));
    for (const unit of chosen) {
      const method = unit % paperMethods.length;
      const image = Math.floor(unit / paperMethods.length);
      for (const question of questionIds) {
        const label = ratingLabels[Math.max(0, Math.min(4, (method >> 1) + below(3) - 1))] ?? '';
        rows.push(
          `${study},mnist,${image},${paperMethods[method]?.id ?? ''},${question},${code(rater)},${label}`,
        );
      }
    }
  }
  return `${rows.join('\n')}\n`;
}

interface Tables {
  readonly agreement: Agreement[];
  readonly kappas: KappaSummary[];
  readonly raters: object[];
  readonly notes: string[];
  readonly counted: number;
}

const pairsOf = ({ agreement }: Tables) =>
  agreement.filter(({ statistic }) => statistic === 'quadratic-weighted-kappa');

/** MB of a file. */
const size = (path: string) => statSync(path).size / 1e6;

describe('a thousand raters', () => {
  test(
    'take under 20 MB of JSON and 600 MB of memory, and pairs who share no map are left out',
    { timeout: 240_000 },
    async () => {
      for (const [name, csv] of [
        ['Panel', panel('Panel', 100, 20, 1)],
        ['Small groups', panel('Small groups', groupsOfTen, 9, groupsOfTen)],
      ] as const) {
        const path = join(folder, `${name}.csv`);
        writeFileSync(path, csv);
        await run('ratings', 'import', path);
      }

      const out = join(folder, 'panel.json');
      const wide = await run('tables', '--study', 'Panel', '--format', 'json', '--out', out);
      const panelTables = JSON.parse(readFileSync(out, 'utf8')) as Tables;
      console.info(
        `${raters} raters: ${size(out).toFixed(1)} MB of JSON, ${wide.peak.toFixed(0)} MB`,
      );
      expect(size(out)).toBeLessThan(20);
      expect(wide.peak).toBeLessThan(600);
      expect(panelTables.counted).toBe(40 * raters);
      expect(panelTables.raters).toHaveLength(raters);
      const [summary] = panelTables.kappas;
      expect(summary).toMatchObject({ raters, pairs, listed: false });
      // Two draw 20 of 900 each: some third of the pairs share a map.
      expect(summary?.sharing).toBeGreaterThan(0.3 * pairs);
      expect(summary?.sharing).toBeLessThan(0.4 * pairs);
      expect(pairsOf(panelTables)).toEqual([]);
      expect(panelTables.notes.at(-1)).toContain('`tables --format kappas`');

      const kappas = join(folder, 'kappas.csv');
      const all = await run('tables', '--study', 'Panel', '--format', 'kappas', '--out', kappas);
      expect(all.peak).toBeLessThan(600);
      const lines = readFileSync(kappas, 'utf8').trimEnd().split('\n');
      const sharing = panelTables.kappas.reduce((sum, each) => sum + each.sharing, 0);
      expect(lines).toHaveLength(1 + sharing);

      // Groups of ten, nine maps for each: every two of a group share all of them.
      const listed = join(folder, 'groups.json');
      const groups = await run(
        ...['tables', '--study', 'Small groups', '--format', 'json', '--out', listed],
      );
      const groupTables = JSON.parse(readFileSync(listed, 'utf8')) as Tables;
      expect(groups.peak).toBeLessThan(600);
      expect(size(listed)).toBeLessThan(20);
      const each = pairsOf(groupTables);
      expect(each).toHaveLength(2 * groupsOfTen * 45);
      expect(each.every(({ n }) => n === 9)).toBe(true);
      expect(groupTables.kappas).toMatchObject([
        { pairs, sharing: groupsOfTen * 45, listed: true },
        { pairs, sharing: groupsOfTen * 45, listed: true },
      ]);

      // The other formats hold no pair at any size.
      for (const format of ['csv', 'html', 'markdown', 'latex']) {
        const text = await run('tables', '--study', 'Panel', '--format', format);
        expect(text.stdout.length, format).toBeLessThan(1e6);
        expect(text.peak, format).toBeLessThan(600);
      }
    },
  );

  test('who all rated the same maps are all pairs, in seconds', { timeout: 120_000 }, () => {
    const ratings = crossed({ raters, images: 1, methods: ['a', 'b', 'c', 'd', 'e'] }, formula);
    const startedAt = performance.now();
    const { kappas, agreement } = computeResults(input({ ratings, resamples: 20 }));
    const seconds = (performance.now() - startedAt) / 1000;
    console.info(`results of ${raters} raters on the same maps: ${seconds.toFixed(1)} s`);
    expect(kappas).toMatchObject([
      { sharing: pairs, listed: false },
      { sharing: pairs, listed: false },
    ]);
    expect(agreement.length).toBeLessThan(20);
    expect(seconds).toBeLessThan(60);
  });
});
