import { valueAt } from '../../../../shared/checked-reads';
import {
  type ChosenReading,
  type CsvReading,
  delimiterCharacters,
  delimiterNames,
} from '../../../../shared/csv-reading';
import { atLine, type CsvRow, splitCells, type SplitLine, wholeWithFraction } from './cells';
import { findDialect } from './dialect';
import { unguarded } from './guard';
import { checkHeader, columnNamed, type Columns } from './header';
import { findDecimalMark, type NumberCell, withPoint } from './numbers';

/** The columns of a table that another program may have written. */
export interface TableColumns extends Columns {
  /** Hold numbers. */
  readonly numbers: readonly string[];
  /** Hold names that may be whole numbers. */
  readonly codes: readonly string[];
}

export interface CsvTable {
  /** Of the file, in its order. */
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
  readonly reading: Omit<CsvReading, 'encoding'>;
}

/**
 * Read a table whatever program wrote it: commas, semicolons, tabs or bars between cells, a decimal
 * comma, a line that names the separator, an index or empty columns beside the others, names of
 * columns in another case. How is found once for all of the file, or chosen, and told in `reading`.
 * Numbers come with a decimal point, and the apostrophe that keeps a spreadsheet from running a cell
 * is taken away.
 *
 * Throws `invalid-input` with the line; with the field `delimiter` or `decimal` where one is to be
 * chosen.
 */
export function readTable(
  text: string,
  columns: TableColumns,
  chosen: Omit<ChosenReading, 'encoding'> = {},
): CsvTable {
  const dialect = findDialect(text, columns, chosen.delimiter);
  const [head, ...all] = splitCells(dialect.text, delimiterCharacters[dialect.delimiter]);
  const header = head ?? { line: 1, cells: [], quoted: new Set<number>() };
  const full = all.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  const kept = [...header.cells.keys()].filter((at) => isNamed(valueAt(header.cells, at)));
  const names = kept.map((at) => columnNamed(valueAt(header.cells, at), columns.known));
  checkHeader(
    kept.map((at) => valueAt(header.cells, at)),
    names,
    header.line,
    columns,
    ` (the file was read with ${delimiterNames[dialect.delimiter]} between its cells)`,
  );
  checkRows(header.cells, kept, full);
  const found = kept.map((at, i) => ({ at, name: names[i] ?? '' }));
  const cellsOf = (name: string) =>
    found
      .filter((column) => column.name === name)
      .flatMap(({ at }) =>
        full.map(({ line, cells, quoted }) => ({
          line,
          column: name,
          value: valueAt(cells, at).trim(),
          quoted: quoted.has(at),
        })),
      );
  const decimal =
    chosen.decimal ??
    findDecimalMark(columns.numbers.flatMap(cellsOf), dialect.delimiter === 'comma');
  const whole = new Set(columns.codes.filter((name) => isWhole(cellsOf(name))));

  const rows = full.map(({ line, cells }): CsvRow => ({
    line,
    cells: new Map(
      found.map(({ at, name }) => {
        const value = unguarded(valueAt(cells, at));
        if (whole.has(name)) return [name, value.trim().replace(wholeWithFraction, '$1')];
        if (!columns.numbers.includes(name)) return [name, value];
        return [name, withPoint({ line, column: name, value: value.trim() }, decimal)];
      }),
    ),
  }));
  const notes = [
    ...dialect.notes,
    ...headerNotes(header.cells, found),
    ...leftOut(header.cells, kept),
    ...(full.length < all.length
      ? [
          `${counted(all.length - full.length, 'row')} without any cell ${wasLeftOut(all.length - full.length)}.`,
        ]
      : []),
    ...[...whole].map((name) => `Whole numbers in ${name} have a fraction: 4.0 was read as 4.`),
  ];
  return {
    columns: found.map(({ name }) => name),
    rows,
    reading: { delimiter: dialect.delimiter, decimal, notes },
  };
}

/**
 * Columns without a name are empty throughout, or an index before the others. Every row has a cell
 * for each column that has one, and nothing beyond the header.
 */
function checkRows(
  header: readonly string[],
  kept: readonly number[],
  rows: readonly SplitLine[],
): void {
  header.forEach((_, at) => {
    if (kept.includes(at)) return;
    const own = rows.map(({ line, cells }) => ({ line, value: (cells[at] ?? '').trim() }));
    const filled = own.find(({ value }) => value !== '');
    const before = at < valueAt(kept, 0);
    if (!filled || (before && isIndex(own.map(({ value }) => value)))) return;
    throw atLine(
      filled.line,
      `has ${JSON.stringify(filled.value)} in a column without a name; accepted: an index before the other columns, whole numbers that are all different, or empty cells`,
    );
  });
  const width = (kept.at(-1) ?? -1) + 1;
  for (const { line, cells } of rows) {
    const beyond = cells.slice(header.length).some((cell) => cell.trim() !== '');
    if (cells.length < width || beyond) {
      throw atLine(line, `has ${cells.length} cells; accepted: ${header.length}, as the header`);
    }
  }
}

/** Nothing, or what pandas calls a column without a name. */
const isNamed = (name: string): boolean => !/^(unnamed: \d+(\.\d+)*)?$/i.test(name.trim());

const isIndex = (values: readonly string[]): boolean =>
  values.every((value) => /^\d+(\.0+)?$/.test(value)) && new Set(values).size === values.length;

/** Whether a column holds whole numbers alone, some of them with a fraction, none of them a text. */
function isWhole(cells: readonly (NumberCell & { readonly quoted: boolean })[]): boolean {
  const filled = cells.filter(({ value }) => value !== '');
  return (
    filled.some(({ value }) => wholeWithFraction.test(value)) &&
    filled.every(
      ({ value, quoted }) => !quoted && (/^\d+$/.test(value) || wholeWithFraction.test(value)),
    )
  );
}

function headerNotes(
  header: readonly string[],
  found: readonly { readonly at: number; readonly name: string }[],
): string[] {
  const others = found.filter(({ at, name }) => header[at] !== name);
  if (others.length === 0) return [];
  const each = others.map(({ at, name }) => `${JSON.stringify(header[at])} as ${name}`);
  return [`Columns with other names: ${each.join(', ')}.`];
}

function leftOut(header: readonly string[], kept: readonly number[]): string[] {
  const before = valueAt(kept, 0);
  const empty = header.length - before - kept.length;
  return [
    ...(before > 0
      ? [
          `${counted(before, 'column')} before the others, an index or empty, ${wasLeftOut(before)}.`,
        ]
      : []),
    ...(empty > 0 ? [`${counted(empty, 'empty column')} ${wasLeftOut(empty)}.`] : []),
  ];
}

const counted = (count: number, what: string): string =>
  count === 1 ? `1 ${what}` : `${count} ${what}s`;
const wasLeftOut = (count: number): string => (count === 1 ? 'was left out' : 'were left out');
