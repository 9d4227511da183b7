/**
 * A cell that begins so can run as a formula where a spreadsheet opens the file. Apostrophes before
 * it count, so that taking one away again is always right.
 */
const runs = /^'*[=+\-@\t\r]/;

/** A text as its cell: one apostrophe before what a spreadsheet could run. Numbers need none. */
export const guarded = (text: string): string => (runs.test(text) ? `'${text}` : text);

/** The text of such a cell. */
export const unguarded = (cell: string): string =>
  cell.startsWith("'") && runs.test(cell) ? cell.slice(1) : cell;
