import { latexText } from './latex';
import { type Column, type Table } from './table';

/** LaTeX already. */
export interface Latex {
  readonly latex: string;
  /** On a second line of the row. */
  readonly below?: string;
}

export type LatexCell = string | Latex;

export interface LatexColumn extends Column {
  /** The title as LaTeX, where it is more than text. */
  readonly latex?: string;
  /** As in a tabular's preamble; default: left, or right for numbers. */
  readonly align?: string;
}

export interface LatexTable extends Omit<Table<LatexCell>, 'caption'> {
  readonly label: string;
  readonly caption: LatexCell;
  readonly columns: readonly LatexColumn[];
  /** Columns may go on in a further table, three at a time. */
  readonly breaks?: boolean;
}

/** What fits on a page: columns side by side, rows below one another. */
const columnsAPage = 3;
const rowsAPage = 20;

const latexOf = (cell: LatexCell): string =>
  typeof cell === 'string' ? latexText(cell) : cell.latex;

const alignOf = ({ align, numeric }: LatexColumn): string => align ?? (numeric ? 'r' : 'l');

/**
 * One `table` environment of booktabs for each page that the table takes, each in its lines. What is
 * too wide or too long for a page goes on in a table of the same number; the notes stand below the
 * last.
 */
export function latexTables(
  table: LatexTable,
  numbering: 'numbered' | 'unnumbered' = 'numbered',
): string[][] {
  const { label, columns, rows, notes = [] } = table;
  const caption = latexOf(table.caption);
  const places = columns.map((_, i) => i).slice(1);
  const wide = table.breaks === true && places.length > columnsAPage;
  const groups = wide ? chunks(places, columnsAPage) : [places];
  const pages = rows.length > 0 ? chunks(rows, rowsAPage) : [[]];
  const parts = pages.flatMap((page) => groups.map((group) => ({ page, group })));
  return parts.map(({ page, group }, part) => {
    const shown = <T>(items: readonly T[]) => items.filter((_, i) => i === 0 || group.includes(i));
    const line = (cells: readonly string[]) => `${shown(cells).join(' & ')} \\\\`;
    const severalLines = page.some((row) => linesOf(row).length > 1);
    return [
      '',
      '\\begin{table}[!htbp]',
      ...(part > 0 && numbering === 'numbered' ? ['\\addtocounter{table}{-1}'] : []),
      '\\centering',
      ...captionLines(part === 0 ? caption : `${caption} (continued)`, part, label, numbering),
      `\\begin{tabular}{@{}${shown(columns).map(alignOf).join('')}@{}}`,
      '\\toprule',
      line(columns.map(({ latex, title }) => latex ?? latexText(title))),
      '\\midrule',
      ...page.flatMap((row, index) => [
        ...(severalLines && index > 0 ? ['\\addlinespace'] : []),
        ...linesOf(row).map(line),
      ]),
      '\\bottomrule',
      '\\end{tabular}',
      ...(notes.length > 0 && part === parts.length - 1 ? below(notes) : []),
      '\\end{table}',
    ];
  });
}

function captionLines(text: string, part: number, label: string, numbering: string): string[] {
  // A caption always counts: one without a number is text in its place.
  if (numbering === 'unnumbered') return [`${text}\\par\\vspace{6pt}`];
  return part === 0 ? [`\\caption{${text}}`, `\\label{${label}}`] : [`\\caption[]{${text}}`];
}

const below = (notes: readonly string[]): string[] => [
  '',
  '\\smallskip',
  `\\begin{minipage}{\\linewidth}\\footnotesize ${notes.map(latexText).join(' ')}\\end{minipage}`,
];

/** A row in one line, or in two where any of its cells has something below. */
function linesOf(row: readonly LatexCell[]): string[][] {
  const second = row.map((cell) => (typeof cell === 'string' ? undefined : cell.below));
  const first = row.map(latexOf);
  return second.every((text) => text === undefined)
    ? [first]
    : [first, second.map((text) => text ?? '')];
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const found: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    found.push(items.slice(start, start + size));
  }
  return found;
}
