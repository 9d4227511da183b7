import { valueAt } from './checked-reads';
import { StudioError } from './errors';

/** How the text files that are read may be encoded. */
export const textEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type TextEncoding = (typeof textEncodings)[number];

export const encodingNames: Readonly<Record<TextEncoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 (little-endian)',
  'utf-16be': 'UTF-16 (big-endian)',
  'windows-1252': 'Windows-1252',
};

export interface DecodedText {
  /** Without a byte order mark. */
  readonly text: string;
  readonly encoding: TextEncoding;
  /** What should be said beside it. */
  readonly notes: readonly string[];
}

/** Why bytes are no text, as a clause; and what could be agreed to. */
export interface NoText {
  readonly reason: string;
  /** Lines that tell, as Windows-1252 would read them, by number; empty where it cannot be that. */
  readonly windows1252: readonly (readonly [number, string])[];
}

/**
 * The text of a file that another program may have written: UTF-8 or UTF-16, with or without a byte
 * order mark. Every other byte could be Windows-1252, so that is never assumed, but chosen by a
 * person who sees what it makes of a few lines.
 *
 * @param chosen the encoding, where a person named one
 */
export function decodeText(bytes: Uint8Array, chosen?: TextEncoding): DecodedText | NoText {
  const other = otherFormats.find(({ start }) => startsWith(bytes, start));
  if (other) return noText(`it is ${other.what}, not text`);
  const mark = marks.find(({ start }) => startsWith(bytes, start));
  if (mark && chosen !== undefined && chosen !== mark.encoding) {
    return noText(
      `it begins with the mark of ${encodingNames[mark.encoding]}, so it cannot be ${encodingNames[chosen]}`,
    );
  }
  const encoding = chosen ?? mark?.encoding ?? withoutMark(bytes);
  const content = bytes.subarray(mark?.start.length ?? 0);
  const text = decode(content, encoding);
  if (text === null) {
    if (encoding === 'utf-8' && chosen === undefined) return maybeWindows1252(content);
    const nor = encoding.startsWith('utf-16') ? ', and it is not UTF-8 either' : '';
    const marked = mark ? `it begins with the mark of ${encodingNames[encoding]}, but ` : '';
    return noText(`${marked}its bytes are not ${encodingNames[encoding]} throughout${nor}`);
  }
  const zero = text.indexOf('\0');
  if (zero >= 0) return noText(`line ${lineAt(text, zero)} holds a zero byte`);
  const lost = text.indexOf('\ufffd');
  if (lost >= 0) {
    return noText(
      `line ${lineAt(text, lost)} holds U+FFFD, which stands for a character that another program could not read, so save it again from where it came`,
    );
  }
  const notes =
    chosen === 'windows-1252' && foreign.test(text) && decode(content, 'utf-8') !== null
      ? ['It was read as Windows-1252, as chosen, though its bytes are whole UTF-8.']
      : [];
  return { text, encoding, notes };
}

/**
 * The same for a file that an import reads.
 *
 * @throws StudioError `invalid-input`, field `encoding`. Where Windows-1252 can be chosen,
 * `details.encoding` says so and `details['line 2']` and so on are lines as it would read them.
 */
export function readText(bytes: Uint8Array, chosen?: TextEncoding): DecodedText {
  const decoded = decodeText(bytes, chosen);
  if ('text' in decoded) return decoded;
  const { reason, windows1252 } = decoded;
  const accepted = 'text saved as UTF-8 or UTF-16, or as Windows-1252 where that is chosen';
  throw new StudioError({
    code: 'invalid-input',
    message: `The file is refused: ${reason}; accepted: ${accepted}. Nothing was imported.`,
    field: 'encoding',
    accepted,
    details:
      windows1252.length === 0
        ? {}
        : {
            encoding: 'windows-1252',
            ...Object.fromEntries(windows1252.map(([line, text]) => [`line ${line}`, text])),
          },
  });
}

/** The lines of a text, whatever system wrote it; the end of the last line begins no other. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const marks: readonly { readonly encoding: TextEncoding; readonly start: readonly number[] }[] = [
  { encoding: 'utf-8', start: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', start: [0xff, 0xfe] },
  { encoding: 'utf-16be', start: [0xfe, 0xff] },
];

/** What is often chosen in the place of a text file. */
const otherFormats: readonly { readonly what: string; readonly start: readonly number[] }[] = [
  { what: 'a ZIP file or a spreadsheet (.xlsx, .ods)', start: [0x50, 0x4b, 0x03, 0x04] },
  { what: 'a spreadsheet of the old kind (.xls)', start: [0xd0, 0xcf, 0x11, 0xe0] },
  { what: 'a gzip file', start: [0x1f, 0x8b] },
  { what: 'UTF-32 text', start: [0xff, 0xfe, 0, 0] },
  { what: 'UTF-32 text', start: [0, 0, 0xfe, 0xff] },
];

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, i) => bytes[i] === byte);

/**
 * UTF-16 shows in its zero bytes, which UTF-8 has none of: digits, separators and line ends have one
 * each, first in big-endian text and second in little-endian.
 */
function withoutMark(bytes: Uint8Array): TextEncoding {
  const looked = Math.min(bytes.length, 2 ** 16);
  let first = 0;
  let second = 0;
  for (let i = 0; i < looked; i += 1) {
    if (bytes[i] !== 0) continue;
    if (i % 2 === 0) first += 1;
    else second += 1;
  }
  if (first === second || Math.max(first, second) * 16 < looked) return 'utf-8';
  return second > first ? 'utf-16le' : 'utf-16be';
}

/** Null where the bytes are no such text. */
function decode(bytes: Uint8Array, encoding: TextEncoding): string | null {
  if (encoding === 'windows-1252') return decodeWindows1252(bytes);
  const big = encoding === 'utf-16be';
  try {
    return new TextDecoder(big ? 'utf-16le' : encoding, { fatal: true, ignoreBOM: true }).decode(
      big ? swapped(bytes) : bytes,
    );
  } catch {
    return null;
  }
}

/** Not every build of the runtime decodes big-endian text. */
function swapped(bytes: Uint8Array): Uint8Array {
  const result = Uint8Array.from(bytes);
  for (let i = 0; i + 1 < result.length; i += 2) {
    result[i] = bytes[i + 1] as number;
    result[i + 1] = bytes[i] as number;
  }
  return result;
}

/**
 * What Windows-1252 has from 0x80 to 0x9F, with a space where it has nothing; elsewhere it is
 * Latin-1. A table of our own: decoders of several runtimes take all of it for Latin-1, and the
 * others make controls of the five bytes that are no character.
 */
const upper = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

const undefinedByte = (byte: number): boolean =>
  byte >= 0x80 && byte <= 0x9f && upper[byte - 0x80] === ' ';

function decodeWindows1252(bytes: Uint8Array): string | null {
  if (bytes.some(undefinedByte)) return null;
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 0x2000) {
    const codes = Array.from(bytes.subarray(start, start + 0x2000), (byte) =>
      byte >= 0x80 && byte <= 0x9f ? upper.charCodeAt(byte - 0x80) : byte,
    );
    parts.push(String.fromCharCode(...codes));
  }
  return parts.join('');
}

const lineAt = (text: string, index: number): number =>
  text.slice(0, index).split(/\r\n|\n|\r/).length;

/** Beyond ASCII. */
const foreign = /[\u0080-\uffff]/;

const noText = (reason: string, windows1252: NoText['windows1252'] = []): NoText => ({
  reason,
  windows1252,
});

const mostLines = 3;
const mostCharacters = 120;

/** Of bytes that are neither UTF-8 nor UTF-16. */
function maybeWindows1252(bytes: Uint8Array): NoText {
  const bad = firstBad(bytes);
  const wrong = `it is not UTF-8 or UTF-16 (byte ${hex(bad.byte)} in line ${bad.line})`;
  const text = decodeWindows1252(bytes);
  if (text === null) {
    const at = bytes.findIndex(undefinedByte);
    return noText(`${wrong}, nor Windows-1252, which has no byte ${hex(valueAt(bytes, at))}`);
  }
  const lines = splitLines(text)
    .map((line, i) => [i + 1, line] as const)
    .filter(([, line]) => foreign.test(line))
    .slice(0, mostLines);
  return noText(
    `${wrong}, and it may be Windows-1252`,
    lines.map(([line, words]) => [line, excerpt(words)]),
  );
}

/** As much of a line as is shown, with its first character outside ASCII. */
function excerpt(line: string): string {
  const at = line.search(foreign);
  const start = Math.max(0, Math.min(at - mostCharacters / 2, line.length - mostCharacters));
  const cut = line.slice(start, start + mostCharacters);
  return `${start > 0 ? '…' : ''}${cut}${start + cut.length < line.length ? '…' : ''}`;
}

function firstBad(bytes: Uint8Array): { line: number; byte: number } {
  let line = 1;
  let start = 0;
  for (let end = 0; end <= bytes.length; end += 1) {
    const byte = bytes[end];
    if (byte !== undefined && byte !== 0x0a && byte !== 0x0d) continue;
    const own = bytes.subarray(start, end);
    if (decode(own, 'utf-8') === null) {
      return { line, byte: own.find((each) => each >= 0x80) ?? 0 };
    }
    if (byte === 0x0d && bytes[end + 1] === 0x0a) end += 1;
    start = end + 1;
    line += 1;
  }
  return { line, byte: 0 };
}

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
