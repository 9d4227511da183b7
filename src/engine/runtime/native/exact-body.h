// The loops of exact.h, compiled once for each set of instructions: included inside a namespace that
// defines kWide (doubles in a vector) and kRows (rows of a tile), under the target's options. No
// header may be included here.

using Wide = double __attribute__((vector_size(8 * kWide), aligned(8), may_alias));
using Narrow = float __attribute__((vector_size(4 * kWide), aligned(4), may_alias));

constexpr int kVectors = static_cast<int>(kPanel) / kWide;

inline Wide Load(const double* from) { return *reinterpret_cast<const Wide*>(from); }
inline Wide Widen(const float* from) {
  return __builtin_convertvector(*reinterpret_cast<const Narrow*>(from), Wide);
}

// R rows by one panel of a filter whose rows lie `outputs` apart.
template <int R>
inline void Tile(const Windows& w, int64_t row, const float* filter, int64_t outputs,
                 int64_t channel, const Finish& finish, double* y) {
  Wide sums[R][kVectors] = {};
  const float* right = filter + channel;
  for (int64_t s = 0; s < w.segments; ++s) {
    const double* from[R];
    for (int r = 0; r < R; ++r) from[r] = w.rows[row + r] + w.offsets[s];
    for (int64_t k = 0; k < w.length; ++k) {
      for (int v = 0; v < kVectors; ++v) {
        const Wide taps = Widen(right + v * kWide);
        for (int r = 0; r < R; ++r) sums[r][v] += taps * from[r][k];
      }
      right += outputs;
    }
  }
  for (int r = 0; r < R; ++r) {
    const int64_t at = w.to[row + r] + channel;
    for (int v = 0; v < kVectors; ++v) {
      const int c = v * kWide;
      Wide value = sums[r][v] * Load(finish.factor + channel + c) + Load(finish.shift + channel + c);
      if (finish.addend) value += Load(finish.addend + at + c);
      // A NaN goes through ReLU.
      if (finish.relu) value = value < 0.0 ? Wide{0} : value;
      *reinterpret_cast<Wide*>(y + at + c) = value;
    }
  }
}

template <int R>
inline void LastTile(int64_t rows, const Windows& w, int64_t row, const float* filter,
                     int64_t outputs, int64_t channel, const Finish& finish, double* y) {
  if (rows == R) {
    Tile<R>(w, row, filter, outputs, channel, finish, y);
  } else if constexpr (R > 1) {
    LastTile<R - 1>(rows, w, row, filter, outputs, channel, finish, y);
  }
}

inline void Products(const Windows& w, const float* filter, int64_t outputs, int64_t first,
                     int64_t last, const Finish& finish, double* y) {
  for (int64_t channel = first; channel < last; channel += kPanel) {
    int64_t row = 0;
    for (; row + kRows <= w.count; row += kRows) {
      Tile<kRows>(w, row, filter, outputs, channel, finish, y);
    }
    if (row < w.count) {
      LastTile<kRows - 1>(w.count - row, w, row, filter, outputs, channel, finish, y);
    }
  }
}
