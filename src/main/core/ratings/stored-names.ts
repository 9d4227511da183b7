import { lookOf, NameIndex, nameKey, toldApart, without } from '../../../shared/identifying-text';
import { hiddenIn } from '../../../shared/invisible';
import { refuseCell } from '../export/csv/cells';
import { type NamingColumn, type WrittenRow } from './long-format';

/** What a study calls its raters, datasets, images and methods. */
export type StudyNames = Readonly<Record<Exclude<NamingColumn, 'study'>, Iterable<string>>>;

/** How the names of a column are the same: case does not tell raters apart. */
const keys = { dataset: lookOf, image: lookOf, method: lookOf, rater: nameKey } as const;

/**
 * The rows of a file with the names of a study as it stores them. A cell that is byte for byte a
 * stored name means that one, whatever it holds; else the one of its plain text, or of its look. A
 * name that is new holds nothing that nobody sees, and is written in one way throughout the file.
 *
 * Throws `invalid-input` with line, column, value and what is accepted.
 */
export function inStoredNames(rows: readonly WrittenRow[], names: StudyNames): WrittenRow[] {
  const columns = (['dataset', 'image', 'method', 'rater'] as const).map((column) =>
    columnNames(column, names[column]),
  );
  const [dataset, image, method, rater] = columns;
  if (!dataset || !image || !method || !rater) return [];
  return rows.map((row) => ({
    ...row,
    row: {
      ...row.row,
      dataset: dataset(row),
      image: image(row),
      method: method(row),
      rater: rater(row),
    },
  }));
}

type Named = (row: WrittenRow) => string;

function columnNames(column: keyof StudyNames, stored: Iterable<string>): Named {
  const index = new NameIndex(stored, keys[column]);
  const known = new Map<string, string>();
  const fresh = new Map<string, { name: string; line: number }>();
  return (row) => {
    const written = row.written[column];
    const before = known.get(written);
    if (before !== undefined) return before;
    const found = storedName(index, column, row);
    const name = found ?? freshName(fresh, column, row);
    known.set(written, name);
    return name;
  };
}

function storedName(
  index: NameIndex,
  column: keyof StudyNames,
  { row, written }: WrittenRow,
): string | null {
  const found = index.find(written[column]);
  const [name, second] = found;
  if (name === undefined) return null;
  if (second !== undefined) {
    const accepted = `one of the study’s names as it is stored: ${toldApart(found)}`;
    throw refuseCell(row.line, column, written[column], accepted);
  }
  // Case is no slip that is mended: the study's own spelling is asked for.
  if (lookOf(name) !== lookOf(row[column])) {
    throw refuseCell(row.line, column, written[column], `${name}, as the study spells this code`);
  }
  return name;
}

function freshName(
  fresh: Map<string, { name: string; line: number }>,
  column: keyof StudyNames,
  { row, written }: WrittenRow,
): string {
  const { line } = row;
  const name = row[column];
  const hidden = hiddenIn(name);
  if (hidden.length > 0) {
    throw refuseCell(line, column, written[column], `text ${without(hidden)}`);
  }
  const first = fresh.get(keys[column](name));
  if (first && first.name !== name) {
    const same =
      column === 'rater' && lookOf(first.name) !== lookOf(name)
        ? `${first.name}, as line ${first.line} spells this code (case does not tell raters apart)`
        : `${toldApart([first.name])}, as line ${first.line} writes it, which looks the same`;
    throw refuseCell(line, column, written[column], same);
  }
  if (!first) fresh.set(keys[column](name), { name, line });
  return name;
}
