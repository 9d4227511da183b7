import { atLine } from './cells';

/** The columns that a file may have, and those that it must have. */
export interface Columns {
  readonly known: readonly string[];
  readonly required: readonly string[];
}

/** Whatever the case, and whatever stands between words: `Rater ID`, `rater.id`, `rater_id`. */
const folded = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[ ._()-]/g, '');

/** The column that a name of a header stands for: by itself, or as the id of what it names. */
export function columnNamed(name: string, known: readonly string[]): string | null {
  const own = folded(name);
  return known.find((column) => [folded(column), `${folded(column)}id`].includes(own)) ?? null;
}

/**
 * Every name of a header is known, each once, and none is missing. Throws `invalid-input`.
 *
 * @param names what each cell of the header stands for; null for what stands for nothing
 * @param how how the line was read, where that could be the reason
 */
export function checkHeader(
  header: readonly string[],
  names: readonly (string | null)[],
  line: number,
  { known, required }: Columns,
  how = '',
): void {
  const accepted = `a header of ${required.join(', ')}, and of ${known
    .filter((name) => !required.includes(name))
    .join(', ')} where there are such columns${how}`;
  for (const [i, name] of names.entries()) {
    if (name === null) {
      const shown = JSON.stringify(header[i]);
      throw atLine(line, `has an unknown column ${shown}; accepted: ${accepted}`);
    }
    if (names.indexOf(name) < i) {
      throw atLine(line, `has the column ${name} twice; accepted: ${accepted}`);
    }
  }
  for (const name of required) {
    if (!names.includes(name)) {
      throw atLine(line, `has no column ${name}; accepted: ${accepted}`);
    }
  }
}
