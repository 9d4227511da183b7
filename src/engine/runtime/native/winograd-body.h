// Winograd's transforms (Lavin and Gray 2016) of 3x3 filters with stride 1 and padding 1, on
// vectors of channels: included after product-body.h, in the same namespaces. For each form: In
// takes the image to the points where it is multiplied, Out takes the products to the result, and
// Filter takes the filter there; Spread and Gather are the transposes of Out and Filter. Each works
// along one side; values lie `f` and `t` apart.

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
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const int64_t y = top + i, x = left + j;
      const bool inside = y >= 0 && y < height && x >= 0 && x < width;
      to[i * n + j] = inside ? Load(image + (y * width + x) * channels) : Vector{0};
    }
  }
}

// The tiles of `images` images x [images, H, W, C] as kAlong takes them to the points.
template <class Form, void (*kAlong)(const Vector*, int, Vector*, int), int n, int before>
inline void Transform(const float* x, int64_t images, int64_t height, int64_t width,
                      int64_t channels, Places places, float* to) {
  constexpr int m = Form::kPoints;
  int64_t tile = 0;
  for (int64_t image = 0; image < images; ++image) {
    const float* from = x + image * height * width * channels;
    for (int64_t top = 0; top < height; top += Form::kTile) {
      for (int64_t left = 0; left < width; left += Form::kTile, ++tile) {
        for (int64_t c = 0; c < channels; c += kWidth) {
          Vector square[n * n], points[m * m];
          Cut<n>(from + c, height, width, channels, top - before, left - before, square);
          Square<kAlong, n, m>(square, points);
          float* at = to + c / kPanel * places.panel + tile * places.tile + c % kPanel;
          for (int p = 0; p < m * m; ++p) Store(at + p * places.point, points[p]);
        }
      }
    }
  }
}

template <class Form>
inline void TransformImage(const float* x, int64_t images, int64_t height, int64_t width,
                           int64_t channels, Places places, float* to) {
  Transform<Form, Form::In, Form::kReach, Form::kBefore>(x, images, height, width, channels, places,
                                                         to);
}

template <class Form>
inline void TransformSignal(const float* x, int64_t images, int64_t height, int64_t width,
                            int64_t channels, Places places, float* to) {
  Transform<Form, Form::Spread, Form::kTile, 0>(x, images, height, width, channels, places, to);
}

// One panel of products [points, tiles, 16] to the images' results y [images, H, W, channels].
template <class Form>
inline void Result(const float* products, int64_t tiles, int64_t images, int64_t height,
                   int64_t width, int64_t channels, Finish finish, float* y) {
  constexpr int m = Form::kPoints, n = Form::kTile;
  int64_t tile = 0;
  for (int64_t image = 0; image < images; ++image) {
    for (int64_t top = 0; top < height; top += n) {
      for (int64_t left = 0; left < width; left += n, ++tile) {
        for (int c = 0; c < kPanel; c += kWidth) {
          Vector points[m * m], square[n * n];
          for (int p = 0; p < m * m; ++p) {
            points[p] = Load(products + (p * tiles + tile) * kPanel + c);
          }
          Square<Form::Out, m, n>(points, square);
          for (int i = 0; i < n && top + i < height; ++i) {
            for (int j = 0; j < n && left + j < width; ++j) {
              const int64_t at = ((image * height + top + i) * width + left + j) * channels + c;
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
  }
}

// `images` images' convolution. u is [outputs / 16, points, inputs, 16], space holds
// points * tiles * (inputs + 16) floats. Fine sums are of short chains, else each is one chain.
template <class Form>
inline void Convolve(const float* x, const float* u, int64_t images, int64_t height, int64_t width,
                     int64_t inputs, int64_t outputs, bool fine, Finish finish, float* space,
                     float* y) {
  constexpr int points = Form::kPoints * Form::kPoints;
  const int64_t tiles = images * Tiles(height, Form::kTile) * Tiles(width, Form::kTile);
  float* products = space + points * tiles * inputs;
  const int64_t part = fine ? kFineDepth : kDepth;
  const Onto onto = fine ? Onto::kSum : Onto::kChain;
  TransformImage<Form>(x, images, height, width, inputs, {tiles * inputs, kPanel, inputs}, space);
  for (int64_t panel = 0; panel < outputs / kPanel; ++panel) {
    for (int p = 0; p < points; ++p) {
      const float* v = space + p * tiles * inputs;
      const float* w = u + (panel * points + p) * inputs * kPanel;
      for (int64_t k = 0; k < inputs; k += part) {
        const int64_t depth = inputs - k < part ? inputs - k : part;
        Panel(tiles, depth, v + k, inputs, 1, w + k * kPanel, products + p * tiles * kPanel, kPanel,
              k > 0 ? onto : Onto::kNothing);
      }
    }
    const int64_t c = panel * kPanel;
    const Finish here = {finish.bias ? finish.bias + c : nullptr,
                         finish.addend ? finish.addend + c : nullptr,
                         finish.gate ? finish.gate + c : nullptr, finish.ending};
    Result<Form>(products, tiles, images, height, width, outputs, here, y + c);
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

// The same for the way back: u [points, outputs, 16] of the filter turned by half a circle, from
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
