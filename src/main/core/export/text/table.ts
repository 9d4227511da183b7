export interface Column {
  readonly title: string;
  /** Where no caption says the rest of it. */
  readonly titleAlone?: string;
  readonly numeric?: boolean;
}

/**
 * A table as every format writes it, where its cells are text; one of markup or of LaTeX is for that
 * format alone.
 */
export interface Table<Cell = string> {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly Cell[])[];
  /** What is said below it. */
  readonly notes?: readonly string[];
}

export const columns = (...titles: readonly string[]): Column[] =>
  titles.map((title) => ({ title }));

export const numeric = (title: string): Column => ({ title, numeric: true });
