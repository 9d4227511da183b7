import { markedName } from '../../../../shared/catalogue/methods';
import { fixed } from '../../../../shared/format/numbers';
import { type StudyResults, type TableCell } from '../../../../shared/ratings/results';
import { latexText } from '../../export/text/latex';
import { type LatexCell, type LatexTable, latexTables } from '../../export/text/latex-table';
import { columns, numeric } from '../../export/text/table';
import { agreementPart, correlationPart } from './parts';
import {
  cellNote,
  kappaNotes,
  labelText,
  markNotes,
  meanText,
  type QuestionTable,
  questionTables,
  shownAgreement,
  shownCorrelations,
  studyTitle,
  type TablesReport,
} from './tables';

/**
 * A document that pdfLaTeX compiles as it is, whose `table` environments can be copied: booktabs,
 * every name escaped, a caption and a label each. What is too wide or too long for a page goes on
 * in a table of the same number.
 */
export function tablesLatex({ results, version }: TablesReport): string {
  const others = [...agreementLatex(results), ...correlationLatex(results)];
  const tables = [
    ...questionTables(results).map((table) => questionLatex(results, table)),
    // After the paper's two numbers, be its questions asked or not.
    ...others.map((table, i) => ({ ...table, number: paperNumbers.length + 1 + i })),
  ];
  const gaps = [...shownAgreement(results).gaps, ...shownCorrelations(results).gaps];
  const tests = results.friedman.map(({ sentence }) => sentence);
  const notes = [...results.notes, ...tests, ...gaps, ...kappaNotes(results)].map(
    (note) => `  \\item ${latexText(note)}`,
  );
  return `${[
    `% Tables of one study, made with Saliency Studio ${version}. pdflatex compiles this file as it is;`,
    '% a table environment can be copied into a document that loads booktabs and array.',
    '\\documentclass[10pt,a4paper]{article}',
    '\\usepackage[T1]{fontenc}',
    '\\usepackage[utf8]{inputenc}',
    '\\usepackage{textcomp}',
    '\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}',
    '\\usepackage[margin=2cm]{geometry}',
    '\\usepackage{array}',
    '\\usepackage{booktabs}',
    '\\renewcommand{\\thetable}{\\Roman{table}}',
    '\\setlength{\\parindent}{0pt}',
    '\\setlength{\\abovecaptionskip}{0pt}',
    '\\setlength{\\belowcaptionskip}{6pt}',
    '\\begin{document}',
    `\\section*{${latexText(studyTitle(results))}}`,
    ...numbered(tables).flatMap((lines, part) =>
      // LaTeX holds so many tables back, and no more.
      part > 0 && part % 8 === 0 ? ['', '\\clearpage', ...lines] : lines,
    ),
    ...(notes.length > 0
      ? ['\\section*{Notes}', '\\begin{itemize}', ...notes, '\\end{itemize}']
      : []),
    '\\end{document}',
  ].join('\n')}\n`;
}

const paperNumbers = ['I', 'II'] as const;

function questionLatex(results: StudyResults, table: QuestionTable): Numbered {
  const { question, number, title, rows } = table;
  const one = results.datasets.length === 1;
  const [only] = results.datasets;
  return {
    // Labels of other tables are plain words, as a question's id may be.
    label: number === null ? `tab:question-${question}` : `tab:${question}`,
    number: number === null ? null : paperNumbers.indexOf(number) + 1,
    caption: {
      latex: [
        `${latexText(title)} of saliency methods`,
        only && one ? ` on ${latexText(only.name)}` : '',
        ', as rated by people.',
        ...results.filterNotes.map((text) => ` ${latexText(text)}`),
      ].join(''),
    },
    columns: [
      { title: 'Method', align: methodColumn },
      ...(one
        ? [
            { title: 'Median' },
            numeric('Mean'),
            { title: '95% interval' },
            { title: 'n', latex: '$n$', numeric: true },
          ]
        : results.datasets.map(({ name }) => ({ title: name }))),
    ],
    breaks: !one,
    rows: rows.map(({ id, name, cells }) => [
      markedName({ id, name }),
      ...(one ? apart(cells[0] ?? null) : cells.map(together)),
    ]),
    notes: [cellNote([table]), ...markNotes(results)],
  };
}

/** The one cell of a row, a column each. */
function apart(cell: TableCell | null): LatexCell[] {
  const { mean = null, low = null, high = null, n = 0 } = cell ?? {};
  return [
    labelText(cell),
    mean === null ? '–' : fixed(mean, 2),
    low === null || high === null
      ? '–'
      : { latex: `[${[low, high].map((end) => latexText(fixed(end, 2))).join(', ')}]` },
    String(n),
  ];
}

/** The label, and below it in small letters what it is made of. */
const together = (cell: TableCell | null): LatexCell => ({
  latex: latexText(labelText(cell)),
  below: cell && cell.n > 0 ? `{\\footnotesize ${meanText(cell)}, $n=${cell.n}$}` : '',
});

const methodColumn = '>{\\raggedright\\arraybackslash}p{5.3cm}';
const compared = '>{\\raggedright\\arraybackslash}p{3.8cm}';

function agreementLatex(results: StudyResults): Unnumbered[] {
  const part = agreementPart(results);
  if (!part || part.table.rows.length === 0) return [];
  return [
    {
      label: 'tab:agreement',
      caption: 'Agreement between raters, with 95% intervals where they are defined.',
      columns: part.table.columns,
      rows: part.table.rows,
    },
  ];
}

function correlationLatex(results: StudyResults): Unnumbered[] {
  const part = correlationPart(results);
  if (!part || part.table.rows.length === 0) return [];
  return [
    {
      label: 'tab:correlation',
      caption: {
        latex:
          'Correlation over methods of mean scores, with 95\\% intervals that resample raters and images, and exact permutation $p$ where it is known.',
      },
      columns: [
        { title: 'Scores, against', align: compared },
        ...columns('Dataset', 'Statistic'),
        { title: 'Value', align: '>{\\raggedright\\arraybackslash}p{4.3cm}' },
        { title: 'p', latex: '$p$', numeric: true },
        { title: 'n', latex: '$n$', numeric: true },
      ],
      // What is compared takes one column: a page has no room for two.
      rows: part.table.rows.map(([scores, against, ...rest]) => [`${scores}, ${against}`, ...rest]),
    },
  ];
}

type Numbered = LatexTable & { readonly number: number | null };
type Unnumbered = Omit<Numbered, 'number'>;

/** All of them, where LaTeX would count otherwise with what its count is to be. */
function numbered(tables: readonly Numbered[]): string[][] {
  let counted = 0;
  return tables.flatMap(({ number, ...table }) => {
    const parts = latexTables(table, number === null ? 'unnumbered' : 'numbered');
    if (number === null) return parts;
    const [first = [], ...rest] = parts;
    const set = number === counted + 1 ? [] : [`\\setcounter{table}{${number - 1}}`];
    counted = number;
    return [[...set, ...first], ...rest];
  });
}
