#pragma once

// Loops that are products of matrices at heart, compiled for each set of instructions, and the fastest
// that this processor can run.

#include <cstdint>

#include "instructions.h"
#include "rule.h"

namespace studio {

// Channels lie in panels of sixteen wherever matrices are multiplied.
constexpr int kPanel = 16;
// Depths at which two operands of a product stay in a core's fast memory.
constexpr int64_t kDepth = 256;
constexpr int64_t kOuterDepth = 192;
// Values summed before their sum is added to the rest, where sums are short.
constexpr int64_t kShortDepth = 32;

// What a product is added to: nothing; what is there, as the beginning of its chain of sums; or what
// is there, at the chain's end. Chains that begin anew round less than a long one.
enum class Onto { kNothing, kChain, kSum };

inline int64_t Tiles(int64_t side, int64_t tile) { return (side + tile - 1) / tile; }

// How transformed tiles lie: channel c of tile t at point p is at
// p * point + (c / 16) * panel + t * tile + c % 16.
struct Places {
  int64_t point, panel, tile;
};

// What one thread does of a convolution at a time: `tiles` tiles from the `first` on, of the filter's
// panels from `panel` to `last_panel`, whose products are made for so many panels at once.
struct Share {
  int64_t first, tiles, panel, last_panel, at_once;
};

// What is done to a convolution's result y: bias and addend are added, each where there is one, and
// then comes ReLU, or ReLU backward, where its output was `gate`; guided, y must be positive
// too. The numbers are the attribute's.
enum class Ending : int64_t { kSum = 0, kRelu = 1, kGate = 2, kGuided = 3 };
struct Finish {
  const float* bias;
  const float* addend;
  const float* gate;
  Ending ending;
};

// Channels of the signal whose taps at sixteen inputs stay in a core's fastest memory.
constexpr int64_t kGroup = 32;

// The channels of one window and group that have a signal, by the place that it goes to: those of
// place p end at ends[p]. `taps` is where a channel's taps begin. Behind all is room for what is 0.
struct Sent {
  int32_t ends[4];
  int32_t taps[kGroup + 1];
  float values[kGroup + 1];
};

namespace plain {
constexpr int kWidth = 4, kRows = 3, kPairRows = 0;
#include "product-body.h"
#include "slope-body.h"
#include "winograd-body.h"
#include "pooled-gradient-body.h"
}  // namespace plain

// One form's loops; what each does is said where it is defined.
struct Winograd {
  int tile, points;
  decltype(&plain::TransformImage<plain::Four>) transform_image, transform_signal;
  decltype(&plain::Convolve<plain::Four>) convolve;
  decltype(&plain::TransformFilter<plain::Four>) transform_filter, transform_turned_filter;
  decltype(&plain::GatherFilter<plain::Four>) gather_filter;
};

struct Products {
  decltype(&plain::Panel) panel;
  decltype(&plain::OuterProduct) outer_product;
  // For images whose sides are one, two, or more.
  Winograd one, two, four;
  // For even sides of more than two.
  decltype(&plain::ConvolvePooled<plain::Four>) convolve_pooled;
  decltype(&plain::PooledGradientImage) pooled_gradient;
  decltype(&plain::PooledFilterGradient) pooled_filter_gradient;
};

#define STUDIO_FORM(set, form)                                                              \
  Winograd {                                                                                \
    set::form::kTile, set::form::kPoints* set::form::kPoints,                               \
        set::TransformImage<set::form>, set::TransformSignal<set::form>,                    \
        set::Convolve<set::form>, set::TransformFilter<set::form>,                          \
        set::TransformTurnedFilter<set::form>, set::GatherFilter<set::form>                 \
  }
#define STUDIO_PRODUCTS(set)                                                                \
  Products {                                                                                \
    set::Panel, set::OuterProduct, STUDIO_FORM(set, One), STUDIO_FORM(set, Two),            \
        STUDIO_FORM(set, Four), set::ConvolvePooled<set::Four>, set::PooledGradientImage,   \
        set::PooledFilterGradient                                                           \
  }

#if defined(__x86_64__)
STUDIO_FOR_AVX2
namespace avx2 {
constexpr int kWidth = 8, kRows = 6, kPairRows = 0;
#include "product-body.h"
#include "slope-body.h"
#include "winograd-body.h"
#include "pooled-gradient-body.h"
}  // namespace avx2
STUDIO_FOR_ANY

STUDIO_FOR_AVX512
namespace avx512 {
constexpr int kWidth = 16, kRows = 16, kPairRows = 8;
#include "product-body.h"
#include "slope-body.h"
#include "winograd-body.h"
#include "pooled-gradient-body.h"
}  // namespace avx512
STUDIO_FOR_ANY
#endif

// The fastest loops that this processor can run.
inline Products ChooseProducts() {
#if defined(__x86_64__)
  if (Widest() == Instructions::kAvx512) return STUDIO_PRODUCTS(avx512);
  if (Widest() == Instructions::kAvx2) return STUDIO_PRODUCTS(avx2);
#endif
  return STUDIO_PRODUCTS(plain);
}

#undef STUDIO_FORM
#undef STUDIO_PRODUCTS

}  // namespace studio
