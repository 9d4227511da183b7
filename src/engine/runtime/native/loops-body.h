// The inner loops, compiled once for each set of instructions: included after slope-body.h inside a
// namespace that defines kLanes (floats in a vector), under the target's options. No header may be
// included here.

typedef float Floats __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef int32_t Ints __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef uint8_t Bytes __attribute__((vector_size(kLanes), aligned(1), may_alias));

inline float Sloped(Rule rule, float signal, float output) {
  Floats s = {signal};
  Floats o = {output};
  return Sloped(rule, s, o)[0];
}

// A NaN counts as the maximum, as in PyTorch.
inline Ints Above(Floats a, Floats b) { return (a > b) | (a != a); }

// One row of windows: x is two rows [2, 2 width, channels]; maximum and index [width, channels].
inline void MaxPoolRow(const float* x, int64_t width, int64_t channels, float* maximum,
                       uint8_t* index) {
  const int64_t below = 2 * width * channels;
  for (int64_t j = 0; j < width; ++j) {
    const float* window = x + 2 * j * channels;
    float* m = maximum + j * channels;
    uint8_t* n = index + j * channels;
    int64_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
      Floats best = *reinterpret_cast<const Floats*>(window + c);
      Ints at = {0};
      const int64_t places[3] = {channels, below, below + channels};
      for (int place = 0; place < 3; ++place) {
        const Floats next = *reinterpret_cast<const Floats*>(window + places[place] + c);
        const Ints above = Above(next, best);
        best = above ? next : best;
        at = above ? Ints{0} + (place + 1) : at;
      }
      *reinterpret_cast<Floats*>(m + c) = best;
      *reinterpret_cast<Bytes*>(n + c) = __builtin_convertvector(at, Bytes);
    }
    for (; c < channels; ++c) {
      const float values[4] = {window[c], window[channels + c], window[below + c],
                               window[below + channels + c]};
      int best = 0;
      for (int place = 1; place < 4; ++place) {
        if (values[place] > values[best] || values[place] != values[place]) best = place;
      }
      m[c] = values[best];
      n[c] = static_cast<uint8_t>(best);
    }
  }
}

// One image [2 height, 2 width] of a single channel through a 3x3 convolution with padding 1, plus bias,
// to SELU of the maxima of its 2x2 windows and which of the four it was: [height, width, channels], in
// whole vectors. The filter is [9, channels]; picture holds (2 height + 2) * (2 width + 2) floats.
inline void FirstPoolImage(const float* x, const float* filter, const float* bias, int64_t height,
                           int64_t width, int64_t channels, float* picture, float* output,
                           uint8_t* index) {
  const int64_t row = 2 * width + 2;
  __builtin_memset(picture, 0, sizeof(float) * (2 * height + 2) * row);
  for (int64_t y = 0; y < 2 * height; ++y) {
    __builtin_memcpy(picture + (y + 1) * row + 1, x + y * 2 * width, sizeof(float) * 2 * width);
  }
  for (int64_t i = 0; i < height; ++i) {
    for (int64_t j = 0; j < width; ++j) {
      const float* corner = picture + 2 * i * row + 2 * j;
      const int64_t at = (i * width + j) * channels;
      for (int64_t c = 0; c < channels; c += kLanes) {
        const Floats shift = *reinterpret_cast<const Floats*>(bias + c);
        Floats sums[4] = {shift, shift, shift, shift};
        for (int tap = 0; tap < 9; ++tap) {
          const Floats weight = *reinterpret_cast<const Floats*>(filter + tap * channels + c);
          const float* pixel = corner + tap / 3 * row + tap % 3;
          sums[0] += weight * pixel[0];
          sums[1] += weight * pixel[1];
          sums[2] += weight * pixel[row];
          sums[3] += weight * pixel[row + 1];
        }
        Floats best = sums[0];
        Ints which = {0};
        for (int place = 1; place < 4; ++place) {
          const Ints above = Above(sums[place], best);
          best = above ? sums[place] : best;
          which = above ? Ints{0} + place : which;
        }
        *reinterpret_cast<Floats*>(output + at + c) = SeluOf<Floats, Ints>(best);
        *reinterpret_cast<Bytes*>(index + at + c) = __builtin_convertvector(which, Bytes);
      }
    }
  }
}

// One row of windows backward: signal, output and index [width, channels] to two rows of dx.
inline void UnpoolRow(Rule rule, const float* signal, const float* output, const uint8_t* index,
                      int64_t width, int64_t channels, float* dx) {
  const int64_t below = 2 * width * channels;
  const Floats zero = {0};
  for (int64_t j = 0; j < width; ++j) {
    const int64_t from = j * channels;
    float* window = dx + 2 * from;
    float* places[4] = {window, window + channels, window + below, window + below + channels};
    int64_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
      const Floats value = Sloped(rule, *reinterpret_cast<const Floats*>(signal + from + c),
                                  *reinterpret_cast<const Floats*>(output + from + c));
      const Ints at =
          __builtin_convertvector(*reinterpret_cast<const Bytes*>(index + from + c), Ints);
      for (int place = 0; place < 4; ++place) {
        *reinterpret_cast<Floats*>(places[place] + c) = at == place ? value : zero;
      }
    }
    for (; c < channels; ++c) {
      const float value = Sloped(rule, signal[from + c], output[from + c]);
      for (int place = 0; place < 4; ++place) {
        places[place][c] = index[from + c] == place ? value : 0.0f;
      }
    }
  }
}

// One image of FirstGradient. `filter` is [channels, 16]: rows of three taps and a zero, and four zeros.
// values holds 4 * channels floats, rounded up to vectors; shares (2 height + 2) * (2 width + 2) * 16.
inline void FirstGradientImage(Rule rule, const float* signal, const float* output,
                               const uint8_t* index, const float* filter, int64_t height,
                               int64_t width, int64_t channels, float* values, float* shares,
                               float* dx) {
  constexpr int kVectors = kTaps / kLanes;
  const int64_t row = (2 * width + 2) * kTaps, each = (channels + kLanes - 1) / kLanes * kLanes;
  const int64_t places[4] = {0, kTaps, row, row + kTaps};
  // What each pixel of the convolution's result gives to its neighbours, zeros around it.
  __builtin_memset(shares, 0, sizeof(float) * row);
  __builtin_memset(shares + (2 * height + 1) * row, 0, sizeof(float) * row);
  for (int64_t y = 1; y <= 2 * height; ++y) {
    __builtin_memset(shares + y * row, 0, sizeof(float) * kTaps);
    __builtin_memset(shares + y * row + (2 * width + 1) * kTaps, 0, sizeof(float) * kTaps);
  }
  for (int64_t i = 0; i < height; ++i) {
    for (int64_t j = 0; j < width; ++j) {
      // The signal at each of the window's places, 0 where it goes to another.
      const int64_t from = (i * width + j) * channels;
      int64_t c = 0;
      for (; c + kLanes <= channels; c += kLanes) {
        const Floats sloped = Sloped(rule, *reinterpret_cast<const Floats*>(signal + from + c),
                                     *reinterpret_cast<const Floats*>(output + from + c));
        const Ints at =
            __builtin_convertvector(*reinterpret_cast<const Bytes*>(index + from + c), Ints);
        for (int place = 0; place < 4; ++place) {
          *reinterpret_cast<Floats*>(values + place * each + c) = at == place ? sloped : Floats{0};
        }
      }
      for (; c < channels; ++c) {
        const float sloped = Sloped(rule, signal[from + c], output[from + c]);
        for (int place = 0; place < 4; ++place) {
          values[place * each + c] = index[from + c] == place ? sloped : 0;
        }
      }
      Floats sums[4][kVectors] = {};
      for (c = 0; c < channels; ++c) {
        const Floats* taps = reinterpret_cast<const Floats*>(filter + c * kTaps);
        for (int place = 0; place < 4; ++place) {
          const float value = values[place * each + c];
          for (int v = 0; v < kVectors; ++v) sums[place][v] += taps[v] * value;
        }
      }
      float* corner = shares + (2 * i + 1) * row + (2 * j + 1) * kTaps;
      for (int place = 0; place < 4; ++place) {
        for (int v = 0; v < kVectors; ++v) {
          *reinterpret_cast<Floats*>(corner + places[place] + v * kLanes) = sums[place][v];
        }
      }
    }
  }
  for (int64_t y = 0; y < 2 * height; ++y) {
    for (int64_t x = 0; x < 2 * width; ++x) {
      // By the filter's tap (r, s) from the pixel that lies as far on the other side.
      const float* last = shares + (y + 2) * row + (x + 2) * kTaps;
      float sum = 0;
      for (int r = 0; r < 3; ++r) {
        const float* at = last - r * row + 4 * r;
        sum += at[0] + at[1 - kTaps] + at[2 - 2 * kTaps];
      }
      dx[y * 2 * width + x] = sum;
    }
  }
}
