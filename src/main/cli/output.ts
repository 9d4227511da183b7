import { percent } from '../../shared/format/numbers';

/** A share of one in a table: 0.98765 -> '98.77%'; empty where there is none. */
export const shareCell = (share: number | null): string =>
  share === null ? '' : percent(share, 2);

/** Rows in columns; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const numeric = header.map((_, i) => rows.every((row) => /^[-+]?[\d.,%]*$/.test(row[i] ?? '')));
  return all.map((row) =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
