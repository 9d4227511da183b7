#pragma once

#include <cstdint>

namespace studio {

// How an activation changes the signal backward; the numbers are the attribute's.
enum class Rule : int64_t { kSelu = 0, kRelu = 1, kGuidedSelu = 2, kGuidedRelu = 3 };

// Klambauer et al. 2017, as PyTorch and TensorFlow have them.
constexpr float kSeluScale = 1.0507009873554805f;
constexpr float kSeluScaleAlpha = 1.7580993408473766f;

}  // namespace studio
