import type { NamedTensor } from '../../../src/engine/models/safetensors';

/** Types that other programs write. */
export type ForeignType = 'F32' | 'F64' | 'F16' | 'BF16' | 'I64' | 'I8';

export interface ForeignTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly type?: ForeignType;
}

/** A safetensors file as another program may write it, whatever its types and metadata. */
export function foreignFile(
  tensors: ReadonlyMap<string, ForeignTensor>,
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const blocks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, data, type = 'F32' }] of tensors) {
    const block = encoded(data, type);
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + block.length] };
    blocks.push(block);
    offset += block.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...blocks]);
}

function encoded(data: Float32Array, type: ForeignType): Uint8Array {
  const values = {
    F32: () => data,
    F64: () => Float64Array.from(data),
    F16: () => Uint16Array.from(data, float16Bits),
    BF16: () => new Uint16Array(data.slice().buffer).filter((_, i) => i % 2 === 1),
    I64: () => BigInt64Array.from(data, BigInt),
    I8: () => Int8Array.from(data),
  }[type]();
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Of a number that float16 holds: it is looked up among all that there are. */
function float16Bits(value: number): number {
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (magnitude === Infinity) return sign | 0x7c00;
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  return sign | ((exponent + 15) << 10) | (magnitude * 2 ** (10 - exponent) - 1024);
}

/** Values that float16 and bfloat16 hold exactly: k/256 with |k| < 128. */
export function coarse({ shape, data }: NamedTensor): ForeignTensor {
  const round = (value: number) => Math.max(-127, Math.min(127, Math.round(value * 256))) / 256;
  // Statistics are kept above 0.
  return { shape, data: data.map((value) => round(value) || 1 / 256) };
}
