import { expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../../src/engine/models/safetensors';
import { MemoryBytes } from '../../../src/engine/models/byte-source';
import { formOfFile, openWeights } from '../../../src/engine/models/open-weights';
import { StudioError } from '../../../src/shared/errors';

function sample(): Uint8Array {
  return encodeSafetensors({
    tensors: new Map([
      ['a.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, 7) }],
      ['a.bias', { shape: [], data: Float32Array.of(4) }],
      ['empty', { shape: [0, 2], data: new Float32Array(0) }],
    ]),
    metadata: { architecture: 'mnist-cnn' },
  });
}

/** A file with this header text, correct length unless given, and so many bytes of values. */
function made(header: string, values = 0, length = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + values);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}

test('round trip, from a Buffer at any alignment', () => {
  const bytes = sample();
  const shifted = Buffer.alloc(bytes.length + 3);
  shifted.set(bytes, 3);
  const { tensors, metadata } = decodeSafetensors(shifted.subarray(3), 'x.safetensors');
  expect(metadata).toEqual({ architecture: 'mnist-cnn' });
  expect([...tensors.keys()]).toEqual(['a.weight', 'a.bias', 'empty']);
  expect(tensors.get('a.weight')?.shape).toEqual([2, 3]);
  expect(tensors.get('a.weight')?.data).toEqual(Float32Array.of(1, -2, 3.5, 0, 1e-30, 7));
  expect(tensors.get('a.bias')?.data).toEqual(Float32Array.of(4));
});

test('a header of any length is no pickle', async () => {
  // 128, 384, ..., 1408 and 65664 bytes: little-endian, these begin as pickles of protocols 0 to 5 do.
  for (const length of [128, 384, 640, 896, 1152, 1408, 2 ** 16 + 128]) {
    const text = `{"w":${entry('[0,8]')}}`.padEnd(length, ' ');
    const source = new MemoryBytes(made(text, 8));
    expect(formOfFile(source)).toBe('safetensors');
    expect([...(await openWeights(source, 'x', null)).tensors.keys()]).toEqual(['w']);
  }
});

test('tensors without values may stand anywhere', () => {
  const bytes = made(`{"w":${entry('[0,8]')},"none":${entry('[0,0]', '[0]')}}`, 8);
  expect([...decodeSafetensors(bytes, 'x').tensors.keys()]).toEqual(['w', 'none']);
});

test('the same content gives the same bytes, values aligned to 8', () => {
  expect(sample()).toEqual(sample());
  const length = Number(new DataView(sample().buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
});

test('float64 values are rounded to float32', () => {
  const bytes = made('{"w":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}', 8);
  new DataView(bytes.buffer).setFloat64(bytes.length - 8, 0.1, true);
  expect(decodeSafetensors(bytes, 'x').tensors.get('w')?.data).toEqual(Float32Array.of(0.1));
});

const entry = (range: string, shape = '[2]') =>
  `{"dtype":"F32","shape":${shape},"data_offsets":${range}}`;
test.each([
  ['nothing', new Uint8Array(0), 'too few'],
  ['a header beyond the end', made('{}', 0, 50), 'inside its header'],
  ['an absurd header', made('{}', 0, 2 ** 40), 'claims'],
  ['no JSON', made('{"a":'), 'not JSON'],
  ['a list', made('[]'), 'not a JSON object'],
  ['a malformed entry', made('{"w":{"dtype":"F32"}}'), 'malformed'],
  ['a foreign type', made('{"w":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1), 'type I8'],
  ['a wrong size', made(`{"w":${entry('[0,4]')}}`, 4), '4 bytes for shape [2]'],
  ['a range outside', made(`{"w":${entry('[0,8]')}}`, 4), 'outside the file'],
  [
    'an overlap',
    made(`{"w":${entry('[0,8]')},"v":${entry('[4,12]')}}`, 12),
    'the values of v overlap those of w',
  ],
  ['a gap', made(`{"w":${entry('[4,12]')}}`, 12), '4 bytes between the header and w'],
  [
    'bytes hidden between two',
    made(`{"w":${entry('[0,8]')},"v":${entry('[12,20]')}}`, 20),
    '4 bytes between w and v are no tensor’s',
  ],
  ['bytes at the end', made(`{"w":${entry('[0,8]')}}`, 12), 'bytes follow its last tensor, w'],
  [
    'a size beyond numbers',
    made(`{"w":${entry('[0,0]', '[4503599627370496,4503599627370496]')}}`),
    '0 bytes for',
  ],
  ['a prototype', made(`{"__proto__":${entry('[0,4]')}}`, 4), '__proto__ has 4 bytes'],
  ['odd metadata', made('{"__metadata__":{"a":1}}'), 'metadata'],
])('refuses %s', (_, bytes, why) => {
  try {
    decodeSafetensors(bytes, 'weights.safetensors');
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(StudioError);
    expect((error as StudioError).code).toBe('corrupt-file');
    expect((error as StudioError).message).toContain('weights.safetensors');
    expect((error as StudioError).message).toContain(why);
  }
});

test('a truncated file is refused wherever it ends', () => {
  const bytes = sample();
  for (let length = 0; length < bytes.length; length += 1) {
    expect(() => decodeSafetensors(bytes.subarray(0, length), 'x')).toThrow(StudioError);
  }
});
