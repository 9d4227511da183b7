// The inner loops, compiled once for each set of instructions: included inside a namespace and
// under the target's options, after the headers and types it needs. No header may be included here.

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

// One image [2 height, 2 width] of a single channel through a 3x3 convolution with padding 1, plus
// bias, to the maxima of its 2x2 windows and which of the four it was: [height, width, channels], in
// eights. The filter is [9, channels]; picture holds (2 height + 2) * (2 width + 2) floats.
inline void FirstPoolImage(const float* x, const float* filter, const float* bias, int64_t height,
                           int64_t width, int64_t channels, float* picture, float* maximum,
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
        *reinterpret_cast<Floats*>(maximum + at + c) = best;
        *reinterpret_cast<Bytes*>(index + at + c) = __builtin_convertvector(which, Bytes);
      }
    }
  }
}

// One row of windows on the way back: signal, output and index [width, channels] to two rows of dx.
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

// One image of FirstGradient. `filter` is [channels, 3, 4]: rows of three taps and a zero.
// Neighbouring channels add into four pictures in turn, so that one does not wait for another.
inline void FirstGradientImage(Rule rule, const float* signal, const float* output,
                               const uint8_t* index, const Taps* filter, int64_t height,
                               int64_t width, int64_t channels, float* pictures, float* dx) {
  const int64_t stride = 2 * width + 4;
  const int64_t size = (2 * height + 2) * stride;
  const int64_t places[4] = {0, 1, stride, stride + 1};
  __builtin_memset(pictures, 0, sizeof(float) * (kPictures * size + 4));
  for (int64_t i = 0; i < height; ++i) {
    for (int64_t j = 0; j < width; ++j) {
      const int64_t from = (i * width + j) * channels;
      float* corner = pictures + 2 * i * stride + 2 * j;
      for (int64_t c = 0; c < channels; c += kLanes) {
        const int64_t lanes = channels - c < kLanes ? channels - c : kLanes;
        Floats values = {0};
        if (lanes == kLanes) {
          values = Sloped(rule, *reinterpret_cast<const Floats*>(signal + from + c),
                          *reinterpret_cast<const Floats*>(output + from + c));
        } else {
          for (int64_t lane = 0; lane < lanes; ++lane) {
            values[lane] = Sloped(rule, signal[from + c + lane], output[from + c + lane]);
          }
        }
        for (int64_t lane = 0; lane < lanes; ++lane) {
          float* at = corner + (lane % kPictures) * size + places[index[from + c + lane] & 3];
          const Taps* taps = filter + 3 * (c + lane);
          for (int row = 0; row < 3; ++row) {
            *reinterpret_cast<Taps*>(at + row * stride) += values[lane] * taps[row];
          }
        }
      }
    }
  }
  for (int64_t y = 0; y < 2 * height; ++y) {
    for (int64_t x = 0; x < 2 * width; ++x) {
      const float* p = pictures + (y + 1) * stride + x + 1;
      dx[y * 2 * width + x] = (p[0] + p[size]) + (p[2 * size] + p[3 * size]);
    }
  }
}
