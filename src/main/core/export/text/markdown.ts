import { type Table } from './table';

/**
 * Any text as one line of GitHub's Markdown that shows it as it is: nothing in it is emphasis, code, a
 * link, HTML, mathematics or the border of a cell. For headings and cells.
 */
export function markdownText(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>#|~&$]/g, (character) => entities[character] ?? `\\${character}`)
    .trim();
}

/** The same where a line begins, as in an item of a list: it begins no list of its own. */
export const markdownLine = (text: string): string =>
  markdownText(text)
    .replace(/^[-+]/, String.raw`\$&`)
    .replace(/^(\d+)([.)])/, String.raw`$1\$2`);

// They would begin HTML, which a backslash does not stop in every reader of Markdown.
const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/** An item a line. */
export const markdownList = (lines: readonly string[]): string =>
  lines.map((line) => `- ${markdownLine(line)}`).join('\n');

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/**
 * Markdown has no captions: the titles say what a caption would. Its notes are a list below; where
 * there are notes and no rows, they stand alone.
 *
 * @param numbers how columns of numbers are aligned
 */
export function markdownTable(
  { columns, rows, notes = [] }: Table,
  numbers: 'left' | 'right' = 'left',
): string {
  const lines = [
    line(columns.map(({ title, titleAlone }) => markdownText(titleAlone ?? title))),
    line(columns.map((column) => (column.numeric && numbers === 'right' ? '---:' : '---'))),
    ...rows.map((cells) => line(cells.map(markdownText))),
  ].join('\n');
  const parts = [
    ...(rows.length > 0 || notes.length === 0 ? [lines] : []),
    ...(notes.length > 0 ? [markdownList(notes)] : []),
  ];
  return parts.join('\n\n');
}
