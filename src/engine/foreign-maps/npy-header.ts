import { type Refusals } from './refusals';

/** What a `.npy` file says of its values, which follow its header. */
export interface NpyHeader {
  /** NumPy's name of the type, such as `<f4`. */
  readonly descr: string;
  /** The first axis runs fastest. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly start: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Bytes that say how long the header is, in versions 1.0, and 2.0 and 3.0. */
const prefixes: ReadonlyMap<number, number> = new Map([
  [1, 10],
  [2, 12],
  [3, 12],
]);
/** NumPy itself reads no longer header without being told to. */
const longestHeader = 10_000;
const mostAxes = 32;

/** Whether a file begins as `.npy` files do. */
export const isNpy = (head: Uint8Array): boolean => magic.every((byte, i) => head[i] === byte);

/** A whole file of which the beginning can be read. */
export interface HeaderSource {
  readonly size: number;
  read(from: number, to: number): Uint8Array;
}

/**
 * Read the header of a `.npy` file of any version: the dictionary is parsed, never evaluated.
 *
 * @throws StudioError `corrupt-file` for what NumPy did not write, `invalid-input` for values that are
 *   no plain numbers
 */
export function readNpyHeader(source: HeaderSource, { damaged, refused }: Refusals): NpyHeader {
  const { size } = source;
  const head = source.read(0, Math.min(size, 12));
  if (!isNpy(head)) throw damaged('it does not begin as .npy files do');
  const prefix = prefixes.get(head[6] ?? 0);
  if (prefix === undefined || head.length < prefix) {
    throw damaged(`it is of version ${head[6] ?? 'none'} of the format; 1, 2 and 3 are known`);
  }
  const view = new DataView(head.buffer, head.byteOffset);
  const length = prefix === 10 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader) throw damaged(`its header has ${length} bytes`);
  const start = prefix + length;
  if (start > size) throw damaged('it ends within its header');
  const encoding = head[6] === 3 ? 'utf-8' : 'latin1';
  const fields = parseDictionary(new TextDecoder(encoding).decode(source.read(prefix, start)));
  if (fields === null) throw damaged('its header is no dictionary of a type, an order and a shape');
  const { descr, fortran, shape } = fields;
  if (descr === null) {
    throw refused('holds records of several fields: save an array of numbers');
  }
  if (shape.length > mostAxes) throw damaged(`it has ${shape.length} axes`);
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(valuesIn(shape))) {
    throw damaged(`it states more values than there can be`);
  }
  return { descr, fortran, shape, start };
}

export const valuesIn = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

interface Fields {
  /** Null: a record. */
  readonly descr: string | null;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

const tokens =
  /\s*(?:(?<text>'[^'\\]*'|"[^"\\]*")|(?<word>True|False)|(?<number>\d{1,20})L?|(?<sign>[{}()[\],:]))/y;

/** The three keys in any order, each once; null where the text is anything else. */
function parseDictionary(text: string): Fields | null {
  const found: string[] = [];
  tokens.lastIndex = 0;
  const whole = text.trimEnd();
  while (tokens.lastIndex < whole.length) {
    const { groups } = tokens.exec(whole) ?? {};
    if (!groups) return null;
    found.push(groups['text'] ?? groups['word'] ?? groups['number'] ?? groups['sign'] ?? '');
  }
  return readDictionary(found);
}

function readDictionary(words: readonly string[]): Fields | null {
  let at = 0;
  const take = (word: string): boolean => {
    if (words[at] !== word) return false;
    at += 1;
    return true;
  };
  let descr: string | null | undefined;
  let fortran: boolean | undefined;
  let shape: number[] | undefined;
  if (!take('{')) return null;
  while (!take('}')) {
    const key = words[at]?.slice(1, -1);
    at += 1;
    if (!take(':')) return null;
    const value = words[at] ?? '';
    if (key === 'descr' && descr === undefined) {
      if (value === '[') {
        descr = null;
        at = skipList(words, at);
      } else if (/^['"]/.test(value)) {
        descr = value.slice(1, -1);
        at += 1;
      } else return null;
    } else if (key === 'fortran_order' && fortran === undefined) {
      if (value !== 'True' && value !== 'False') return null;
      fortran = value === 'True';
      at += 1;
    } else if (key === 'shape' && shape === undefined) {
      if (!take('(')) return null;
      shape = [];
      while (!take(')')) {
        const size = words[at] ?? '';
        if (!/^\d+$/.test(size)) return null;
        shape.push(Number(size));
        at += 1;
        if (!take(',') && words[at] !== ')') return null;
      }
    } else return null;
    if (!take(',') && words[at] !== '}') return null;
  }
  if (at !== words.length) return null;
  if (descr === undefined || fortran === undefined || shape === undefined) return null;
  return { descr, fortran, shape };
}

/** The place after a list that begins here, or the end. */
function skipList(words: readonly string[], from: number): number {
  let depth = 0;
  for (let at = from; at < words.length; at += 1) {
    if (words[at] === '[') depth += 1;
    if (words[at] === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return words.length;
}
