#pragma once

#include <cstdint>

#include "instructions.h"
#include "rule.h"

namespace studio {

constexpr int kLanes = 8;
constexpr int kPictures = 4;
using Floats = float __attribute__((vector_size(32), aligned(4), may_alias));
using Ints = int32_t __attribute__((vector_size(32), aligned(4), may_alias));
using Bytes = uint8_t __attribute__((vector_size(8), aligned(1), may_alias));
using Taps = float __attribute__((vector_size(16), aligned(4), may_alias));

namespace plain {
#include "slope-body.h"
#include "loops-body.h"
}

#if defined(__x86_64__)
#define STUDIO_HAS_AVX2 1
STUDIO_FOR_AVX2
namespace avx2 {
#include "slope-body.h"
#include "loops-body.h"
}
STUDIO_FOR_ANY
#endif

struct Loops {
  decltype(&plain::MaxPoolRow) max_pool_row = plain::MaxPoolRow;
  decltype(&plain::FirstPoolImage) first_pool_image = plain::FirstPoolImage;
  decltype(&plain::UnpoolRow) unpool_row = plain::UnpoolRow;
  decltype(&plain::FirstGradientImage) first_gradient_image = plain::FirstGradientImage;
};

// The fastest loops that this processor can run.
inline Loops ChooseLoops() {
#if defined(STUDIO_HAS_AVX2)
  if (Widest() != Instructions::kPlain) {
    return {avx2::MaxPoolRow, avx2::FirstPoolImage, avx2::UnpoolRow, avx2::FirstGradientImage};
  }
#endif
  return {};
}

}  // namespace studio
