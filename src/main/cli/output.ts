import { valueAt } from '../../shared/checked-reads';
import { percent } from '../../shared/format/numbers';

/** A share of one in a table: 0.98765 -> '98.77%'; empty where there is none. */
export const shareCell = (share: number | null): string =>
  share === null ? '' : percent(share, 2);

/** Rows in columns; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => valueAt(row, i).length)));
  const numeric = header.map((_, i) =>
    rows.every((row) => /^[-+]?[\d.,%]*$/.test(valueAt(row, i))),
  );
  return all.map((row) =>
    row
      .map((cell, i) => {
        const width = valueAt(widths, i);
        return numeric[i] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
