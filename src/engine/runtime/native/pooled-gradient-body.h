// Backward through an activation, 2x2 maxima and a 3x3 convolution, by image and by filter: included
// after product-body.h and slope-body.h, in the same namespaces.

inline void SortByPlace(const float* values, const uint8_t* index, int64_t channels, Sent* sent) {
  // Four counters of sixteen bits in one word, which stays in a register.
  uint64_t counts = 0;
  for (int64_t c = 0; c < channels; ++c) {
    counts += static_cast<uint64_t>(values[c] != 0) << (16 * (index[c] & 3));
  }
  uint64_t ends = counts * 0x0001000100010001u, next = ends - counts;
  for (int place = 0; place < 4; ++place) sent->ends[place] = ends >> (16 * place) & 0xffff;
  for (int64_t c = 0; c < channels; ++c) {
    const int shift = 16 * (index[c] & 3);
    const bool has = values[c] != 0;
    const int64_t at = has ? next >> shift & 0xffff : kGroup;
    sent->taps[at] = static_cast<int32_t>(c * 9 * kPanel);
    sent->values[at] = values[c];
    next += static_cast<uint64_t>(has) << shift;
  }
}

// Adds what the channels from n to end of one place give to the 4x4 pixels that a window reaches.
template <int place>
inline void AddPlace(const Sent* sent, int32_t n, int32_t end, const float* taps, Vector* sums) {
  for (; n < end; ++n) {
    const float* weights = taps + sent->taps[n];
    const float value = sent->values[n];
    for (int tap = 0; tap < 9; ++tap) {
      sums[(place / 2 + tap / 3) * 4 + place % 2 + tap % 3] += Load(weights + tap * kPanel) * value;
    }
  }
}

// One image: signal, output and index [height, width, outputs] to dx [2 height, 2 width, inputs]. The
// filter is [inputs / 16, outputs, 9, 16]. Three quarters of what lies behind maxima is 0 and is not
// multiplied, nor is what a gate closed. sent holds height * width * (outputs / 32, rounded up), picture
// (2 height + 2) * (2 width + 2) * 16 floats.
inline void PooledGradientImage(Rule rule, const float* signal, const float* output,
                                const uint8_t* index, const float* filter, int64_t height,
                                int64_t width, int64_t inputs, int64_t outputs, Sent* sent,
                                float* picture, float* dx) {
  const int64_t windows = height * width, row = (2 * width + 2) * kPanel;
  for (int64_t first = 0; first < outputs; first += kGroup) {
    const int64_t channels = outputs - first < kGroup ? outputs - first : kGroup;
    for (int64_t window = 0; window < windows; ++window) {
      const int64_t at = window * outputs + first;
      float values[kGroup];
      for (int64_t c = 0; c < channels; c += kWidth) {
        Store(values + c, Sloped(rule, Load(signal + at + c), Load(output + at + c)));
      }
      SortByPlace(values, index + at, channels, sent + first / kGroup * windows + window);
    }
  }
  for (int64_t panel = 0; panel < inputs; panel += kPanel) {
    __builtin_memset(picture, 0, sizeof(float) * (2 * height + 2) * row);
    for (int64_t first = 0; first < outputs; first += kGroup) {
      const float* taps = filter + (panel / kPanel * outputs + first) * 9 * kPanel;
      const Sent* from = sent + first / kGroup * windows;
      for (int64_t i = 0; i < height; ++i) {
        for (int64_t j = 0; j < width; ++j, ++from) {
          float* corner = picture + 2 * i * row + 2 * j * kPanel;
          for (int v = 0; v < kPanel; v += kWidth) {
            const int32_t* ends = from->ends;
            Vector sums[16] = {};
            AddPlace<0>(from, 0, ends[0], taps + v, sums);
            AddPlace<1>(from, ends[0], ends[1], taps + v, sums);
            AddPlace<2>(from, ends[1], ends[2], taps + v, sums);
            AddPlace<3>(from, ends[2], ends[3], taps + v, sums);
            for (int pixel = 0; pixel < 16; ++pixel) {
              float* to = corner + pixel / 4 * row + pixel % 4 * kPanel + v;
              Store(to, Load(to) + sums[pixel]);
            }
          }
        }
      }
    }
    for (int64_t y = 0; y < 2 * height; ++y) {
      for (int64_t x = 0; x < 2 * width; ++x) {
        const float* own = picture + (y + 1) * row + (x + 1) * kPanel;
        float* to = dx + (y * 2 * width + x) * inputs + panel;
        for (int v = 0; v < kPanel; v += kWidth) Store(to + v, Load(own + v));
      }
    }
  }
}

// The gradient by the filter of one panel of inputs from c on and one of outputs from o on: into
// gradient [3, 3, inputs, outputs], and where c is 0 into bias [outputs]. x is [images, 2 height,
// 2 width, inputs]; signal, output and index are [images, height, width, outputs]. An image's sums are
// added to those before it. picture holds (2 height + 2) * (2 width + 2) * 16 floats, values
// height * width * 16, sums 16 * 9 * 16.
inline void PooledFilterGradient(Rule rule, const float* x, const float* signal,
                                 const float* output, const uint8_t* index, int64_t images,
                                 int64_t height, int64_t width, int64_t inputs, int64_t outputs,
                                 int64_t c, int64_t o, float* picture, float* values, float* sums,
                                 float* gradient, float* bias) {
  const int64_t row = (2 * width + 2) * kPanel, windows = height * width;
  const int64_t places[4] = {0, kPanel, row, row + kPanel};
  float totals[kPanel] = {0};
  __builtin_memset(picture, 0, sizeof(float) * (2 * height + 2) * row);
  __builtin_memset(sums, 0, sizeof(float) * kPanel * 9 * kPanel);
  for (int64_t image = 0; image < images; ++image) {
    const float* pixels = x + image * 4 * windows * inputs + c;
    for (int64_t i = 0; i < 2 * height; ++i) {
      for (int64_t j = 0; j < 2 * width; ++j) {
        const float* from = pixels + (i * 2 * width + j) * inputs;
        float* to = picture + (i + 1) * row + (j + 1) * kPanel;
        for (int v = 0; v < kPanel; v += kWidth) Store(to + v, Load(from + v));
      }
    }
    const int64_t first = image * windows * outputs + o;
    for (int64_t window = 0; window < windows; ++window) {
      const int64_t at = first + window * outputs;
      for (int v = 0; v < kPanel; v += kWidth) {
        Store(values + window * kPanel + v, Sloped(rule, Load(signal + at + v), Load(output + at + v)));
      }
    }
    for (int k = 0; k < kPanel; ++k) {
      for (int v = 0; v < kPanel; v += kWidth) {
        Vector own[9] = {};
        float total = 0;
        const float* value = values + k;
        const uint8_t* place = index + first + k;
        for (int64_t i = 0; i < height; ++i) {
          const float* corner = picture + 2 * i * row + v;
          for (int64_t j = 0; j < width; ++j) {
            const float* pixel = corner + places[*place & 3];
            for (int tap = 0; tap < 9; ++tap) {
              own[tap] += Load(pixel + tap / 3 * row + tap % 3 * kPanel) * *value;
            }
            total += *value;
            corner += 2 * kPanel;
            value += kPanel;
            place += outputs;
          }
        }
        for (int tap = 0; tap < 9; ++tap) {
          float* to = sums + (k * 9 + tap) * kPanel + v;
          Store(to, Load(to) + own[tap]);
        }
        if (v == 0) totals[k] += total;
      }
    }
  }
  for (int k = 0; k < kPanel; ++k) {
    for (int tap = 0; tap < 9; ++tap) {
      for (int i = 0; i < kPanel; ++i) {
        gradient[(tap * inputs + c + i) * outputs + o + k] = sums[(k * 9 + tap) * kPanel + i];
      }
    }
    if (c == 0) bias[o + k] = totals[k];
  }
}
