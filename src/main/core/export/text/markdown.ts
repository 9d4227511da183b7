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
