import { type ValueType, valueTypes } from '../value-types';

/** The type of a storage's values. */
export interface StorageType {
  /** As PyTorch names the type, such as float32. */
  readonly label: string;
  /** Bytes of a value. */
  readonly width: number;
  /** safetensors' name of the type; null: it holds no weights. */
  readonly dtype: string | null;
}

const held: readonly [string, string, string][] = [
  ['FloatStorage', 'float32', 'F32'],
  ['DoubleStorage', 'float64', 'F64'],
  ['HalfStorage', 'float16', 'F16'],
  ['BFloat16Storage', 'bfloat16', 'BF16'],
  ['LongStorage', 'int64', 'I64'],
  ['IntStorage', 'int32', 'I32'],
  ['ShortStorage', 'int16', 'I16'],
  ['CharStorage', 'int8', 'I8'],
  ['ByteStorage', 'uint8', 'U8'],
  ['BoolStorage', 'bool', 'BOOL'],
];
const others: readonly [string, string, number][] = [
  ['ComplexFloatStorage', 'complex64', 8],
  ['ComplexDoubleStorage', 'complex128', 16],
  ['QInt8Storage', 'qint8', 1],
  ['QUInt8Storage', 'quint8', 1],
  ['QInt32Storage', 'qint32', 4],
  ['QUInt4x2Storage', 'quint4x2', 1],
  ['QUInt2x4Storage', 'quint2x4', 1],
  ['UntypedStorage', 'bytes', 1],
];

/** By the storages' classes in PyTorch. */
export const storageTypes: ReadonlyMap<string, StorageType> = new Map([
  ...held.map(([name, label, dtype]): [string, StorageType] => [
    name,
    { label, dtype, width: valueTypes.get(dtype)?.width ?? 0 },
  ]),
  ...others.map(([name, label, width]): [string, StorageType] => [
    name,
    { label, width, dtype: null },
  ]),
]);

/** How the values of a storage are decoded; null: it holds no weights. */
export function decoderOf({ dtype }: StorageType): ValueType | null {
  return (dtype === null ? undefined : valueTypes.get(dtype)) ?? null;
}

/** PyTorch's types by name, which pickles name as attributes of `torch`. */
export const dtypes: readonly string[] = [
  ...[...storageTypes.values()].map(({ label }) => label).filter((label) => label !== 'bytes'),
  ...[
    'uint16',
    'uint32',
    'uint64',
    'complex32',
    'bits8',
    'bits16',
    'bits1x8',
    'bits2x4',
    'bits4x2',
  ],
  ...['float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu'],
  ...['float4_e2m1fn_x2'],
];
