import { codePoint } from '../../../../shared/invisible';

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_\\allowbreak{}',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '`': '\\textasciigrave{}',
  "'": '\\textquotesingle{}',
  '"': '\\textquotedbl{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '-': '-{}',
  '\u00a0': '~',
  '×': '\\ensuremath{\\times}',
  '−': '\\ensuremath{-}',
  '≤': '\\ensuremath{\\le}',
  '≥': '\\ensuremath{\\ge}',
  '±': '\\ensuremath{\\pm}',
  '·': '\\ensuremath{\\cdot}',
  '–': '--',
  '—': '---',
  '‘': '`',
  '’': "'",
  '“': '``',
  '”': "''",
  '…': '\\dots{}',
  '†': '\\textdagger{}',
};

/** What the fonts draw as one character of its own where the two meet. */
const ligatures: ReadonlySet<string> = new Set(['--', '``', "''", ',,', '?`', '!`']);

/** Letters that pdfTeX's T1 fonts have (Latin-1 and Latin Extended-A without a few). */
const latin =
  /^[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0125\u0128-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u0165\u0168-\u017e]$/;

/**
 * Any text as one line of LaTeX that pdfLaTeX compiles and that shows it as it is. A character that
 * its fonts lack is named by its code point, as [U+4E2D].
 */
export function latexText(text: string): string {
  let line = '';
  for (const character of text.normalize('NFC').replaceAll(/\s+/gu, ' ').trim()) {
    const known = special[character];
    const plain = /^[\x20-\x7e]$/.test(character) || latin.test(character);
    const next = known ?? (plain ? character : `[${codePoint(character)}]`);
    if (ligatures.has(line.slice(-1) + next.slice(0, 1))) line += '{}';
    line += next;
  }
  // An empty group keeps a bracket or a star at the start of a cell from being read as an option.
  return /^[[*]/.test(line) ? `{}${line}` : line;
}
