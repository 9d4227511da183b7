// How an activation changes the signal on its way back, on vectors V: included inside a namespace and
// under the target's options, after rule.h. No header may be included here.

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
