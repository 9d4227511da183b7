#pragma once

#include <cstdint>

namespace studio::direct {

// How a filter [kernel, kernel, inputs, outputs] is laid out for its use; the numbers are the
// attribute's.
enum class Form : int64_t {
  kForward = 0,          // [outputs / 16, kernel * kernel * inputs, 16]
  kTurned = 1,           // of 1x1, for backward: [inputs / 16, outputs, 16]
  kStridedGradient = 2,  // of 3x3 and stride 2: see StridedPhase
  kStem = 3,             // [outputs, kernel, TapRow(kernel, inputs)]
};

// Floats of a row of taps: a multiple of eight.
inline int64_t TapRow(int64_t kernel, int64_t inputs) { return (kernel * inputs + 7) / 8 * 8; }

// Backward of a 3x3 convolution of stride 2 and padding 1 gives the locations (2 i + row,
// 2 j + column) of dx from the signal at i and, in odd rows, i + 1; likewise in columns. A phase's
// matrix is [inputs / 16, rows * columns * outputs, 16].
struct StridedPhase {
  int64_t row, column;
  int64_t rows() const { return row + 1; }
  int64_t columns() const { return column + 1; }
  int64_t depth(int64_t outputs) const { return rows() * columns() * outputs; }
};
constexpr StridedPhase kPhases[4] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

struct FilterShape {
  int64_t kernel, inputs, outputs;
};

int64_t LaidOutSize(Form form, const FilterShape& shape);
void LayOut(Form form, const FilterShape& shape, const float* filter, float* to);

}  // namespace studio::direct
