// Winograd's transforms (Lavin and Gray 2016) of 3x3 filters with stride 1 and padding 1, on
// vectors of channels: included after product-body.h, in the same namespaces. For each form: In
// takes the image to the points where it is multiplied, Out takes the products to the result, and
// Filter takes the filter there; Spread and Gather are the transposes of Out and Filter. Each works
// along one side; values lie `f` and `t` apart.

typedef int32_t Integers __attribute__((vector_size(4 * kWidth), aligned(4), may_alias));
typedef int64_t Longs __attribute__((vector_size(4 * kWidth), aligned(4), may_alias));
typedef uint8_t Octets __attribute__((vector_size(kWidth), aligned(1), may_alias));

// Four results from six values: 36 products for 144. The points are 0, 5/8, -5/8, 3/2, -3/2 and
// infinity: they round half as much as the usual 0, 1, -1, 2, -2 and infinity.
struct Four {
  static constexpr int kTile = 4, kReach = 6, kPoints = 6, kBefore = 1;
  static constexpr int kFirstTap = 0, kLastTap = 8;
  static constexpr float kA = 0.625f, kB = 1.5f, kA2 = kA * kA, kB2 = kB * kB;
  static constexpr float kProduct = kA2 * kB2, kSum = kA2 + kB2;
  static constexpr float kOf0 = 1 / kProduct, kOfA = 1 / (2 * kA2 * (kA2 - kB2)),
                         kOfB = 1 / (2 * kB2 * (kB2 - kA2));
  static void In(const Vector* d, int f, Vector* v, int t) {
    const Vector d0 = d[0], d1 = d[f], d2 = d[2 * f], d3 = d[3 * f], d4 = d[4 * f], d5 = d[5 * f];
    const Vector even_a = d4 - kB2 * d2, odd_a = kA * (d3 - kB2 * d1);
    const Vector even_b = d4 - kA2 * d2, odd_b = kB * (d3 - kA2 * d1);
    v[0] = kProduct * d0 - kSum * d2 + d4;
    v[t] = even_a + odd_a;
    v[2 * t] = even_a - odd_a;
    v[3 * t] = even_b + odd_b;
    v[4 * t] = even_b - odd_b;
    v[5 * t] = kProduct * d1 - kSum * d3 + d5;
  }
  static void Out(const Vector* m, int f, Vector* y, int t) {
    const Vector m0 = m[0], m1 = m[f], m2 = m[2 * f], m3 = m[3 * f], m4 = m[4 * f], m5 = m[5 * f];
    const Vector even_a = m1 + m2, odd_a = kA * (m1 - m2);
    const Vector even_b = m3 + m4, odd_b = kB * (m3 - m4);
    y[0] = m0 + even_a + even_b;
    y[t] = odd_a + odd_b;
    y[2 * t] = kA2 * even_a + kB2 * even_b;
    y[3 * t] = kA2 * odd_a + kB2 * odd_b + m5;
  }
  static void Spread(const Vector* y, int f, Vector* m, int t) {
    const Vector y0 = y[0], y1 = y[f], y2 = y[2 * f], y3 = y[3 * f];
    const Vector even_a = y0 + kA2 * y2, odd_a = kA * (y1 + kA2 * y3);
    const Vector even_b = y0 + kB2 * y2, odd_b = kB * (y1 + kB2 * y3);
    m[0] = y0;
    m[t] = even_a + odd_a;
    m[2 * t] = even_a - odd_a;
    m[3 * t] = even_b + odd_b;
    m[4 * t] = even_b - odd_b;
    m[5 * t] = y3;
  }
  static void Filter(const Vector* w, int f, Vector* u, int t) {
    const Vector w0 = w[0], w1 = w[f], w2 = w[2 * f];
    const Vector even_a = (w0 + kA2 * w2) * kOfA, odd_a = w1 * (kA * kOfA);
    const Vector even_b = (w0 + kB2 * w2) * kOfB, odd_b = w1 * (kB * kOfB);
    u[0] = w0 * kOf0;
    u[t] = even_a + odd_a;
    u[2 * t] = even_a - odd_a;
    u[3 * t] = even_b + odd_b;
    u[4 * t] = even_b - odd_b;
    u[5 * t] = w2;
  }
  static void Gather(const Vector* u, int f, Vector* w, int t) {
    const Vector u0 = u[0], u1 = u[f], u2 = u[2 * f], u3 = u[3 * f], u4 = u[4 * f], u5 = u[5 * f];
    const Vector even_a = (u1 + u2) * kOfA, odd_a = (u1 - u2) * (kA * kOfA);
    const Vector even_b = (u3 + u4) * kOfB, odd_b = (u3 - u4) * (kB * kOfB);
    w[0] = u0 * kOf0 + even_a + even_b;
    w[t] = odd_a + odd_b;
    w[2 * t] = kA2 * even_a + kB2 * even_b + u5;
  }
};

// A side of two between zeros: y0 = w1 x0 + w2 x1 and y1 = w0 x0 + w1 x1 share w1 (x0 + x1), so
// that three products do for four, and for the six of which two meet padding.
struct Two {
  static constexpr int kTile = 2, kReach = 2, kPoints = 3, kBefore = 0;
  static constexpr int kFirstTap = 0, kLastTap = 8;
  static void In(const Vector* d, int f, Vector* v, int t) {
    v[0] = d[0] + d[f];
    v[t] = d[f];
    v[2 * t] = d[0];
  }
  static void Out(const Vector* m, int f, Vector* y, int t) {
    y[0] = m[0] + m[f];
    y[t] = m[0] + m[2 * f];
  }
  static void Spread(const Vector* y, int f, Vector* m, int t) {
    m[0] = y[0] + y[f];
    m[t] = y[0];
    m[2 * t] = y[f];
  }
  static void Filter(const Vector* w, int f, Vector* u, int t) {
    u[0] = w[f];
    u[t] = w[2 * f] - w[f];
    u[2 * t] = w[0] - w[f];
  }
  static void Gather(const Vector* u, int f, Vector* w, int t) {
    w[0] = u[2 * f];
    w[t] = u[0] - u[f] - u[2 * f];
    w[2 * t] = u[f];
  }
};

// A single location between zeros: only the filter's middle meets it.
struct One {
  static constexpr int kTile = 1, kReach = 1, kPoints = 1, kBefore = 0;
  static constexpr int kFirstTap = 4, kLastTap = 4;
  static void In(const Vector* d, int, Vector* v, int) { v[0] = d[0]; }
  static void Out(const Vector* m, int, Vector* y, int) { y[0] = m[0]; }
  static void Spread(const Vector* y, int, Vector* m, int) { m[0] = y[0]; }
  static void Filter(const Vector* w, int f, Vector* u, int) { u[0] = w[f]; }
  static void Gather(const Vector* u, int, Vector* w, int t) {
    w[0] = Vector{0};
    w[t] = u[0];
    w[2 * t] = Vector{0};
  }
};

// Along both sides: from [n, n] to [m, m].
template <void (*kAlong)(const Vector*, int, Vector*, int), int n, int m>
inline void Square(const Vector* from, Vector* to) {
  Vector middle[m * n];
  for (int column = 0; column < n; ++column) kAlong(from + column, n, middle + column, n);
  for (int row = 0; row < m; ++row) kAlong(middle + row * n, 1, to + row * m, 1);
}

// A square of an image [height, width, channels] whose corner is (top, left); zero outside.
template <int n>
inline void Cut(const float* image, int64_t height, int64_t width, int64_t channels, int64_t top,
                int64_t left, Vector* to) {
  if (top >= 0 && top + n <= height && left >= 0 && left + n <= width) {
    const float* corner = image + (top * width + left) * channels;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) to[i * n + j] = Load(corner + (i * width + j) * channels);
    }
    return;
  }
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const int64_t y = top + i, x = left + j;
      const bool inside = y >= 0 && y < height && x >= 0 && x < width;
      to[i * n + j] = inside ? Load(image + (y * width + x) * channels) : Vector{0};
    }
  }
}

// Where a tile begins: in which image, and where in it. Images' tiles are counted row by row.
struct Corner {
  int64_t image, top, left;
};

template <class Form>
inline Corner CornerOf(int64_t tile, int64_t height, int64_t width) {
  const int64_t wide = Tiles(width, Form::kTile), each = Tiles(height, Form::kTile) * wide;
  const int64_t within = tile % each;
  return {tile / each, within / wide * Form::kTile, within % wide * Form::kTile};
}

template <class Form>
inline void Next(Corner* corner, int64_t height, int64_t width) {
  corner->left += Form::kTile;
  if (corner->left < width) return;
  corner->left = 0;
  corner->top += Form::kTile;
  if (corner->top < height) return;
  corner->top = 0;
  ++corner->image;
}

// `count` tiles from the `first` on of images x [.., H, W, C], as kAlong takes them to the points.
template <class Form, void (*kAlong)(const Vector*, int, Vector*, int), int n, int before>
inline void Transform(const float* x, int64_t first, int64_t count, int64_t height, int64_t width,
                      int64_t channels, Places places, float* to) {
  constexpr int m = Form::kPoints;
  Corner corner = CornerOf<Form>(first, height, width);
  for (int64_t tile = 0; tile < count; ++tile, Next<Form>(&corner, height, width)) {
    const float* from = x + corner.image * height * width * channels;
    for (int64_t c = 0; c < channels; c += kWidth) {
      Vector square[n * n], points[m * m];
      Cut<n>(from + c, height, width, channels, corner.top - before, corner.left - before, square);
      Square<kAlong, n, m>(square, points);
      float* at = to + c / kPanel * places.panel + tile * places.tile + c % kPanel;
      for (int p = 0; p < m * m; ++p) Store(at + p * places.point, points[p]);
    }
  }
}

template <class Form>
inline void TransformImage(const float* x, int64_t first, int64_t count, int64_t height,
                           int64_t width, int64_t channels, Places places, float* to) {
  Transform<Form, Form::In, Form::kReach, Form::kBefore>(x, first, count, height, width, channels,
                                                         places, to);
}

template <class Form>
inline void TransformSignal(const float* x, int64_t first, int64_t count, int64_t height,
                            int64_t width, int64_t channels, Places places, float* to) {
  Transform<Form, Form::Spread, Form::kTile, 0>(x, first, count, height, width, channels, places,
                                                to);
}

// A tile's results at sixteen channels' c-th vector, from products [points, tiles, 16].
template <class Form>
inline void TileOf(const float* products, int64_t tiles, int64_t tile, int c, Vector* square) {
  constexpr int m = Form::kPoints;
  Vector points[m * m];
  for (int p = 0; p < m * m; ++p) points[p] = Load(products + (p * tiles + tile) * kPanel + c);
  Square<Form::Out, m, Form::kTile>(points, square);
}

// One panel of products [points, tiles, 16] to these tiles' places in y [.., H, W, channels].
template <class Form>
inline void Result(const float* products, int64_t first, int64_t tiles, int64_t height,
                   int64_t width, int64_t channels, Finish finish, float* y) {
  constexpr int n = Form::kTile;
  Corner corner = CornerOf<Form>(first, height, width);
  for (int64_t tile = 0; tile < tiles; ++tile, Next<Form>(&corner, height, width)) {
    const int64_t rows = height - corner.top < n ? height - corner.top : n;
    const int64_t columns = width - corner.left < n ? width - corner.left : n;
    const int64_t start = (corner.image * height + corner.top) * width + corner.left;
    for (int c = 0; c < kPanel; c += kWidth) {
      Vector square[n * n];
      TileOf<Form>(products, tiles, tile, c, square);
      for (int i = 0; i < rows; ++i) {
        for (int j = 0; j < columns; ++j) {
          const int64_t at = (start + i * width + j) * channels + c;
          Vector value = square[i * n + j];
          if (finish.bias) value += Load(finish.bias + c);
          if (finish.addend) value += Load(finish.addend + at);
          if (finish.ending == Ending::kRelu) value = value < 0.0f ? Vector{0} : value;
          if (finish.ending == Ending::kGuided) value = value > 0.0f ? value : Vector{0};
          if (finish.gate) value = Load(finish.gate + at) > 0.0f ? value : Vector{0};
          Store(y + at, value);
        }
      }
    }
  }
}

// Whether two pixels are the same in every channel.
inline bool AreEqual(const float* a, const float* b, int64_t channels) {
  if (a[0] != b[0]) return false;
  Integers other = {0};
  for (int64_t c = 0; c < channels; c += kWidth) other |= Load(a + c) != Load(b + c);
  const Longs pairs = (Longs)other;
  int64_t any = 0;
  for (int lane = 0; lane < kWidth / 2; ++lane) any |= pairs[lane];
  return any == 0;
}

// What each 2x2 window of one image x [H, W, channels] must not leave to rounding: where a filter meets
// the same pixels at two of its places, they tie, and where it meets only zeros, the sum is 0. The
// transforms tell neither. Windows [H / 2, W / 2]: bit k for a place k that is an earlier one again, bit
// 4 + k for one of zeros. `same` holds 6 * (H + 2) * (W + 2) bytes; zeros are as many as channels.
inline void FindTies(const float* x, int64_t height, int64_t width, int64_t channels,
                     const float* zeros, uint8_t* same, uint8_t* windows) {
  const int64_t row = width + 2, size = (height + 2) * row;
  const auto pixel = [&](int64_t i, int64_t j) {
    const bool inside = i >= 1 && i <= height && j >= 1 && j <= width;
    return inside ? x + ((i - 1) * width + j - 1) * channels : zeros;
  };
  uint8_t* right = same;
  uint8_t* below = same + size;
  uint8_t* across = same + 2 * size;
  uint8_t* antidiagonal = same + 3 * size;
  uint8_t* empty = same + 4 * size;
  // Most pixels that are the same are the background's, here the first one's: compared once each.
  uint8_t* ground = same + 5 * size;
  for (int64_t i = 0; i < height + 2; ++i) {
    for (int64_t j = 0; j < width + 2; ++j) {
      ground[i * row + j] = AreEqual(pixel(i, j), x, channels);
    }
  }
  const bool blank = AreEqual(x, zeros, channels);
  const auto equal = [&](int64_t i, int64_t j, int64_t k, int64_t l) {
    if (k >= height + 2 || l < 0 || l >= width + 2) return false;
    if (ground[i * row + j] != ground[k * row + l]) return false;
    return ground[i * row + j] || AreEqual(pixel(i, j), pixel(k, l), channels);
  };
  for (int64_t i = 0; i < height + 2; ++i) {
    for (int64_t j = 0; j < width + 2; ++j) {
      const int64_t at = i * row + j;
      empty[at] = ground[at] ? blank : AreEqual(pixel(i, j), zeros, channels);
      right[at] = equal(i, j, i, j + 1);
      below[at] = equal(i, j, i + 1, j);
      across[at] = equal(i, j, i + 1, j + 1);
      antidiagonal[at] = equal(i, j, i + 1, j - 1);
    }
  }
  // Over the nine pixels that the filter meets with its corner there.
  const auto all = [&](const uint8_t* of, int64_t i, int64_t j) {
    bool every = true;
    for (int64_t k = 0; k < 9; ++k) every &= of[(i + k / 3) * row + j + k % 3] != 0;
    return every;
  };
  for (int64_t i = 0; i < height; i += 2) {
    for (int64_t j = 0; j < width; j += 2) {
      int ties = 0;
      if (all(right, i, j)) ties |= 1 << 1;
      if (all(below, i, j) || all(antidiagonal, i, j + 1)) ties |= 1 << 2;
      if (all(across, i, j) || all(below, i, j + 1) || all(right, i + 1, j)) ties |= 1 << 3;
      for (int place = 0; place < 4; ++place) {
        if (all(empty, i + place / 2, j + place % 2)) ties |= 1 << (4 + place);
      }
      windows[i / 2 * (width / 2) + j / 2] = static_cast<uint8_t>(ties);
    }
  }
}

// The same to SELU of the maxima of 2x2 windows, and which of the four it was: [images, H / 2, W / 2,
// channels]. The first counts on ties, which FindTies knows, and NaN always. H and W are even, and so
// is the tile.
template <class Form>
inline void PooledResult(const float* products, int64_t tiles, int64_t images, int64_t height,
                         int64_t width, int64_t channels, const uint8_t* ties, const float* bias,
                         float* output, uint8_t* index) {
  constexpr int n = Form::kTile;
  static_assert(n % 2 == 0, "windows lie within tiles");
  const int64_t tall = height / 2, wide = width / 2;
  int64_t tile = 0;
  for (int64_t image = 0; image < images; ++image) {
    for (int64_t top = 0; top < height; top += n) {
      for (int64_t left = 0; left < width; left += n, ++tile) {
        for (int c = 0; c < kPanel; c += kWidth) {
          Vector square[n * n];
          TileOf<Form>(products, tiles, tile, c, square);
          const Vector shift = Load(bias + c);
          for (int i = 0; i < n && top + i < height; i += 2) {
            for (int j = 0; j < n && left + j < width; j += 2) {
              const int64_t at = (image * tall + (top + i) / 2) * wide + (left + j) / 2;
              const int tied = ties[at];
              const Vector* window = square + i * n + j;
              Vector best = (tied & 1 << 4 ? Vector{0} : window[0]) + shift;
              Integers which = {0};
              for (int place = 1; place < 4; ++place) {
                if (tied & 1 << place) continue;
                const Vector sum =
                    tied & 1 << (4 + place) ? Vector{0} : window[place / 2 * n + place % 2];
                const Vector next = sum + shift;
                const Integers above = (next > best) | (next != next);
                best = above ? next : best;
                which = above ? Integers{0} + place : which;
              }
              Store(output + at * channels + c, SeluOf<Vector, Integers>(best));
              *reinterpret_cast<Octets*>(index + at * channels + c) =
                  __builtin_convertvector(which, Octets);
            }
          }
        }
      }
    }
  }
}

// The products [panels, points, tiles, 16] of transformed images v [points, tiles, inputs] and
// filters u [panels, points, inputs, 16]. Short sums are of short chains; else each is one chain.
template <class Form>
inline void PanelProducts(const float* v, const float* u, int64_t tiles, int64_t inputs,
                          int64_t panels, bool short_sums, float* products) {
  constexpr int points = Form::kPoints * Form::kPoints;
  const int64_t part = short_sums ? kShortDepth : kDepth;
  const Onto onto = short_sums ? Onto::kSum : Onto::kChain;
  for (int p = 0; p < points; ++p) {
    for (int64_t panel = 0; panel < panels; panel += 2) {
      const int64_t at = panel * points + p;
      float* to = products + at * tiles * kPanel;
      for (int64_t k = 0; k < inputs; k += part) {
        const int64_t depth = inputs - k < part ? inputs - k : part;
        const float* image = v + p * tiles * inputs + k;
        const float* filter = u + (at * inputs + k) * kPanel;
        const Onto here = k > 0 ? onto : Onto::kNothing;
        if (panel + 1 < panels) {
          PairPanel(tiles, depth, image, inputs, filter, points * inputs * kPanel, to,
                    points * tiles * kPanel, kPanel, here);
        } else {
          Panel(tiles, depth, image, inputs, 1, filter, to, kPanel, here);
        }
      }
    }
  }
}

// A share of a convolution of images x [.., H, W, inputs] to y [.., H, W, outputs]. u is
// [outputs / 16, points, inputs, 16], space holds points * tiles * (inputs + 16 * at_once) floats.
template <class Form>
inline void Convolve(const float* x, const float* u, Share share, int64_t height, int64_t width,
                     int64_t inputs, int64_t outputs, bool short_sums, Finish finish, float* space,
                     float* y) {
  constexpr int points = Form::kPoints * Form::kPoints;
  const int64_t tiles = share.tiles;
  float* products = space + points * tiles * inputs;
  TransformImage<Form>(x, share.first, tiles, height, width, inputs,
                       {tiles * inputs, kPanel, inputs}, space);
  for (int64_t panel = share.panel; panel < share.last_panel; panel += share.at_once) {
    const int64_t left = share.last_panel - panel;
    const int64_t panels = left < share.at_once ? left : share.at_once;
    PanelProducts<Form>(space, u + panel * kPanel * points * inputs, tiles, inputs, panels,
                        short_sums, products);
    for (int64_t i = 0; i < panels; ++i) {
      const int64_t c = (panel + i) * kPanel;
      const Finish here = {finish.bias ? finish.bias + c : nullptr,
                           finish.addend ? finish.addend + c : nullptr,
                           finish.gate ? finish.gate + c : nullptr, finish.ending};
      Result<Form>(products + i * points * tiles * kPanel, share.first, tiles, height, width,
                   outputs, here, y + c);
    }
  }
}

// The same with a bias and to SELU of the maxima: see PooledResult. Space holds inputs more, for
// zeros; ties holds images * H / 2 * W / 2 + 6 * (H + 2) * (W + 2) bytes.
template <class Form>
inline void ConvolvePooled(const float* x, const float* u, int64_t images, int64_t height,
                           int64_t width, int64_t inputs, int64_t outputs, bool short_sums,
                           const float* bias, float* space, uint8_t* ties, float* output,
                           uint8_t* index) {
  constexpr int points = Form::kPoints * Form::kPoints;
  const int64_t tiles = images * Tiles(height, Form::kTile) * Tiles(width, Form::kTile);
  float* products = space + points * tiles * inputs;
  float* zeros = products + points * tiles * kPanel;
  const int64_t windows = height / 2 * (width / 2);
  __builtin_memset(zeros, 0, sizeof(float) * inputs);
  for (int64_t i = 0; i < images; ++i) {
    FindTies(x + i * height * width * inputs, height, width, inputs, zeros, ties + images * windows,
             ties + i * windows);
  }
  TransformImage<Form>(x, 0, tiles, height, width, inputs, {tiles * inputs, kPanel, inputs}, space);
  for (int64_t c = 0; c < outputs; c += kPanel) {
    PanelProducts<Form>(space, u + c * points * inputs, tiles, inputs, 1, short_sums, products);
    PooledResult<Form>(products, tiles, images, height, width, outputs, ties, bias + c, output + c,
                       index + c);
  }
}

// One panel of a filter [3, 3, inputs, outputs] at the points: u [points, inputs, 16].
template <class Form>
inline void TransformFilter(const float* filter, int64_t inputs, int64_t outputs, int64_t panel,
                            float* u) {
  constexpr int m = Form::kPoints;
  for (int64_t i = 0; i < inputs; ++i) {
    for (int c = 0; c < kPanel; c += kWidth) {
      Vector taps[9], points[m * m];
      for (int tap = 0; tap < 9; ++tap) {
        taps[tap] = Load(filter + (tap * inputs + i) * outputs + panel * kPanel + c);
      }
      Square<Form::Filter, 3, m>(taps, points);
      for (int p = 0; p < m * m; ++p) Store(u + (p * inputs + i) * kPanel + c, points[p]);
    }
  }
}

// The same for backward: u [points, outputs, 16] of the filter turned by half a circle, from
// its outputs to one panel of its inputs.
template <class Form>
inline void TransformTurnedFilter(const float* filter, int64_t inputs, int64_t outputs,
                                  int64_t panel, float* u) {
  constexpr int m = Form::kPoints;
  float block[9][kPanel][kPanel] = {};
  for (int64_t o = 0; o < outputs; o += kPanel) {
    for (int tap = Form::kFirstTap; tap <= Form::kLastTap; ++tap) {
      for (int i = 0; i < kPanel; ++i) {
        const float* row = filter + (tap * inputs + panel * kPanel + i) * outputs + o;
        for (int k = 0; k < kPanel; ++k) block[8 - tap][k][i] = row[k];
      }
    }
    for (int k = 0; k < kPanel; ++k) {
      for (int c = 0; c < kPanel; c += kWidth) {
        Vector taps[9], points[m * m];
        for (int tap = 0; tap < 9; ++tap) taps[tap] = Load(&block[tap][k][c]);
        Square<Form::Filter, 3, m>(taps, points);
        for (int p = 0; p < m * m; ++p) Store(u + (p * outputs + o + k) * kPanel + c, points[p]);
      }
    }
  }
}

// Sixteen inputs' rows of the filter's gradient [3, 3, inputs, outputs] from the points' du
// [points, inputs, outputs].
template <class Form>
inline void GatherFilter(const float* du, int64_t inputs, int64_t outputs, int64_t panel,
                         float* gradient) {
  constexpr int m = Form::kPoints;
  for (int64_t i = panel * kPanel; i < (panel + 1) * kPanel; ++i) {
    for (int64_t c = 0; c < outputs; c += kWidth) {
      Vector points[m * m], taps[9];
      for (int p = 0; p < m * m; ++p) points[p] = Load(du + (p * inputs + i) * outputs + c);
      Square<Form::Gather, m, 3>(points, taps);
      for (int tap = 0; tap < 9; ++tap) {
        Store(gradient + (tap * inputs + i) * outputs + c, taps[tap]);
      }
    }
  }
}
