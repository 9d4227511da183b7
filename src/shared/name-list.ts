import { formatCount } from './format/counts';
import { callingApart, NameIndex } from './identifying-text';

/** A part of a list up to its comma: in CSV quotes, where a doubled quote is one, or without. */
const part = /\s*(?:"((?:[^"]|"")*)"\s*|([^",\s][^,]*)?)(?:,|$)/y;

/**
 * The names in a list that a person typed: commas part them, and CSV quotes protect a comma within a
 * name (`"Smith, J",Bob`). Spaces around a name and empty parts are dropped.
 *
 * @returns null where a quote is out of place.
 */
export function splitNames(text: string): string[] | null {
  const names: string[] = [];
  for (let at = 0; at < text.length; at = part.lastIndex) {
    part.lastIndex = at;
    const [whole, quoted, plain = ''] = part.exec(text) ?? [];
    if (whole === undefined) return null;
    const name = quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"');
    if (name !== '') names.push(name);
  }
  return names;
}

/** How a name is written in such a list. */
export function quoteName(name: string): string {
  return /[",]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** The one of `known` that is meant: spelled so, or else the only one that is the same name. */
export function knownName(name: string, known: readonly string[]): string | null {
  const [found, second] = new NameIndex(known).find(name);
  return second === undefined ? (found ?? null) : null;
}

/**
 * What there is, for a refusal: the first few names as a list takes them, those that look alike told
 * apart, and how many more.
 */
export function someNames(names: readonly string[], most = 12): string {
  const called = callingApart(names);
  const shown = names
    .slice(0, most)
    .map((name) => (called(name) === name ? quoteName(name) : called(name)))
    .join(', ');
  const more = names.length - most;
  return more > 0 ? `${shown} and ${formatCount(more)} more` : shown;
}
