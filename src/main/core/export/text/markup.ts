import { valueAt } from '../../../../shared/checked-reads';

/** Text that is markup already, and is not escaped again. */
export interface Markup {
  readonly markup: string;
}

export const raw = (markup: string): Markup => ({ markup });

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escape for element content and quoted attributes, of XML and HTML; controls XML forbids go. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}

export type Piece = string | number | Markup | readonly Piece[];

/** Markup with every inserted text escaped; lists are joined, markup stays as it is. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return raw(
    parts.map((part, i) => (i === 0 ? '' : textOf(valueAt(pieces, i - 1))) + part).join(''),
  );
}

function textOf(piece: Piece): string {
  if (typeof piece === 'string') return escapeMarkup(piece);
  if (typeof piece === 'number') return String(piece);
  if ('markup' in piece) return piece.markup;
  return piece.map(textOf).join('');
}
