import { valueAt } from '../../../../shared/checked-reads';
import { atLine, type CsvRow, splitCells } from './cells';
import { checkHeader, type Columns } from './header';

/**
 * Rows of a file that we wrote, in commas: a header with the columns' own names in any order, then
 * rows with as many cells. Throws `invalid-input` with the line.
 */
export function readOwnCsv(text: string, columns: Columns): CsvRow[] {
  const [first, ...records] = splitCells(text, ',');
  const header = first?.cells ?? [];
  const names = header.map((name) => (columns.known.includes(name) ? name : null));
  checkHeader(header, names, first?.line ?? 1, columns);
  return records.map(({ line, cells }) => {
    if (cells.length !== header.length) {
      throw atLine(line, `has ${cells.length} cells; accepted: ${header.length}, as the header`);
    }
    return { line, cells: new Map(header.map((name, i) => [name, valueAt(cells, i)])) };
  });
}
