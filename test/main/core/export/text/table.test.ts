import { Window } from 'happy-dom';
import { describe, expect, it } from 'vitest';
import { htmlTable } from '../../../../../src/main/core/export/text/html-table';
import { latexTables } from '../../../../../src/main/core/export/text/latex-table';
import { markdownTable } from '../../../../../src/main/core/export/text/markdown';
import { page, reportPage } from '../../../../../src/main/core/export/text/page';
import { columns, numeric, type Table } from '../../../../../src/main/core/export/text/table';

const table: Table = {
  caption: 'Scores & intervals',
  columns: [
    ...columns('Name'),
    { title: 'Value', titleAlone: 'Value [95% interval]' },
    numeric('n'),
  ],
  rows: [
    ['a|b', '−0.10', '1'],
    ['<c>', '–', '20'],
  ],
  notes: ['Of *two* raters.'],
};

function parsed(markup: string) {
  const { document } = new Window();
  document.body.innerHTML = markup;
  return document.body;
}

describe('one table', () => {
  it('in HTML has a caption, headings with their scope and its notes below', () => {
    const body = parsed(htmlTable(table).markup);
    const texts = (selector: string) =>
      [...body.querySelectorAll(selector)].map(({ textContent }) => textContent.trim());
    expect(texts('caption')).toEqual(['Scores & intervals']);
    expect(texts('th[scope=col]')).toEqual(['Name', 'Value', 'n']);
    expect(texts('th[scope=row]')).toEqual(['a|b', '<c>']);
    expect(texts('.n')).toEqual(['n', '1', '20']);
    expect(texts('.notes li')).toEqual(['Of *two* raters.']);
    const alone = parsed(htmlTable({ ...table, rows: [] }).markup);
    expect(alone.querySelector('table')).toBeNull();
    expect(alone.querySelectorAll('li')).toHaveLength(1);
  });

  it('in Markdown says in its titles what the caption would', () => {
    expect(markdownTable(table, 'right').split('\n')).toEqual([
      '| Name | Value \\[95% interval\\] | n |',
      '| --- | --- | ---: |',
      '| a\\|b | −0.10 | 1 |',
      '| &lt;c&gt; | – | 20 |',
      '',
      '- Of \\*two\\* raters.',
    ]);
    expect(markdownTable({ ...table, rows: [] })).toBe('- Of \\*two\\* raters.');
  });

  it('in LaTeX goes on over pages, its notes below the last', () => {
    const rows = Array.from({ length: 21 }, (_, i) => [`row ${i}`, 'x', `${i}`]);
    const [first = [], second = [], ...more] = latexTables({ ...table, label: 'tab:one', rows });
    expect(more).toEqual([]);
    expect(first).toContain('\\caption{Scores \\& intervals}');
    expect(first).toContain('\\begin{tabular}{@{}llr@{}}');
    expect(first).toContain('row 19 & x & 19 \\\\');
    expect(second).toContain('\\caption[]{Scores \\& intervals (continued)}');
    expect(second).toContain('row 20 & x & 20 \\\\');
    expect([first, second].map((lines) => lines.includes('\\smallskip'))).toEqual([false, true]);
  });

  it('in LaTeX takes its columns three at a time, and a row of two lines with them', () => {
    const cells = ['p', 'q', 'r', 's'];
    const tables = latexTables({
      label: 'tab:wide',
      caption: { latex: '$x$' },
      columns: columns('Name', ...cells),
      rows: [['a', ...cells.map((cell) => ({ latex: cell, below: `${cell}2` }))]],
      breaks: true,
    });
    const inside = tables.map((lines) =>
      lines.slice(lines.indexOf('\\midrule') + 1, lines.indexOf('\\bottomrule')),
    );
    expect(inside).toEqual([
      ['a & p & q & r \\\\', ' & p2 & q2 & r2 \\\\'],
      ['a & s \\\\', ' & s2 \\\\'],
    ]);
  });
});

describe('a page', () => {
  it('lets nothing in but what it carries', () => {
    const text = page({ title: 'a <b>', css: 'p{}', body: 'c & d' });
    expect(text).toContain('<title>a &lt;b&gt;</title>');
    expect(text).toContain(
      "content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:\"",
    );
    expect(text).toContain('<main>c &amp; d</main>');
    expect(page({ title: '', css: '', body: '', pictures: true })).toContain('; img-src data:"');
  });

  it('of a report has its facts and its source', () => {
    const text = reportPage({
      title: 't',
      heading: 'A run',
      lead: 'what it is',
      facts: [['Time', '3 s']],
      font: { css: '', family: 'Inter' },
      sections: [],
      source: { reference: 'Authors, Title', version: '1.2' },
    });
    const body = parsed(text);
    expect(body.querySelector('dl')?.textContent.replaceAll(/\s+/g, ' ').trim()).toBe('Time 3 s');
    expect(body.querySelector('footer')?.textContent).toContain('The paper: Authors, Title.');
  });
});
