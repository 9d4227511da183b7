/**
 * Seeds for everything that is drawn at random. A draw depends on (seed, purpose, items) alone and
 * never on a shared stream, so that no order of work and no interruption changes it.
 */

const mask64 = (1n << 64n) - 1n;

/** splitmix64's finaliser (Steele, Lea and Flood 2014): every input bit reaches every output bit. */
function mix(value: bigint): bigint {
  let z = value & mask64;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask64;
  return z ^ (z >> 31n);
}

function absorb(state: bigint, word: bigint): bigint {
  return mix(((state ^ word) + 0x9e3779b97f4a7c15n) & mask64);
}

const float = new DataView(new ArrayBuffer(8));

/** Absorb a value with its type and length, so that ('a', 'b') and ('ab') differ, and 1 and '1'. */
function absorbItem(state: bigint, item: number | string): bigint {
  if (typeof item === 'number') {
    float.setFloat64(0, item === 0 ? 0 : item);
    return absorb(absorb(state, 1n), float.getBigUint64(0));
  }
  const bytes = new TextEncoder().encode(item);
  let next = absorb(absorb(state, 2n), BigInt(bytes.length));
  for (let start = 0; start < bytes.length; start += 8) {
    let word = 0n;
    for (const byte of bytes.subarray(start, start + 8)) word = (word << 8n) | BigInt(byte);
    next = absorb(next, word);
  }
  return next;
}

/**
 * Derive a seed from (seed, purpose, items): a 64-bit hash, cut into two non-negative int32 (62
 * bits in all), the form that TensorFlow's stateless generators and pure-rand take.
 *
 * @param seed the user's seed, a safe integer
 * @param purpose what is drawn, such as 'noise' or 'shuffle'
 * @param items what it is drawn for: an image's index, an epoch, a level
 */
export function deriveSeed(
  seed: number,
  purpose: string,
  ...items: readonly (number | string)[]
): [number, number] {
  let state = absorbItem(0n, seed);
  state = absorbItem(state, purpose);
  for (const item of items) state = absorbItem(state, item);
  return [Number(state & 0x7fffffffn), Number((state >> 32n) & 0x7fffffffn)];
}
