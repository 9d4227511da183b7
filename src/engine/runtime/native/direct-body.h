// The loops of direct.h, compiled once for each set of instructions: included inside a namespace
// that defines kWide (floats in a vector), kRows (rows of a tile) and kPairRows (of one of two panels;
// 0: there are none), under the target's options.
// No header may be included here.

using Wide = float __attribute__((vector_size(4 * kWide), aligned(4), may_alias));
using WideInts = int32_t __attribute__((vector_size(4 * kWide), aligned(4), may_alias));
using WideBytes = uint8_t __attribute__((vector_size(kWide), aligned(1), may_alias));
// Eight floats, whatever the set.
using Eight = float __attribute__((vector_size(32), aligned(4), may_alias));

constexpr int kVectors = static_cast<int>(kPanel) / kWide;

inline Wide Load(const float* from) { return *reinterpret_cast<const Wide*>(from); }
inline void Store(float* to, Wide value) { *reinterpret_cast<Wide*>(to) = value; }

inline Wide Finished(const Finish& finish, Wide value, int64_t at, int64_t added, int64_t channel) {
  const Wide zero = {0};
  if (finish.bias) value += Load(finish.bias + channel);
  if (finish.addend && added >= 0) value += Load(finish.addend + added);
  // A NaN goes through ReLU.
  if (finish.rule == Rule::kRelu) return value < 0.0f ? zero : value;
  if (finish.rule == Rule::kNone) return value;
  if (finish.rule == Rule::kGuided) value = value > 0.0f ? value : zero;
  return Load(finish.gate + at) > 0.0f ? value : zero;
}

// Values [start, end) of segments [segment, last_segment) of the windows; the first or the last of all.
struct Stretch {
  int64_t segment, last_segment, start, end;
  bool first, last;
};
// Floats between two rows of totals.
constexpr int kTotals = 2 * static_cast<int>(kPanel);

// R rows by P panels, which lie `apart`, over a stretch of the windows' values in their order: in one
// chain of sums or, where sums are short, in chains of a segment or a part of one. What the stretches
// before came to is in `totals`, and what this one comes to goes there unless it is the last.
template <int R, int P, bool kShortSums>
inline void Tile(const Windows& w, int64_t row, const Stretch& stretch, const float* panels,
                 int64_t apart, int64_t channel, const Finish& finish, float* totals, float* y) {
  constexpr int vectors = P * kVectors;
  Wide sums[R][vectors] = {};
  bool begun = !stretch.first;
  if constexpr (!kShortSums) {
    if (begun) {
      for (int r = 0; r < R; ++r) {
        for (int v = 0; v < vectors; ++v) sums[r][v] = Load(totals + r * kTotals + v * kWide);
      }
    }
  }
  const int64_t part = kShortSums ? kShortDepth : kStretch;
  for (int64_t s = stretch.segment; s < stretch.last_segment; ++s) {
    const float* from[R];
    for (int r = 0; r < R; ++r) from[r] = w.rows[row + r] + w.offsets[s];
    for (int64_t start = stretch.start; start < stretch.end; start += part) {
      const int64_t end = stretch.end - start < part ? stretch.end : start + part;
      for (int64_t k = start; k < end; ++k) {
        Wide right[vectors];
        for (int v = 0; v < vectors; ++v) {
          right[v] = Load(panels + v / kVectors * apart + v % kVectors * kWide);
        }
        for (int r = 0; r < R; ++r) {
          for (int v = 0; v < vectors; ++v) sums[r][v] += right[v] * from[r][k];
        }
        panels += kPanel;
      }
      const bool done = s + 1 == stretch.last_segment && end == stretch.end;
      // The last part of a chain is still in the registers where it is needed.
      if (kShortSums ? done && stretch.last : !done || stretch.last) continue;
      for (int r = 0; r < R; ++r) {
        for (int v = 0; v < vectors; ++v) {
          float* total = totals + r * kTotals + v * kWide;
          Store(total, kShortSums && begun ? Load(total) + sums[r][v] : sums[r][v]);
          if constexpr (kShortSums) sums[r][v] = Wide{0};
        }
      }
      begun = true;
    }
  }
  if (!stretch.last) return;
  for (int r = 0; r < R; ++r) {
    const int64_t at = w.to[row + r] + channel;
    const bool meets = w.added && w.added[row + r] >= 0;
    const int64_t added = meets ? w.added[row + r] + channel : -1;
    for (int v = 0; v < vectors; ++v) {
      const int c = v * kWide;
      Wide value = sums[r][v];
      if (kShortSums && begun) value = Load(totals + r * kTotals + c) + value;
      Store(y + at + c, Finished(finish, value, at + c, meets ? added + c : -1, channel + c));
    }
  }
}

template <int R, int P, bool kShortSums>
inline void LastTile(int64_t rows, const Windows& w, int64_t row, const Stretch& stretch,
                     const float* panels, int64_t apart, int64_t channel, const Finish& finish,
                     float* totals, float* y) {
  if (rows == R) {
    Tile<R, P, kShortSums>(w, row, stretch, panels, apart, channel, finish, totals, y);
  } else if constexpr (R > 1) {
    LastTile<R - 1, P, kShortSums>(rows, w, row, stretch, panels, apart, channel, finish, totals, y);
  }
}

// A few rows by P panels: a stretch of the panels stays in a core's fastest memory for all of them.
template <int R, int P, bool kShortSums>
inline void Rows(const Windows& w, int64_t start, int64_t end, const float* panels, int64_t channel,
                 const Finish& finish, float* y) {
  const int64_t apart = w.segments * w.length * kPanel;
  alignas(64) float totals[kRowsAtOnce * kTotals];
  // Several short segments at a time, or parts of a long one.
  const int64_t at_once = w.length < kStretch ? kStretch / w.length : 1;
  for (int64_t s = 0; s < w.segments; s += at_once) {
    const int64_t last = w.segments - s < at_once ? w.segments : s + at_once;
    for (int64_t k = 0; k < w.length; k += kStretch) {
      const int64_t to = w.length - k < kStretch ? w.length : k + kStretch;
      const Stretch stretch = {s, last, k, to, s + k == 0, last == w.segments && to == w.length};
      const float* from = panels + (s * w.length + k) * kPanel;
      int64_t row = start;
      for (; row + R <= end; row += R) {
        Tile<R, P, kShortSums>(w, row, stretch, from, apart, channel, finish,
                               totals + (row - start) * kTotals, y);
      }
      if (row < end) {
        LastTile<R - 1, P, kShortSums>(end - row, w, row, stretch, from, apart, channel, finish,
                                       totals + (row - start) * kTotals, y);
      }
    }
  }
}

// Results are written a few rows at a time, all their channels one after the other.
template <bool kShortSums>
inline void AllProducts(const Windows& w, const float* panels, int64_t outputs, const Finish& finish,
                        float* y) {
  const int64_t depth = w.segments * w.length;
  for (int64_t start = 0; start < w.count; start += kRowsAtOnce) {
    const int64_t end = w.count - start < kRowsAtOnce ? w.count : start + kRowsAtOnce;
    int64_t channel = 0;
    if constexpr (kPairRows > 0) {
      // Two panels share the loads of a row's values.
      for (; channel + 2 * kPanel <= outputs; channel += 2 * kPanel) {
        Rows<kPairRows, 2, kShortSums>(w, start, end, panels + channel * depth, channel, finish, y);
      }
    }
    for (; channel < outputs; channel += kPanel) {
      Rows<kRows, 1, kShortSums>(w, start, end, panels + channel * depth, channel, finish, y);
    }
  }
}

inline void Products(const Windows& w, const float* panels, int64_t outputs, const Finish& finish,
                     float* y) {
  if (w.short_sums) {
    AllProducts<true>(w, panels, outputs, finish, y);
  } else {
    AllProducts<false>(w, panels, outputs, finish, y);
  }
}

// A NaN counts as the maximum, as in PyTorch.
inline WideInts Above(Wide a, Wide b) { return (a > b) | (a != a); }

inline void PoolImage(const float* x, int64_t height, int64_t width, int64_t channels,
                      float* maximum, uint8_t* index) {
  const Wide zero = {0};
  for (int64_t top = -1; top + 1 < height; top += 2) {
    for (int64_t left = -1; left + 1 < width; left += 2) {
      for (int64_t c = 0; c < channels; c += kWide) {
        // The middle is always inside; all that is outside comes out below it.
        Wide best = zero - __builtin_inff();
        WideInts at = {0};
        for (int i = top < 0 ? 1 : 0; i < 3 && top + i < height; ++i) {
          for (int j = left < 0 ? 1 : 0; j < 3 && left + j < width; ++j) {
            const Wide next = Load(x + ((top + i) * width + left + j) * channels + c);
            const WideInts above = Above(next, best);
            best = above ? next : best;
            at = above ? WideInts{0} + (i * 3 + j) : at;
          }
        }
        Store(maximum + c, best < 0.0f ? zero : best);
        *reinterpret_cast<WideBytes*>(index + c) = __builtin_convertvector(at, WideBytes);
      }
      maximum += channels;
      index += channels;
    }
  }
}

// The signal at the convolution's result where there are no maxima: through the ReLU alone.
inline void GateImage(const Stem& s, const float* signal, const float* output, float* gated) {
  const Wide zero = {0};
  for (int64_t i = 0; i < s.height * s.width * s.channels; i += kWide) {
    Wide value = Load(signal + i);
    if (s.guided) value = value > 0.0f ? value : zero;
    Store(gated + i, Load(output + i) > 0.0f ? value : zero);
  }
}

// Each location takes the signals of the (up to four) windows whose maximum it was. The ReLU under
// the maxima was open where the maximum is above 0; guided, the sum must be positive too.
inline void UnpoolImage(const Stem& s, const float* signal, const float* output,
                        const uint8_t* index, float* gated) {
  const Wide zero = {0};
  for (int64_t y = 0; y < s.height; ++y) {
    for (int64_t x = 0; x < s.width; ++x) {
      for (int64_t c = 0; c < s.channels; c += kWide) {
        Wide sum = zero;
        for (int64_t row = y / 2; row <= (y + 1) / 2 && row < s.pooled_height; ++row) {
          for (int64_t column = x / 2; column <= (x + 1) / 2 && column < s.pooled_width; ++column) {
            const int64_t from = (row * s.pooled_width + column) * s.channels + c;
            const int32_t here =
                static_cast<int32_t>((y - 2 * row + 1) * 3 + (x - 2 * column + 1));
            const WideInts at = __builtin_convertvector(
                *reinterpret_cast<const WideBytes*>(index + from), WideInts);
            const WideInts taken = (at == here) & (Load(output + from) > 0.0f);
            sum += taken ? Load(signal + from) : zero;
          }
        }
        if (s.guided) sum = sum > 0.0f ? sum : zero;
        Store(gated + (y * s.width + x) * s.channels + c, sum);
      }
    }
  }
}

// Rows `first` .. first + R - 1 of the taps of the channels listed, summed into a strip's window.
template <int R, int V>
inline void SumTaps(const float* values, const int32_t* listed, int64_t count, const float* taps,
                    int64_t kernel, int64_t first, int64_t step, float* to) {
  Eight sums[R][V] = {};
  for (int64_t n = 0; n < count; ++n) {
    const int64_t channel = listed[n];
    const float* tap = taps + (channel * kernel + first) * V * 8;
    const float value = values[channel];
    for (int r = 0; r < R; ++r) {
      for (int v = 0; v < V; ++v) {
        sums[r][v] += value * *reinterpret_cast<const Eight*>(tap + (r * V + v) * 8);
      }
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) {
      *reinterpret_cast<Eight*>(to + (first + r) * step + v * 8) = sums[r][v];
    }
  }
}

template <int V>
inline void SumLocation(const Stem& s, const float* values, const int32_t* listed, int64_t count,
                        const float* taps, int64_t step, float* to) {
  int64_t first = 0;
  for (; first + 4 <= s.kernel; first += 4) {
    SumTaps<4, V>(values, listed, count, taps, s.kernel, first, step, to);
  }
  for (; first + 3 <= s.kernel; first += 3) {
    SumTaps<3, V>(values, listed, count, taps, s.kernel, first, step, to);
  }
  for (; first < s.kernel; ++first) {
    SumTaps<1, V>(values, listed, count, taps, s.kernel, first, step, to);
  }
}

// Most of the signal is 0 behind the ReLU and the maxima: only the rest is multiplied. The windows
// of a row overlap; they are dealt to strips, [kernel, strips, row], in each of which they do not.
inline void StemImage(const Stem& s, const float* signal, const float* output,
                      const uint8_t* index, const float* taps, const StemRoom& room, float* dx) {
  float* gated = room.gated;
  if (s.pooled_height > 0) {
    UnpoolImage(s, signal, output, index, gated);
  } else {
    GateImage(s, signal, output, gated);
  }
  const int64_t step = PictureRow(s), strips = StripsOf(s), wide = strips * step;
  __builtin_memset(room.picture, 0, sizeof(float) * PictureHeight(s) * step);
  __builtin_memset(room.strips, 0, sizeof(float) * s.kernel * wide);
  int32_t listed[kMostChannels];
  for (int64_t y = 0; y < s.height; ++y) {
    for (int64_t x = 0; x < s.width; ++x) {
      const float* values = gated + (y * s.width + x) * s.channels;
      int64_t count = 0;
      for (int64_t c = 0; c < s.channels; ++c) {
        listed[count] = static_cast<int32_t>(c);
        count += values[c] != 0.0f;
      }
      float* to = room.strips + x % strips * step + x * s.stride * s.colours;
      switch (s.row / 8) {
        case 1: SumLocation<1>(s, values, listed, count, taps, wide, to); break;
        case 2: SumLocation<2>(s, values, listed, count, taps, wide, to); break;
        default: SumLocation<3>(s, values, listed, count, taps, wide, to); break;
      }
    }
    for (int64_t k = 0; k < s.kernel; ++k) {
      float* to = room.picture + (y * s.stride + k) * step;
      for (int64_t strip = 0; strip < strips; ++strip) {
        const float* from = room.strips + k * wide + strip * step;
        for (int64_t i = 0; i < step; i += 8) {
          *reinterpret_cast<Eight*>(to + i) += *reinterpret_cast<const Eight*>(from + i);
        }
      }
    }
  }
  const int64_t line = s.image_width * s.colours;
  for (int64_t y = 0; y < s.image_height; ++y) {
    __builtin_memcpy(dx + y * line, room.picture + (y + s.padding) * step + s.padding * s.colours,
                     sizeof(float) * line);
  }
}
