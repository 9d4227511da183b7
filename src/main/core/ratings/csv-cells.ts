import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { StudioError } from '../../../shared/errors';
import { plainText } from '../../../shared/identifying-text';

/** One row of a CSV file, its cells by the names of the header. */
export interface CsvRow {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

const parsedSchema = z.array(
  z.object({
    record: z.array(z.string()),
    info: z.object({ lines: z.int(), empty_lines: z.int() }),
  }),
);

/** The text of a file's bytes; a file in another encoding than UTF-8 is refused. */
export function decodeCsv(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new StudioError(
      {
        code: 'invalid-input',
        message: 'The file is not UTF-8 text; accepted: CSV saved as UTF-8.',
        field: 'csv',
        accepted: 'CSV saved as UTF-8',
      },
      error,
    );
  }
}

/**
 * Read RFC 4180 strictly: one header (names in any order, each once, none that is not `known`, all
 * that are `required`), then rows with as many cells. A byte order mark, LF or CRLF line ends and
 * empty lines are taken. Throws `invalid-input` with the line.
 */
export function readCsv(
  text: string,
  columns: { known: readonly string[]; required: readonly string[] },
): CsvRow[] {
  const [first, ...records] = split(text);
  const header = (first?.cells ?? []).map(plainText);
  checkHeader(header, first?.line ?? 1, columns);
  return records.map(({ line, cells }) => {
    if (cells.length !== header.length) {
      throw atLine(line, `has ${cells.length} cells; accepted: ${header.length}, as the header`);
    }
    return { line, cells: new Map(header.map((name, i) => [name, cells[i] ?? ''])) };
  });
}

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

function split(text: string): { line: number; cells: string[] }[] {
  let end = 0;
  let skipped = 0;
  try {
    const records: unknown = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n'],
    });
    return parsedSchema.parse(records).map(({ record, info }) => {
      const line = end + (info.empty_lines - skipped) + 1;
      end = info.lines;
      skipped = info.empty_lines;
      // Also keeps the count right: the parser counts a CRLF within quotes twice.
      if (record.some((cell) => /[\r\n]/.test(cell))) {
        throw atLine(line, 'has a line break within a cell; accepted: cells of one line');
      }
      return { line, cells: record };
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : end + 1;
    const how = 'accepted: quotes around a whole cell, closed, quotes within it doubled';
    throw atLine(line, `has a quote that is out of place; ${how}`);
  }
}

function checkHeader(
  header: readonly string[],
  line: number,
  { known, required }: { known: readonly string[]; required: readonly string[] },
): void {
  const accepted = `a header of ${required.join(', ')}, and of ${known
    .filter((name) => !required.includes(name))
    .join(', ')} where there are such columns`;
  for (const [i, name] of header.entries()) {
    if (!known.includes(name)) {
      throw atLine(line, `has an unknown column ${JSON.stringify(name)}; accepted: ${accepted}`);
    }
    if (header.indexOf(name) < i) {
      throw atLine(line, `has the column ${name} twice; accepted: ${accepted}`);
    }
  }
  for (const name of required) {
    if (!header.includes(name)) {
      throw atLine(line, `has no column ${name}; accepted: ${accepted}`);
    }
  }
}
