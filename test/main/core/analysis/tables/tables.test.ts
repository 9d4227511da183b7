import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tablesSvg } from '../../../../../src/main/core/analysis/tables/figure';
import { tablesOutput } from '../../../../../src/main/core/analysis/tables/output';
import { openFont } from '../../../../../src/main/core/export/figure/font';
import { textLines } from '../../../../../src/shared/charts/text-lines';
import { latexText } from '../../../../../src/main/core/export/text/latex';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import { type StudyResults, tableFormats } from '../../../../../src/shared/ratings/results';
import { trust } from '../../../../fixtures/questions';
import { lime } from '../../../../fixtures/imported-method';
import { sampleResults, threeDatasets } from './sample-results';

const { fonts } = installedFiles();
const reportOf = (results: StudyResults) => ({
  results,
  version: '1.2.3',
  reference: 'Authors, Title',
  fonts,
});
const textOf = async (
  format: Exclude<(typeof tableFormats)[number], 'png'>,
  results: StudyResults,
) => new TextDecoder().decode(await tablesOutput(format, reportOf(results)));

const awkward = [
  'a,b "c" | d',
  'under_score & 100% #1 $x$ ^~ \\end{document} {',
  '中文 Ωmega é ž ħ 😀',
  '[bracketed] *starred*',
  '<script>alert(1)</script>',
  `long ${'word '.repeat(30)}`,
  'x'.repeat(120),
];

describe('tables', () => {
  test.each(tableFormats)('%s has the same bytes for the same results', async (format) => {
    const report = () => reportOf(sampleResults({ unknown: ['other-method'] }));
    const [first, second] = [
      await tablesOutput(format, report()),
      await tablesOutput(format, report()),
    ];
    expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
    expect(first.byteLength).toBeGreaterThan(500);
  });

  test('mark methods whose maps were made elsewhere, and say of them whom to cite', async () => {
    const results = sampleResults({ further: lime });
    const note = '† Maps made elsewhere: LIME, from lime.npy (Ribeiro et al. 2016).';
    for (const format of ['html', 'markdown', 'svg'] as const) {
      const text = await textOf(format, results);
      expect(text, format).toContain('LIME†');
      expect(text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' '), format).toContain(note);
      expect(await textOf(format, sampleResults()), format).not.toContain('†');
    }
    const latex = await textOf('latex', results);
    expect(latex).toContain('LIME\\textdagger{}');
    expect(latex).toContain('\\textdagger{} Maps made elsewhere: LIME, from lime.npy');
    // What programs read has names alone, and ids that say it.
    for (const format of ['csv', 'json'] as const) {
      const text = await textOf(format, results);
      expect(text, format).toContain(lime.id);
      expect(text, format).not.toContain('†');
    }
  });

  test('csv has a row for each cell, quoted where needed', async () => {
    const results = sampleResults({ unknown: [...awkward] });
    const lines = (await textOf('csv', results)).trimEnd().split('\n');
    expect(lines[0]).toBe(
      'table,question,dataset,method,name,label,median,mean,mean_low,mean_high,n,' +
        'n_very_low,n_low,n_medium,n_high,n_very_high,alpha,paper',
    );
    expect(lines).toHaveLength(1 + 2 * 3 * results.methods.length);
    const [cell] = results.tables;
    expect(lines[1]).toBe(
      `I,visual-coherence,mnist,vanilla-gradient,Vanilla Gradient,${cell?.label},${cell?.median},${cell?.mean},${cell?.low},${cell?.high},${cell?.n},${cell?.distribution.join(',')},,Medium`,
    );
    expect(lines.some((line) => line.includes('"a,b ""c"" | d"'))).toBe(true);
  });

  test('a question keeps the paper’s number whatever is asked before it, and others have none', async () => {
    const all = sampleResults();
    const [coherence, edges] = all.questions;
    if (!coherence || !edges) throw new Error('two questions');
    const latexOf = (questions: StudyResults['questions']) =>
      textOf('latex', { ...all, questions });
    const numbers = (latex: string) =>
      latex.match(/\\setcounter\{table\}\{\d\}|\\label\{tab:[a-z-]+\}/g);
    expect(numbers(await latexOf([coherence, edges]))).toEqual([
      '\\label{tab:visual-coherence}',
      '\\label{tab:edge-differentiation}',
      '\\label{tab:agreement}',
      '\\label{tab:correlation}',
    ]);
    expect(numbers(await latexOf([edges, coherence]))).toEqual([
      '\\setcounter{table}{1}',
      '\\label{tab:edge-differentiation}',
      '\\setcounter{table}{0}',
      '\\label{tab:visual-coherence}',
      '\\setcounter{table}{2}',
      '\\label{tab:agreement}',
      '\\label{tab:correlation}',
    ]);
    const trusted = { ...trust, id: 'agreement' };
    const latex = await latexOf([trusted, coherence, edges]);
    expect(latex).toContain('Trust of saliency methods, as rated by people.\\par\\vspace{6pt}');
    expect(numbers(latex)?.[0]).toBe('\\label{tab:visual-coherence}');
    const html = await textOf('html', { ...all, questions: [trusted, coherence, edges] });
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('json holds the tables, agreement and correlation as they are', async () => {
    const results = sampleResults();
    const read: unknown = JSON.parse(await textOf('json', results));
    expect(read).toMatchObject({
      tables: results.tables,
      agreement: results.agreement,
      correlation: results.correlation,
      study: { id: results.study.id, name: 'Pilot' },
      filters: results.filters,
      notes: results.notes,
    });
  });

  test('markdown keeps one row a method, whatever its name', async () => {
    const results = sampleResults({ unknown: [...awkward] });
    const text = await textOf('markdown', results);
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    // Cells are parted by bars that are not escaped.
    const columns = rows
      .slice(0, 2 + results.methods.length)
      .map((line) => line.split(/(?<!\\)\|/).length - 2);
    expect(new Set(columns)).toEqual(new Set([1 + results.datasets.length]));
    expect(text).toContain('Integrated SmoothGrad\\*');
    expect(text).toContain('- No difference between methods is shown.');
    expect(text).toContain('Repeats with the same label: No trial was shown twice.');
    expect(text).not.toContain('<script>');
  });

  test('html is whole in itself and escapes names', async () => {
    const text = await textOf('html', sampleResults({ unknown: [...awkward] }));
    expect(text).toContain('&lt;script&gt;alert(1)');
    expect(text).not.toMatch(/<script|<link|src="http|url\(http/);
    expect(text).toContain('prefers-color-scheme:dark');
    expect(text.match(/<caption/g)).toHaveLength(5);
    expect(text).toContain('the paper: Medium');
    // Every distribution is said in words.
    expect(text).toMatch(/aria-label="Very Low \d+, Low \d+, Medium \d+, High \d+, Very High \d+"/);
  });

  test('svg names methods and cells for those who do not see it', async () => {
    const text = await textOf('svg', sampleResults());
    expect(text).toContain('Table I, Visual coherence. Vanilla Gradient: MNIST ');
    expect(text).toContain('Integrated SmoothGrad*');
    expect(text).toContain('@font-face');
  });

  test('png is a picture at 300 dots per inch', async () => {
    const bytes = await tablesOutput('png', reportOf(sampleResults()));
    expect(Buffer.from(bytes.subarray(1, 4)).toString()).toBe('PNG');
  });

  test('a study without ratings has tables of dashes', async () => {
    const empty = { ...sampleResults(), tables: [], agreement: [], correlation: [], friedman: [] };
    expect(await textOf('markdown', empty)).toContain('| Vanilla Gradient | – | – | – |');
    expect(await textOf('html', empty)).toContain('Vanilla Gradient');
    expect(await textOf('latex', empty)).toContain('Vanilla Gradient & -- & -- & --');
  });
});

describe('LaTeX', () => {
  test('leaves no character with a meaning of its own', () => {
    expect(latexText('50% & a_b #1 {x} ^ ~ \\ $')).toBe(
      '50\\% \\& a\\_\\allowbreak{}b \\#1 \\{x\\} \\textasciicircum{} \\textasciitilde{} \\textbackslash{} \\$',
    );
    expect(latexText('Grad × Input')).toBe('Grad \\ensuremath{\\times} Input');
    expect(latexText('SmoothGrad*')).toBe('SmoothGrad*');
    expect(latexText('中é')).toBe('{}[U+4E2D]é');
    expect(latexText('* first')).toBe('{}* first');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = latexText(text)
          .replaceAll(/\\(?:[a-z]+(?:\{(?:-|\\[a-z]+)?\})?|[{}$&#%_])/gi, '')
          .replaceAll('{}', '');
        expect(plain).not.toMatch(/[\\{}$&#%_^]|\n/);
      }),
    );
  });

  test('goes on in a table of the same number where a page is too small', async () => {
    const datasets = ['a', 'b', 'c', 'd'].map((id) => ({ id, name: id }));
    const text = await textOf(
      'latex',
      sampleResults({ datasets, unknown: Array.from({ length: 15 }, (_, i) => `method-${i}`) }),
    );
    expect(text.match(/\\label\{tab:visual-coherence\}/g)).toHaveLength(1);
    expect(text.match(/\\caption\[\]\{Visual coherence/g)).toHaveLength(3);
  });

  test('compiles', async (context) => {
    try {
      execFileSync('pdflatex', ['--version'], { stdio: 'ignore' });
    } catch {
      process.stderr.write('LaTeX is not compiled here: there is no pdflatex on the PATH.\n');
      context.skip();
    }
    const folder = mkdtempSync(join(tmpdir(), 'latex-'));
    try {
      const studies = [
        sampleResults({ unknown: [...awkward], name: 'Odd_name & 100%' }),
        sampleResults({ datasets: threeDatasets.slice(0, 1) }),
        sampleResults({
          datasets: ['a_1', 'b', 'c', 'd', 'e'].map((id) => ({ id, name: id })),
          unknown: Array.from({ length: 30 }, (_, i) => `method_${i}`),
        }),
      ];
      for (const [i, results] of studies.entries()) {
        writeFileSync(join(folder, `${i}.tex`), await textOf('latex', results));
        execFileSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', `${i}.tex`], {
          cwd: folder,
          stdio: 'ignore',
        });
        expect(
          readFileSync(join(folder, `${i}.pdf`))
            .subarray(0, 4)
            .toString(),
        ).toBe('%PDF');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('long names are broken at spaces, or within a word, and nothing of them is left out', () => {
  const font = openFont(fonts);
  const lines = textLines('one two three four five six', 60, 14, font);
  expect(lines.join(' ')).toBe('one two three four five six');
  for (const line of lines) expect(font.width(line, 14, 400)).toBeLessThanOrEqual(60);
  const pieces = textLines(`a ${'x'.repeat(200)} b`, 100, 14, font);
  expect(pieces.join('')).toBe(`a${'x'.repeat(200)} b`);
  for (const piece of pieces) expect(font.width(piece, 14, 400)).toBeLessThanOrEqual(100);
  // A letter with its mark stays whole, however narrow the line.
  expect(textLines('x\u0302y\u0302', 1, 14, font)).toEqual(['x\u0302', 'y\u0302']);
});

test.each([
  ['in code points', '平滑的积分梯度显著图方法之'],
  ['in one long word', 'saliency_method_of_a_very_long_name_that_has_no_space_'],
])('tables of names that differ at their end alone, %s, are other pictures', (_, start) => {
  const [a, b] = ['甲', '乙'].map((end) =>
    tablesSvg(sampleResults({ unknown: [`${start}${end}`] }), {
      font: openFont(fonts),
      text: 'paths',
    }).replace(/<title.*<\/desc>/s, ''),
  );
  expect(a).not.toContain(start);
  expect(a).not.toBe(b);
});
