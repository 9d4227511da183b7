/**
 * 16-bit floating-point numbers as float32, which holds every one of them exactly. Both take the
 * bits as they lie in a little-endian file.
 */

/** IEEE 754 binary16: one sign bit, 5 of exponent (bias 15), 10 of fraction. */
export function float16Values(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (pattern) => {
    const sign = pattern & 0x8000 ? -1 : 1;
    const exponent = (pattern >> 10) & 0x1f;
    const fraction = pattern & 0x3ff;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    // Below the smallest normal number there is no leading 1.
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** bfloat16: the upper half of a float32. */
export function bfloat16Values(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (pattern) => pattern << 16).buffer);
}
