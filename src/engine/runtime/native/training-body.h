// Loops of training over rows of channels, compiled once for each set of instructions:
// included inside a namespace that defines kWidth, under the target's options. Channels come in
// panels of 16. No header may be included here.

typedef float Lanes __attribute__((vector_size(4 * kWidth), aligned(4), may_alias));
typedef int32_t Whole __attribute__((vector_size(4 * kWidth), aligned(4), may_alias));
typedef uint8_t Bytes __attribute__((vector_size(kWidth), aligned(1), may_alias));
constexpr int kPanelLanes = 16 / kWidth;

inline Lanes At(const float* from) { return *reinterpret_cast<const Lanes*>(from); }
inline Lanes& At(float* to) { return *reinterpret_cast<Lanes*>(to); }

// Each channel's mean, and the sum of its squared distances from it.
inline void Moments(const float* x, int64_t rows, int64_t channels, float* mean, float* squares) {
  const float share = 1.0f / static_cast<float>(rows);
  for (int64_t c = 0; c < channels; c += 16) {
    Lanes sums[kPanelLanes] = {}, distances[kPanelLanes] = {};
    for (int64_t i = 0; i < rows; ++i) {
      for (int v = 0; v < kPanelLanes; ++v) sums[v] += At(x + i * channels + c + v * kWidth);
    }
    for (int v = 0; v < kPanelLanes; ++v) sums[v] *= share;
    for (int64_t i = 0; i < rows; ++i) {
      for (int v = 0; v < kPanelLanes; ++v) {
        const Lanes distance = At(x + i * channels + c + v * kWidth) - sums[v];
        distances[v] += distance * distance;
      }
    }
    for (int v = 0; v < kPanelLanes; ++v) {
      At(mean + c + v * kWidth) = sums[v];
      At(squares + c + v * kWidth) = distances[v];
    }
  }
}

// y = x factor + shift, plus the addend, at least 0: the latter two where asked for.
template <bool kAdded, bool kRelu>
inline void Apply(const float* x, const float* addend, const float* factor, const float* shift,
                  int64_t rows, int64_t channels, float* y) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t c = 0; c < channels; c += kWidth) {
      const int64_t at = i * channels + c;
      Lanes value = At(x + at) * At(factor + c) + At(shift + c);
      if (kAdded) value += At(addend + at);
      if (kRelu) value = value < 0.0f ? Lanes{0} : value;
      At(y + at) = value;
    }
  }
}

// The signal where the output was above 0; all of it where there is none.
template <bool kGated>
inline Lanes Gated(const float* signal, const float* output) {
  const Lanes value = At(signal);
  if constexpr (kGated) return At(output) > 0.0f ? value : Lanes{0};
  return value;
}

// Each channel's sum of the signal, and of the signal times x - mean.
template <bool kGated>
inline void Sums(const float* x, const float* signal, const float* output, const float* mean,
                 int64_t rows, int64_t channels, float* plain, float* centred) {
  for (int64_t c = 0; c < channels; c += 16) {
    Lanes sums[kPanelLanes] = {}, products[kPanelLanes] = {}, means[kPanelLanes];
    for (int v = 0; v < kPanelLanes; ++v) means[v] = At(mean + c + v * kWidth);
    for (int64_t i = 0; i < rows; ++i) {
      for (int v = 0; v < kPanelLanes; ++v) {
        const int64_t at = i * channels + c + v * kWidth;
        const Lanes value = Gated<kGated>(signal + at, output + at);
        sums[v] += value;
        products[v] += value * (At(x + at) - means[v]);
      }
    }
    for (int v = 0; v < kPanelLanes; ++v) {
      At(plain + c + v * kWidth) = sums[v];
      At(centred + c + v * kWidth) = products[v];
    }
  }
}

// dx = a signal + b x + c, and the gated signal where it is wanted.
template <bool kGated>
inline void Backward(const float* x, const float* signal, const float* output, const float* a,
                 const float* b, const float* c, int64_t rows, int64_t channels, float* dx,
                 float* gated) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < channels; j += kWidth) {
      const int64_t at = i * channels + j;
      const Lanes value = Gated<kGated>(signal + at, output + at);
      if (gated) At(gated + at) = value;
      At(dx + at) = At(a + j) * value + (At(b + j) * At(x + at) + At(c + j));
    }
  }
}

// Backward of one image through maxima of 3x3 windows, stride 2, padding 1: each pixel of dx
// [height, width, channels] adds the signals [pooled_height, pooled_width, channels] of the
// windows, up to four, whose maximum it was by their index (0 .. 8, row by row).
inline void Unpool(const float* signal, const uint8_t* index, int64_t pooled_height,
                   int64_t pooled_width, int64_t height, int64_t width, int64_t channels,
                   float* dx) {
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const float* signals[4];
      const uint8_t* indices[4];
      int32_t places[4];
      int count = 0;
      for (int64_t i = y / 2; i <= (y + 1) / 2 && i < pooled_height; ++i) {
        for (int64_t j = x / 2; j <= (x + 1) / 2 && j < pooled_width; ++j) {
          const int64_t at = (i * pooled_width + j) * channels;
          signals[count] = signal + at;
          indices[count] = index + at;
          places[count++] = static_cast<int32_t>((y + 1 - 2 * i) * 3 + x + 1 - 2 * j);
        }
      }
      float* to = dx + (y * width + x) * channels;
      for (int64_t c = 0; c < channels; c += kWidth) {
        Lanes sum = {};
        for (int k = 0; k < count; ++k) {
          const Bytes bytes = *reinterpret_cast<const Bytes*>(indices[k] + c);
          const Whole at = __builtin_convertvector(bytes, Whole);
          sum += at == places[k] ? At(signals[k] + c) : Lanes{};
        }
        At(to + c) = sum;
      }
    }
  }
}

// The step by PyTorch's rule: after v' = momentum v + g with g = gradient + decay p, p' is
// p - rate v', or with Nesterov's rule p - rate (g + momentum v').
inline void Momentum(float* p, float* v, const float* gradient, int64_t count, float rate,
                     float momentum, float decay, bool nesterov) {
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    const Lanes decayed = At(gradient + i) + decay * At(p + i);
    const Lanes average = momentum * At(v + i) + decayed;
    At(v + i) = average;
    At(p + i) = At(p + i) - rate * (nesterov ? decayed + momentum * average : average);
  }
  for (; i < count; ++i) {
    const float decayed = gradient[i] + decay * p[i];
    const float average = momentum * v[i] + decayed;
    v[i] = average;
    p[i] = p[i] - rate * (nesterov ? decayed + momentum * average : average);
  }
}
