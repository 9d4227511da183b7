import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { StudioError } from '../../../../shared/errors';

/** One row of a CSV file, its cells by the names of the columns. */
export interface CsvRow {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

export interface SplitLine {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Of the cells that look like whole numbers with a fraction (4.0), those in quotes: texts. */
  readonly quoted: ReadonlySet<number>;
}

/**
 * `4.0` or `4.00`: a whole number as programs write it that give every number a fraction. Three zeros
 * could as well be thousands.
 */
export const wholeWithFraction = /^(\d+)[.,]0{1,2}$/;

const parsedSchema = z.array(
  z.object({
    record: z.array(z.string()),
    info: z.object({ lines: z.int(), empty_lines: z.int() }),
  }),
);

const noneQuoted: ReadonlySet<number> = new Set();

/**
 * Cells by RFC 4180, but for the character between them: quotes around a whole cell or none. Line
 * ends are LF or CRLF, and empty lines are passed over. Throws `invalid-input` with the line.
 *
 * @param before lines of the file that come before the text
 */
export function splitCells(text: string, delimiter: string, before = 0): SplitLine[] {
  let end = 0;
  let skipped = 0;
  const quoted = new Map<number, Set<number>>();
  try {
    const records: unknown = parse(text, {
      bom: true,
      info: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n'],
      cast: (value, { quoting, records: record, index }) => {
        if (quoting && wholeWithFraction.test(value)) {
          quoted.set(record, (quoted.get(record) ?? new Set<number>()).add(index));
        }
        return value;
      },
    });
    return parsedSchema.parse(records).map(({ record, info }, index) => {
      const line = before + end + (info.empty_lines - skipped) + 1;
      end = info.lines;
      skipped = info.empty_lines;
      // Also keeps the count right: the parser counts a CRLF within quotes twice.
      if (record.some((cell) => /[\r\n]/.test(cell))) {
        throw atLine(line, 'has a line break within a cell; accepted: cells of one line');
      }
      return { line, cells: record, quoted: quoted.get(index) ?? noneQuoted };
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const own = 'lines' in error && typeof error.lines === 'number' ? error.lines : end + 1;
    const line = before + own;
    const how = 'accepted: quotes around a whole cell, closed, quotes within it doubled';
    throw atLine(line, `has a quote that is out of place; ${how}`);
  }
}

/** The same of a long text, some lines at a time: what of them is not kept is not held. */
export function* splitCellsByParts(text: string, delimiter: string): Generator<SplitLine> {
  let before = 0;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at + partLength) + 1 || text.length;
    const part = text.slice(at, end);
    yield* splitCells(part, delimiter, before);
    for (let i = part.indexOf('\n'); i >= 0; i = part.indexOf('\n', i + 1)) before += 1;
    at = end;
  }
}
const partLength = 2 ** 18;

/** A refusal of one cell: line, column, value and what is accepted. */
export function refuseCell(
  line: number,
  column: string,
  value: string,
  accepted: string,
): StudioError {
  const shown = JSON.stringify(value.length > 100 ? `${value.slice(0, 97)}...` : value);
  return new StudioError({
    code: 'invalid-input',
    message: `Line ${line}, column ${column}: ${shown} was refused; accepted: ${accepted}. Nothing was imported.`,
    field: column,
    value: shown,
    accepted,
    details: { line: String(line), column },
  });
}

/** A refusal of a line as a whole. */
export function atLine(line: number, problem: string): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `Line ${line} ${problem}. Nothing was imported.`,
    details: { line: String(line) },
  });
}
