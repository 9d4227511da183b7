// Activations, and how they change the signal backward, on vectors V of floats and I of as many
// integers: included inside a namespace and under the target's options, after rule.h. No header may be
// included here.

template <class V>
inline V Sloped(Rule rule, V signal, V output) {
  const V zero = {0};
  switch (rule) {
    case Rule::kSelu:
      return signal * (output > 0.0f ? zero + kSeluScale : output + kSeluScaleAlpha);
    case Rule::kRelu:
      return output > 0.0f ? signal : zero;
    case Rule::kGuidedSelu:
      return ((output > 0.0f) & (signal > 0.0f)) ? signal * kSeluScale : zero;
    case Rule::kGuidedRelu:
      return ((output > 0.0f) & (signal > 0.0f)) ? signal : zero;
  }
  return signal;
}

// SELU to about a unit in the last place. On the negative side exp(x) - 1 is 2^n (1 + q) - 1 with
// q = exp(r) - 1 for what is left, |r| <= ln 2 / 2 (Cody and Waite 1980), by the polynomial of the
// Cephes library; near 0 nothing cancels.
template <class V, class I>
inline V SeluOf(V x) {
  const V zero = {0};
  const V below = x < 0.0f ? x : zero;
  const V bounded = below > -87.0f ? below : zero - 87.0f;
  // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the last bits.
  const V shifted = bounded * 1.44269504f + 12582912.0f;
  const V n = shifted - 12582912.0f;
  const V r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  V q = zero + 1.9875691500e-4f;
  q = q * r + 1.3981999507e-3f;
  q = q * r + 8.3334519073e-3f;
  q = q * r + 4.1665795894e-2f;
  q = q * r + 1.6666665459e-1f;
  q = q * r + 5.0000001201e-1f;
  q = q * (r * r) + r;
  const V power = (V)(((I)shifted - 0x4b400000 + 127) << 23);
  const V result = x > 0.0f ? x * kSeluScale : (power * q + (power - 1.0f)) * kSeluScaleAlpha;
  return x != x ? x : result;
}
