#pragma once

#include <cstdint>

#include "instructions.h"
#include "rule.h"

namespace studio {

// A 3x3 filter's taps in rows of four, filled up to whole vectors of any set.
constexpr int kTaps = 16;
// Channels are in sixteens where whole vectors are asked for.
constexpr int kMostLanes = 16;

namespace plain {
constexpr int kLanes = 4;
#include "slope-body.h"
#include "loops-body.h"
}

#if defined(__x86_64__)
STUDIO_FOR_AVX2
namespace avx2 {
constexpr int kLanes = 8;
#include "slope-body.h"
#include "loops-body.h"
}
STUDIO_FOR_ANY

STUDIO_FOR_AVX512
namespace avx512 {
constexpr int kLanes = 16;
#include "slope-body.h"
#include "loops-body.h"
}
STUDIO_FOR_ANY
#endif

struct Loops {
  decltype(&plain::MaxPoolRow) max_pool_row;
  decltype(&plain::FirstPoolImage) first_pool_image;
  decltype(&plain::UnpoolRow) unpool_row;
  decltype(&plain::FirstGradientImage) first_gradient_image;
};

#define STUDIO_LOOPS(set) \
  Loops { set::MaxPoolRow, set::FirstPoolImage, set::UnpoolRow, set::FirstGradientImage }

// The fastest loops that this processor can run.
inline Loops ChooseLoops() {
#if defined(__x86_64__)
  if (Widest() == Instructions::kAvx512) return STUDIO_LOOPS(avx512);
  if (Widest() == Instructions::kAvx2) return STUDIO_LOOPS(avx2);
#endif
  return STUDIO_LOOPS(plain);
}

#undef STUDIO_LOOPS

}  // namespace studio
