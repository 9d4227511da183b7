import { type ByteSource } from '../models/byte-source';
import { isZip } from '../models/torch-file/zip';
import { shown } from '../models/torch-file/problems';
import { Entries } from '../models/zip-entries';
import { type HeaderSource, isNpy, type NpyHeader, readNpyHeader, valuesIn } from './npy-header';
import { acceptedNumbers, type NumberType, numberType } from './number-type';
import { type Refusals, refusalsOf } from './refusals';

/** An array of a file, before its values are read. */
export interface OpenArray {
  /** In an `.npz`; null: the file itself. */
  readonly name: string | null;
  readonly header: NpyHeader;
  readonly type: NumberType;
  /** Every array of the file, for choosing. */
  readonly names: readonly string[];
  /** The whole `.npy`. */
  readonly content: Content;
}

/** Where it can be read anywhere, or piece by piece alone. Pieces have their CRC-32 compared at the end. */
type Content =
  | { readonly kind: 'file'; readonly source: ByteSource }
  | { readonly kind: 'stored'; readonly source: ByteSource; readonly pieces: Pieces }
  | { readonly kind: 'packed'; readonly pieces: Pieces };
type Pieces = () => AsyncIterable<Uint8Array>;

/** Arrays of an `.npz` that a refusal names. */
const told = 20;

/**
 * Open an `.npy`, or one array of an `.npz`.
 *
 * @param file the file's name, for messages
 * @param wanted which array of an `.npz`; null: the only one
 * @throws StudioError `corrupt-file` for a file that NumPy did not write or that is cut off;
 *   `invalid-input` for values that are no numbers, and, with field `array` and the names, one a line, in
 *   `details.choices`, where the array has to be chosen
 */
export async function openArray(
  source: ByteSource,
  file: string,
  wanted: string | null,
): Promise<OpenArray> {
  const refusals = refusalsOf(file);
  const head = source.read(0, Math.min(source.size, 6));
  if (isNpy(head)) {
    if (wanted !== null) {
      throw refusals.refused(
        'is one array and no .npz: no array of it is chosen by its name',
        'array',
      );
    }
    const content = { kind: 'file', source } as const;
    return whole({ name: null, names: [], content }, source, refusals);
  }
  if (!isZip(head)) {
    throw refusals.refused('is neither an .npy nor an .npz of NumPy: save the maps by numpy.save');
  }
  const entries = await Entries.open(source, refusals);
  const names = entries.names.filter((name) => name.endsWith('.npy')).map(withoutEnding);
  const name = chosen(names, wanted, refusals);
  const entry = `${name}.npy`;
  const size = entries.size(entry) ?? 0;
  const about = { name, names };
  const own = refusalsOf(`${file}, ${shown(name)}`);
  const pieces = () => entries.content(entry);
  if (entries.isStored(entry)) {
    const stored = { size, read: (from: number, to: number) => entries.part(entry, from, to) };
    return whole({ ...about, content: { kind: 'stored', source: stored, pieces } }, stored, own);
  }
  const start = { size, ...beginningOf(await firstPiece(pieces()), own) };
  return whole({ ...about, content: { kind: 'packed', pieces } }, start, own);
}

const withoutEnding = (name: string): string => name.slice(0, -'.npy'.length);

function chosen(names: readonly string[], wanted: string | null, { refused }: Refusals): string {
  const [first, second] = names;
  if (first === undefined) {
    throw refused('is a zip without an array: numpy.savez writes .npz files');
  }
  if (wanted === null && second === undefined) return first;
  if (wanted !== null && names.includes(wanted)) return wanted;
  const some = names.slice(0, told).map(shown).join(', ');
  const more = names.length > told ? ` and ${names.length - told} more` : '';
  const what =
    wanted === null
      ? `holds ${names.length} arrays: choose one of ${some}${more}`
      : `has no array ${shown(wanted)}; it holds ${some}${more}`;
  throw refused(what, 'array', { choices: names.slice(0, 1000).join('\n') });
}

/** The beginning of packed content, which holds any header. */
async function firstPiece(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of pieces) {
    parts.push(part);
    length += part.length;
    if (length >= 2 ** 15) break;
  }
  return Buffer.concat(parts);
}

const beginningOf = (bytes: Uint8Array, { damaged }: Refusals) => ({
  read(from: number, to: number) {
    if (to > bytes.length) throw damaged('it ends within its header');
    return new Uint8Array(bytes.subarray(from, to));
  },
});

function whole(
  about: Omit<OpenArray, 'header' | 'type'>,
  start: HeaderSource,
  refusals: Refusals,
): OpenArray {
  const header = readNpyHeader(start, refusals);
  const { descr, shape } = header;
  const type = numberType(descr);
  if (type === null) {
    const what = descr.includes('O') ? 'Python objects' : `values of type ${shown(descr)}`;
    throw refusals.refused(`holds ${what}; accepted are ${acceptedNumbers}`);
  }
  const stated = header.start + valuesIn(shape) * type.width;
  if (stated !== start.size) {
    throw refusals.damaged(
      `it has ${start.size.toLocaleString('en')} bytes, and its shape [${shape.join(', ')}] of ${type.label} takes ${stated.toLocaleString('en')}`,
    );
  }
  return { ...about, header, type };
}
