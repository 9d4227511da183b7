import { turnBytes, valueTypes } from '../models/value-types';

/** How an array of NumPy keeps its numbers. */
export interface NumberType {
  /** As a person says it: `float32, big endian`. */
  readonly label: string;
  /** Bytes of a number. */
  readonly width: number;
  /**
   * The numbers as float32, rounded where that holds fewer digits. What is too large becomes infinite.
   *
   * @param bytes whole numbers of `width` bytes that begin their buffer; they may be changed
   */
  decode(bytes: Uint8Array<ArrayBuffer>): Float32Array;
}

const fromBuffer = (name: string) => (buffer: ArrayBuffer) => {
  const type = valueTypes.get(name);
  if (!type) throw new RangeError(`there is no type ${name}`);
  return type.decode(buffer);
};

const kinds: Readonly<
  Record<string, readonly [label: string, (buffer: ArrayBuffer) => Float32Array]>
> = {
  f2: ['float16', fromBuffer('F16')],
  f4: ['float32', fromBuffer('F32')],
  f8: ['float64', fromBuffer('F64')],
  i1: ['int8', fromBuffer('I8')],
  i2: ['int16', fromBuffer('I16')],
  i4: ['int32', fromBuffer('I32')],
  i8: ['int64', fromBuffer('I64')],
  u1: ['uint8', fromBuffer('U8')],
  u2: ['uint16', (buffer) => Float32Array.from(new Uint16Array(buffer))],
  u4: ['uint32', (buffer) => Float32Array.from(new Uint32Array(buffer))],
  u8: ['uint64', (buffer) => Float32Array.from(new BigUint64Array(buffer), Number)],
  b1: ['bool', fromBuffer('BOOL')],
};

export const acceptedNumbers = 'float16, float32, float64, integers of 8 to 64 bits and bool';

/** What NumPy calls `<f4`; null: no numbers that a map has. */
export function numberType(descr: string): NumberType | null {
  const [, order, code = ''] = /^([<>|=])([a-z]\d)$/.exec(descr) ?? [];
  const [label, decode] = kinds[code] ?? [];
  if (label === undefined || !decode || order === undefined) return null;
  const width = Number(code.slice(1));
  const turned = order === '>' && width > 1;
  return {
    label: turned ? `${label}, big endian` : label,
    width,
    decode(bytes) {
      if (turned) turnBytes(bytes, width);
      return decode(bytes.buffer);
    },
  };
}
