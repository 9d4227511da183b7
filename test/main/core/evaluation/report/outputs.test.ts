import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Window } from 'happy-dom';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { roarSettings } from '../../../../../src/main/cli/settings';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { repeatCommand } from '../../../../../src/main/core/evaluation/report/command';
import { roarOutput, roarOutputs } from '../../../../../src/main/core/evaluation/report/outputs';
import { type RoarExportFormat } from '../../../../../src/shared/export-formats';
import { builtInMethods, type Method } from '../../../../../src/shared/catalogue/methods';
import { roarSettingsSchema } from '../../../../../src/shared/catalogue/roar';
import { runResultSchema } from '../../../../../src/shared/records';
import { paperMetric } from '../../../../../src/shared/catalogue/metrics';
import { lime } from '../../../../fixtures/imported-method';
import { sampleReport } from './sample-run';
import { datasetEntry, fullOf, roarSettings as made } from '../../../../fixtures/datasets';

const mine: Method = {
  id: 'composed-integrate-smooth-guided',
  name: '<img src=x> & mine',
  composition: 'integrate(smooth(guided))',
  group: 'composed',
  equations: '',
};
const report = sampleReport({ images: 40 }, [...builtInMethods, mine]);
let outputs: ReadonlyMap<RoarExportFormat, Uint8Array> = new Map();
const text = (name: RoarExportFormat) => new TextDecoder().decode(outputs.get(name));

beforeAll(async () => {
  outputs = await roarOutputs(report);
});

describe('a run’s files', () => {
  it('are those of the contract, none empty', () => {
    expect([...outputs.keys()].sort()).toEqual([...paperMetric.files].sort());
    for (const bytes of outputs.values()) expect(bytes.length).toBeGreaterThan(100);
  });

  it('are the same bytes one by one as all together', async () => {
    for (const format of paperMetric.files) {
      const alone = await roarOutput(format, report);
      expect(Buffer.compare(alone, outputs.get(format) ?? new Uint8Array()), format).toBe(0);
    }
  });

  it('result.json is the result', () => {
    expect(runResultSchema.parse(JSON.parse(text('result.json')))).toEqual(report.result);
  });

  it('a figure of a smaller run says so itself', async () => {
    const sentence = 'A check of the plumbing, not the protocol in full: 2 of 5 epochs.';
    const small = { ...report, result: { ...report.result, cuts: ['2 of 5 epochs'] } };
    const figure = async (of: typeof report) =>
      new TextDecoder().decode(await roarOutput('figure.svg', of));
    expect(await figure(small)).toContain(sentence);
    expect(await figure({ ...report, result: { ...report.result, cuts: [] } })).not.toContain(
      'A check of the plumbing',
    );
    expect(new TextDecoder().decode(await roarOutput('report.html', small))).toContain(sentence);
  });

  it('mark a method whose maps were made elsewhere, and cite it', async () => {
    const of = sampleReport({ images: 10, resamples: 100 }, [...builtInMethods, lime]);
    const file = async (format: RoarExportFormat) =>
      new TextDecoder().decode(await roarOutput(format, of));
    const note = '† Maps made elsewhere: LIME, from lime.npy (Ribeiro et al. 2016).';
    for (const format of ['figure.svg', 'report.html'] as const) {
      expect(await file(format), format).toContain('LIME†');
      expect(await file(format), format).toContain(note);
    }
    for (const format of ['curves.csv', 'scores.csv', 'result.json'] as const) {
      expect(await file(format), format).toContain(lime.id);
      expect(await file(format), format).not.toContain('†');
    }
    expect(text('figure.svg')).not.toContain('†');
  });

  it('a run without curves is refused with what to do', async () => {
    const empty = { ...report, result: { ...report.result, curves: [] } };
    await expect(roarOutput('curves.csv', empty)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('manifest', () => {
  const schema = z.object({
    outputs: z.array(
      z.object({ name: z.enum(paperMetric.files), bytes: z.int(), sha256: z.string() }),
    ),
    settings: roarSettingsSchema,
    repeat: z.object({ command: z.string(), arguments: z.array(z.string()) }),
    images: z.object({ indices: z.array(z.int()) }),
    dataset: z.object({ files: z.array(z.object({ sha256: z.string() })) }),
    artifacts: z.array(z.object({ sha256: z.string() })),
  });

  it('names every other file by its hash', () => {
    const manifest = schema.parse(JSON.parse(text('manifest.json')));
    expect(manifest.outputs.map(({ name }) => name).sort()).toEqual(
      paperMetric.files.filter((name) => name !== 'manifest.json').sort(),
    );
    for (const { name, bytes, sha256 } of manifest.outputs) {
      const file = outputs.get(name) ?? new Uint8Array();
      expect(file.byteLength).toBe(bytes);
      expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
    }
  });

  it('holds settings, images, data and stored files', () => {
    const manifest = schema.parse(JSON.parse(text('manifest.json')));
    expect(manifest.settings).toEqual(report.result.run.settings);
    expect(manifest.images.indices).toEqual(report.result.images);
    expect(manifest.dataset.files[0]?.sha256).toBe('ab'.repeat(32));
    expect(manifest.artifacts).toHaveLength(1);
    expect(manifest.repeat.command).toContain("--methods 'vanilla-gradient,");
    expect(manifest.repeat.command).toContain('integrate(smooth(guided))');
  });
});

describe('the command that repeats a run', () => {
  const full = fullOf('mnist');

  it('is short for the paper’s protocol', () => {
    const { line } = repeatCommand(made(), full, builtInMethods);
    expect(line).toBe(
      'npm run --silent cli -- roar --dataset mnist --images 500 --seed 0 --out DIR',
    );
  });

  it('names the protocol where another one is the usual', () => {
    const { line } = repeatCommand(made(), { ...full, usualProtocol: 'another' }, builtInMethods);
    expect(line).toContain(' --protocol paper ');
  });

  it('sets what a run trains otherwise', () => {
    const settings = made({ seed: 1, recipe: { seed: 2, batchSize: 64 } });
    expect(repeatCommand(settings, full, builtInMethods).line).toBe(
      'npm run --silent cli -- roar --dataset mnist --images 500 --batch-size 64 --seed 1 --train-seed 2 --out DIR',
    );
  });

  it('gives the same settings back through the command line', () => {
    const one = <T>(...values: T[]) => fc.constantFrom(...values);
    const settings = fc.record({
      seed: fc.integer({ min: 0, max: 1e6 }),
      images: fc.integer({ min: 1, max: 10_000 }),
      levels: one([0, 0.5], [0, 0.25, 1], [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
      methods: one(['random', 'smoothgrad'], ['guided-backprop', 'sobel', 'random']),
      fill: one('image-mean', 'random'),
      trainMask: one('fixed', 'redrawn'),
      reduction: one('absolute', 'signed'),
      resamples: one(100, 2000),
      recipe: fc.record({ epochs: one(1, 5), trainLimit: one(null, 600) }),
      parameters: fc.record({
        sigma: one(0, 0.15, 0.3),
        quadrature: one('midpoint', 'gauss-legendre'),
        target: one<string | number>('label', 'predicted', 3),
      }),
    });
    fc.assert(
      fc.property(settings, (input) => {
        const parsed = made({
          ...input,
          recipe: { ...input.recipe, seed: input.seed },
        });
        const { args } = repeatCommand(parsed, full, builtInMethods);
        const given: Record<string, string> = {};
        const set: string[] = [];
        for (let index = 1; index < args.length; index += 2) {
          const [name = '', value = ''] = [args[index], args[index + 1]];
          const key = name.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
          if (name === '--set') set.push(value);
          else given[key] = value;
        }
        const { dataset = '', methods, out, ...rest } = given;
        expect(out).toBe('DIR');
        const ids = methods?.split(',') ?? made().methods;
        expect(
          roarSettings(builtInCatalogues, { ...rest, dataset, set }, ids, datasetEntry(dataset)),
        ).toEqual(parsed);
      }),
    );
  });
});

describe('report', () => {
  it('stands alone: no script, no address, nothing outside', () => {
    const page = text('report.html');
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|javascript:|\son\w+=/i);
    for (const [, address] of page.matchAll(/url\(([^)]*)\)/g)) expect(address).toMatch(/^data:/);
    expect(page).toContain('&lt;img src=x&gt; &amp; mine');
  });

  it('has what a reader needs, in tables with headings', () => {
    const window = new Window({ settings: { disableJavaScriptEvaluation: true } });
    window.document.write(text('report.html'));
    const { document } = window;
    expect(document.documentElement.getAttribute('lang')).toBe('en');
    expect(document.querySelectorAll('h1')).toHaveLength(1);
    expect([...document.querySelectorAll('h2')].map((heading) => heading.id)).toEqual([
      'figure',
      'methods',
      'models',
      'claims',
      'curves',
      'settings',
      'choices',
      'repeat',
    ]);
    const tables = [...document.querySelectorAll('table')];
    expect(tables.length).toBeGreaterThanOrEqual(8);
    for (const table of tables) {
      expect(table.querySelector('caption')?.textContent?.trim()).not.toBe('');
      expect(table.querySelectorAll('thead th[scope=col]').length).toBeGreaterThan(1);
      const rows = [...table.querySelectorAll('tbody tr')];
      const width = table.querySelectorAll('thead th').length;
      for (const row of rows) {
        expect(row.querySelectorAll('th[scope=row]')).toHaveLength(1);
        expect(row.children).toHaveLength(width);
      }
    }
    expect(document.querySelectorAll('svg [data-part=curve]').length).toBeGreaterThan(10);
    const page = document.body.textContent ?? '';
    for (const claim of report.result.claims) expect(page).toContain(claim.says);
    expect(page).toContain('npm run --silent cli -- roar');
    expect(page).not.toMatch(/undefined|NaN|\[object/);
  });
});
