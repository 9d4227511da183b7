#pragma once

#include <cstdint>

#include "instructions.h"

// Convolutions in double precision: see ../exact.ts.
namespace studio::exact {

// Results are computed in panels of sixteen channels.
constexpr int64_t kPanel = 16;

// Sums times factor plus shift, plus the addend, which lies as the result, and then ReLU.
struct Finish {
  const double* factor;
  const double* shift;
  const double* addend;  // or none
  bool relu;
};

// Windows of images as rows of a matrix: each is `segments` stretches of `length` values, which lie
// `offsets` from its first.
struct Windows {
  const double* const* rows;
  const int64_t* to;  // where the results of a window start in y
  int64_t count;
  const int64_t* offsets;
  int64_t segments, length;
};

namespace plain {
constexpr int kWide = 2, kRows = 2;
#include "exact-body.h"
}  // namespace plain

// y's channels `first` to before `last` of windows times a filter [segments * length, outputs].
using Loop = decltype(&plain::Products);

#if defined(__x86_64__)
STUDIO_FOR_AVX2
namespace avx2 {
constexpr int kWide = 4, kRows = 4;
#include "exact-body.h"
}  // namespace avx2
STUDIO_FOR_ANY

STUDIO_FOR_AVX512
namespace avx512 {
constexpr int kWide = 8, kRows = 8;
#include "exact-body.h"
}  // namespace avx512
STUDIO_FOR_ANY
#endif

// The fastest loop that this processor can run.
inline Loop ChooseLoop() {
#if defined(__x86_64__)
  if (Widest() == Instructions::kAvx512) return avx512::Products;
  if (Widest() == Instructions::kAvx2) return avx2::Products;
#endif
  return plain::Products;
}

}  // namespace studio::exact
