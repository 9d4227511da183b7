#pragma once

#include <cstdint>

#include "instructions.h"

namespace studio {

// How an activation changes the signal on its way back; the numbers are the attribute's.
enum class Rule : int64_t { kSelu = 0, kRelu = 1, kGuidedSelu = 2, kGuidedRelu = 3 };

// Klambauer et al. 2017, as PyTorch and TensorFlow have them.
constexpr float kSeluScale = 1.0507009873554805f;
constexpr float kSeluScaleAlpha = 1.7580993408473766f;

constexpr int kLanes = 8;
constexpr int kPictures = 4;
using Floats = float __attribute__((vector_size(32), aligned(4), may_alias));
using Ints = int32_t __attribute__((vector_size(32), aligned(4), may_alias));
using Bytes = uint8_t __attribute__((vector_size(8), aligned(1), may_alias));
using Taps = float __attribute__((vector_size(16), aligned(4), may_alias));

namespace plain {
#include "loops-body.h"
}

#if defined(__x86_64__)
#define STUDIO_HAS_AVX2 1
STUDIO_FOR_AVX2
namespace avx2 {
#include "loops-body.h"
}
STUDIO_FOR_ANY
#endif

struct Loops {
  decltype(&plain::MaxPoolRow) max_pool_row = plain::MaxPoolRow;
  decltype(&plain::UnpoolRow) unpool_row = plain::UnpoolRow;
  decltype(&plain::FirstGradientImage) first_gradient_image = plain::FirstGradientImage;
};

// The fastest loops that this processor can run.
inline Loops ChooseLoops() {
#if defined(STUDIO_HAS_AVX2)
  if (Widest() != Instructions::kPlain) {
    return {avx2::MaxPoolRow, avx2::UnpoolRow, avx2::FirstGradientImage};
  }
#endif
  return {};
}

}  // namespace studio
