// Matrix products in registers, compiled once for each set of instructions: included inside a
// namespace that defines kWidth (floats in a vector), kRows (rows of a tile) and kPairRows (of one of two
// panels; 0: there are none), under the target's options. No header may be included here.

constexpr int kVectors = kPanel / kWidth;
typedef float Vector __attribute__((vector_size(4 * kWidth), aligned(4), may_alias));

inline Vector Load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
inline void Store(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }

// a [R, depth] times b [depth, 16] onto c [R, 16]; a's rows and steps lie `row` and `step` apart.
// Every element's products are one chain of sums in the order of depth, whatever R is.
template <int R>
inline void Tile(int64_t depth, const float* a, int64_t row, int64_t step, const float* b, float* c,
                 int64_t c_row, Onto onto) {
  Vector sums[R][kVectors];
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      sums[r][v] = onto == Onto::kChain ? Load(c + r * c_row + v * kWidth) : Vector{0};
    }
  }
  for (int64_t k = 0; k < depth; ++k) {
    Vector right[kVectors];
    for (int v = 0; v < kVectors; ++v) right[v] = Load(b + v * kWidth);
    for (int r = 0; r < R; ++r) {
      for (int v = 0; v < kVectors; ++v) sums[r][v] += right[v] * a[r * row];
    }
    a += step;
    b += kPanel;
  }
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      float* to = c + r * c_row + v * kWidth;
      Store(to, onto == Onto::kSum ? Load(to) + sums[r][v] : sums[r][v]);
    }
  }
}

template <int R>
inline void AnyTile(int64_t rows, int64_t depth, const float* a, int64_t row, int64_t step,
                    const float* b, float* c, int64_t c_row, Onto onto) {
  if (rows == R) {
    Tile<R>(depth, a, row, step, b, c, c_row, onto);
  } else if constexpr (R > 1) {
    AnyTile<R - 1>(rows, depth, a, row, step, b, c, c_row, onto);
  }
}

// The same for any number of rows.
inline void Panel(int64_t rows, int64_t depth, const float* a, int64_t row, int64_t step,
                  const float* b, float* c, int64_t c_row, Onto onto) {
  int64_t i = 0;
  for (; i + kRows <= rows; i += kRows) {
    Tile<kRows>(depth, a + i * row, row, step, b, c + i * c_row, c_row, onto);
  }
  if (i < rows) {
    AnyTile<kRows - 1>(rows - i, depth, a + i * row, row, step, b, c + i * c_row, c_row, onto);
  }
}

// R rows by two panels, whose b and c lie `b_panel` and `c_panel` apart: they share the loads of a's
// values. Every element's sum is the one that Tile has.
template <int R>
inline void PairTile(int64_t depth, const float* a, int64_t row, const float* b, int64_t b_panel,
                     float* c, int64_t c_panel, int64_t c_row, Onto onto) {
  constexpr int vectors = 2 * kVectors;
  const auto place = [&](int r, int v) {
    return c + r * c_row + v / kVectors * c_panel + v % kVectors * kWidth;
  };
  Vector sums[R][vectors];
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < vectors; ++v) {
      sums[r][v] = onto == Onto::kChain ? Load(place(r, v)) : Vector{0};
    }
  }
  for (int64_t k = 0; k < depth; ++k, b += kPanel) {
    Vector right[vectors];
    for (int v = 0; v < vectors; ++v) {
      right[v] = Load(b + v / kVectors * b_panel + v % kVectors * kWidth);
    }
    for (int r = 0; r < R; ++r) {
      for (int v = 0; v < vectors; ++v) sums[r][v] += right[v] * a[r * row + k];
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < vectors; ++v) {
      float* to = place(r, v);
      Store(to, onto == Onto::kSum ? Load(to) + sums[r][v] : sums[r][v]);
    }
  }
}

// Panel for two panels at once, a's steps one apart.
inline void PairPanel(int64_t rows, int64_t depth, const float* a, int64_t row, const float* b,
                      int64_t b_panel, float* c, int64_t c_panel, int64_t c_row, Onto onto) {
  int64_t i = 0;
  if constexpr (kPairRows > 0) {
    for (; i + kPairRows <= rows; i += kPairRows) {
      PairTile<kPairRows>(depth, a + i * row, row, b, b_panel, c + i * c_row, c_panel, c_row, onto);
    }
  }
  for (int panel = 0; panel < 2; ++panel) {
    Panel(rows - i, depth, a + i * row, row, 1, b + panel * b_panel,
          c + panel * c_panel + i * c_row, c_row, onto);
  }
}

// c [16, panels * 16] += a' b over `depth` rows: a [depth, 16] and each b [depth, 16] are panels.
inline void OuterProduct(int64_t depth, int64_t panels, const float* a, const float* b,
                         int64_t b_panel, float* c, int64_t c_row) {
  for (int64_t start = 0; start < depth; start += kOuterDepth) {
    const int64_t part = depth - start < kOuterDepth ? depth - start : kOuterDepth;
    for (int64_t j = 0; j < panels; ++j) {
      Panel(kPanel, part, a + start * kPanel, 1, kPanel, b + j * b_panel + start * kPanel,
            c + j * kPanel, c_row, Onto::kChain);
    }
  }
}
