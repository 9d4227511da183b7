/**
 * Characters that show nothing, and where they are as they should be.
 *
 * The zero-width joiner and non-joiner (U+200D, U+200C) shape the words of cursive and Indic scripts,
 * and the joiner, variation selectors and tags make emoji of several characters; everywhere else they
 * and their like make two texts look as one.
 */

/** Scripts whose letters change their shape by a joiner (UAX 31, section 2.3.1). */
const shaped = [
  ...['Adlam', 'Arabic', 'Hanifi_Rohingya', 'Mandaic', 'Mongolian', 'Nko', 'Syriac'],
  ...['Balinese', 'Bengali', 'Devanagari', 'Gujarati', 'Gurmukhi', 'Javanese', 'Kannada', 'Khmer'],
  ...['Malayalam', 'Myanmar', 'Oriya', 'Sinhala', 'Tamil', 'Telugu'],
];
const letter = `(?=[\\p{L}\\p{M}])(?!\\p{Default_Ignorable_Code_Point})[${shaped
  .map((script) => `\\p{Script_Extensions=${script}}`)
  .join('')}]`;
/** Signs that take a consonant's vowel away: a joiner after one may end a word. */
const virama =
  '[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA\\u1039\\u17D2\\u1B44\\uA9C0]';
const joiner = '[\\u200C\\u200D]';
const word = `(?:${letter}${joiner}?(?=${letter})|${virama}${joiner}?(?!${joiner})|${letter})+`;

/** England, Scotland and Wales: the flags that tags tell apart. */
const tagged =
  '\\u{1F3F4}\\u{E0067}\\u{E0062}(?:\\u{E0065}\\u{E006E}\\u{E0067}|\\u{E0073}\\u{E0063}\\u{E0074}|\\u{E0077}\\u{E006C}\\u{E0073})\\u{E007F}';
const keycap = '[0-9#*]\\uFE0F?\\u20E3';
const picture = '\\p{Extended_Pictographic}(?:\\p{Emoji_Modifier}|[\\uFE0E\\uFE0F])?';
const emoji = `${tagged}|${keycap}|${picture}(?:\\u200D${picture})*`;

/** Format characters that are drawn: the number signs of Arabic, Syriac and Kaithi. */
const drawn = '[\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}]';
/** The last: Braille's empty cell, fillers, the place of an object, and of what was lost. */
const unseen = `(?!${drawn})(?:\\u{16FE4}|[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\u2800\\u{1D159}\\uFFFC\\uFFFD])`;

const parts = new RegExp(`${emoji}|${word}|(?<unseen>${unseen})`, 'gu');
const blank = /(?<unseen>[\p{Z}])/gu;
const ignored = new RegExp(`(?<kept>${tagged})|${unseen}`, 'gu');

/** A character's code point as Unicode writes it: 'U+4E2D'. */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * The characters of a text that nobody sees and that do not belong where they stand, as U+200B, each
 * once. Spaces are no such characters, but tabs and line breaks are.
 */
export function hiddenIn(text: string): string[] {
  const found = [...text.matchAll(parts)].flatMap(({ groups }) => groups?.['unseen'] ?? []);
  return [...new Set(found.map(codePoint))];
}

/**
 * A text for people to read in which everything that they could not see, or would take for a plain
 * space, stands by its code point: `Very[U+00A0]Low`. Line breaks and tabs stay.
 */
export function showHidden(text: string): string {
  const named = (match: string, part: string | undefined) =>
    part === undefined || /[ \t\n\r]/.test(part) ? match : `[${codePoint(part)}]`;
  return text
    .replaceAll(parts, (match: string, part?: string) => named(match, part))
    .replaceAll(blank, (match: string, part?: string) => named(match, part));
}

/** A text without all that shows nothing, also where it belongs; equal where two look the same. */
export function withoutHidden(text: string): string {
  return text.replaceAll(ignored, (_match, kept?: string) => kept ?? '');
}

/** A text with everything beyond ASCII by its code points: `Jose[U+0301]`. */
export function spelledOut(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, (character) => `[${codePoint(character)}]`);
}
