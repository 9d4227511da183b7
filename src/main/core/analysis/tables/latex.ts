import { type StudyResults, type TableCell } from '../../../../shared/ratings/results';
import { latexText } from '../../export/text/latex';
import { fixed } from '../../export/text/numbers';
import {
  againstNames,
  agreementNames,
  cellNote,
  correlationNames,
  datasetName,
  estimateText,
  hasProposed,
  kappaNotes,
  labelText,
  meanText,
  proposedNote,
  type QuestionTable,
  questionTables,
  questionTitle,
  shownAgreement,
  shownCorrelations,
  studyTitle,
  type TablesReport,
} from './tables';

/** What fits on a page: datasets side by side, methods below one another. */
const columnsAPage = 3;
const rowsAPage = 20;

interface Column {
  readonly title: string;
  /** As in a tabular's preamble. */
  readonly align: string;
}

interface LatexTable {
  readonly label: string;
  /** Its number, whatever tables come before it; null: it has none, but its caption. */
  readonly number: number | null;
  readonly caption: string;
  readonly note: string | null;
  readonly columns: readonly Column[];
  /** LaTeX already. A row may have several lines. */
  readonly rows: readonly (readonly (readonly string[])[])[];
}

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
    ...environments(tables).flatMap((lines, part) =>
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

function questionLatex(results: StudyResults, table: QuestionTable): LatexTable {
  const { question, number, title, rows } = table;
  const one = results.datasets.length === 1;
  const method: Column = { title: 'Method', align: methodColumn };
  const notes = [cellNote([table]), ...(hasProposed(results) ? [proposedNote] : [])];
  const [only] = results.datasets;
  return {
    // Labels of other tables are plain words, as a question's id may be.
    label: number === null ? `tab:question-${question}` : `tab:${question}`,
    number: number === null ? null : paperNumbers.indexOf(number) + 1,
    caption: [
      `${latexText(title)} of saliency methods`,
      only && one ? ` on ${latexText(only.name)}` : '',
      ', as rated by people.',
      ...results.filterNotes.map((text) => ` ${latexText(text)}`),
    ].join(''),
    note: notes.map(latexText).join(' '),
    columns: one
      ? [
          method,
          { title: 'Median', align: 'l' },
          { title: 'Mean', align: 'r' },
          { title: '95\\% interval', align: 'l' },
          { title: '$n$', align: 'r' },
        ]
      : [method, ...results.datasets.map(({ name }) => ({ title: latexText(name), align: 'l' }))],
    rows: rows.map(({ name, cells }) =>
      one
        ? [[latexText(name), ...apart(cells[0] ?? null)]]
        : [
            [latexText(name), ...cells.map((cell) => latexText(labelText(cell)))],
            ['', ...cells.map(small)],
          ],
    ),
  };
}

/** The one cell of a row, a column each. */
function apart(cell: TableCell | null): string[] {
  const { mean = null, low = null, high = null, n = 0 } = cell ?? {};
  return [
    latexText(labelText(cell)),
    mean === null ? '--' : number(mean, 2),
    low === null || high === null ? '--' : `[${number(low, 2)}, ${number(high, 2)}]`,
    String(n),
  ];
}

const small = (cell: TableCell | null): string =>
  cell && cell.n > 0 ? `{\\footnotesize ${meanText(cell)}, $n=${cell.n}$}` : '';

const methodColumn = '>{\\raggedright\\arraybackslash}p{5.3cm}';
const compared = '>{\\raggedright\\arraybackslash}p{3.8cm}';
const number = (value: number, digits: number) => latexText(fixed(value, digits));

type Unnumbered = Omit<LatexTable, 'number'>;

function agreementLatex(results: StudyResults): Unnumbered[] {
  const { rows } = shownAgreement(results);
  if (rows.length === 0) return [];
  return [
    {
      label: 'tab:agreement',
      caption: 'Agreement between raters, with 95\\% intervals where they are defined.',
      note: null,
      columns: [
        { title: 'Question', align: 'l' },
        { title: 'Dataset', align: 'l' },
        { title: 'Statistic', align: 'l' },
        { title: 'Value', align: 'l' },
      ],
      rows: rows.map(({ question, dataset, statistic, value, low, high }) => [
        [
          latexText(questionTitle(results, question)),
          latexText(datasetName(results, dataset)),
          latexText(agreementNames[statistic]),
          latexText(estimateText(value, low, high)),
        ],
      ]),
    },
  ];
}

function correlationLatex(results: StudyResults): Unnumbered[] {
  const { rows } = shownCorrelations(results);
  if (rows.length === 0) return [];
  return [
    {
      label: 'tab:correlation',
      caption:
        'Correlation over methods of mean scores, with 95\\% intervals that resample raters and images, and exact permutation $p$ where it is known.',
      note: null,
      columns: [
        { title: 'Scores, against', align: compared },
        { title: 'Dataset', align: 'l' },
        { title: 'Statistic', align: 'l' },
        { title: 'Value', align: '>{\\raggedright\\arraybackslash}p{4.3cm}' },
        { title: '$p$', align: 'r' },
        { title: '$n$', align: 'r' },
      ],
      rows: rows.map(({ question, against, dataset, statistic, value, low, high, p, n }) => [
        [
          latexText(`${questionTitle(results, question)}, ${againstNames[against]}`),
          latexText(datasetName(results, dataset)),
          latexText(correlationNames[statistic]),
          latexText(estimateText(value, low, high)),
          p === null ? '--' : number(p, 3),
          String(n),
        ],
      ]),
    },
  ];
}

/** All of them, where LaTeX would count otherwise with what its count is to be. */
function environments(tables: readonly LatexTable[]): string[][] {
  let counted = 0;
  return tables.flatMap((table) => {
    const parts = environment(table);
    if (table.number === null) return parts;
    const [first = [], ...rest] = parts;
    const set = table.number === counted + 1 ? [] : [`\\setcounter{table}{${table.number - 1}}`];
    counted = table.number;
    return [[...set, ...first], ...rest];
  });
}

/** One `table` environment for each page that the table takes. */
function environment({ label, number, caption, note, columns, rows }: LatexTable): string[][] {
  const [head, ...others] = columns;
  if (!head) return [];
  // Only datasets are many: a table of other columns is made to fit.
  const byDataset = label !== 'tab:agreement' && label !== 'tab:correlation';
  const wide =
    byDataset && others.length > columnsAPage && others.every(({ align }) => align === 'l');
  const groups = wide
    ? chunks(
        others.map((_, i) => i),
        columnsAPage,
      )
    : [others.map((_, i) => i)];
  const pages = chunks(rows, rowsAPage);
  const parts = (pages.length > 0 ? pages : [[]]).flatMap((page) =>
    groups.map((group) => ({ page, group })),
  );
  return parts.map(({ page, group }, part) => {
    const shown = [head, ...group.map((i) => others[i] ?? head)];
    const line = (cells: readonly string[]) =>
      `${[cells[0] ?? '', ...group.map((i) => cells[i + 1] ?? '')].join(' & ')} \\\\`;
    const severalLines = page.some((row) => row.length > 1);
    return [
      '',
      '\\begin{table}[!htbp]',
      ...(part > 0 && number !== null ? ['\\addtocounter{table}{-1}'] : []),
      '\\centering',
      ...captionLines(part, number, caption, label),
      `\\begin{tabular}{@{}${shown.map(({ align }) => align).join('')}@{}}`,
      '\\toprule',
      `${shown.map(({ title }) => title).join(' & ')} \\\\`,
      '\\midrule',
      ...page.flatMap((row, index) => [
        ...(severalLines && index > 0 ? ['\\addlinespace'] : []),
        ...row.map(line),
      ]),
      '\\bottomrule',
      '\\end{tabular}',
      ...(note !== null && part === parts.length - 1
        ? ['', '\\smallskip', `\\begin{minipage}{\\linewidth}\\footnotesize ${note}\\end{minipage}`]
        : []),
      '\\end{table}',
    ];
  });
}

function captionLines(part: number, number: number | null, caption: string, label: string) {
  const text = part === 0 ? caption : `${caption} (continued)`;
  // A caption always counts: one without a number is text in its place.
  if (number === null) return [`${text}\\par\\vspace{6pt}`];
  return part === 0 ? [`\\caption{${text}}`, `\\label{${label}}`] : [`\\caption[]{${text}}`];
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const found: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    found.push(items.slice(start, start + size));
  }
  return found;
}
