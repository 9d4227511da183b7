#pragma once

#include <cstdint>

#include "instructions.h"

namespace studio::training {

namespace plain {
constexpr int kWidth = 4;
#include "training-body.h"
}  // namespace plain

#if defined(__x86_64__)
STUDIO_FOR_AVX2
namespace avx2 {
constexpr int kWidth = 8;
#include "training-body.h"
}  // namespace avx2
STUDIO_FOR_ANY
#endif

// What each does is said in training-body.h. They wait for memory: wider vectors gain nothing.
struct Loops {
  decltype(&plain::Moments) moments;
  // By [added][relu], and by [gated].
  decltype(&plain::Apply<false, false>) apply[2][2];
  decltype(&plain::Sums<false>) sums[2];
  decltype(&plain::Backward<false>) backward[2];
  decltype(&plain::Momentum) momentum;
  decltype(&plain::Unpool) unpool;
};

#define STUDIO_LOOPS(set)                                                                        \
  Loops {                                                                                        \
    set::Moments,                                                                                \
        {{set::Apply<false, false>, set::Apply<false, true>},                                    \
         {set::Apply<true, false>, set::Apply<true, true>}},                                     \
        {set::Sums<false>, set::Sums<true>}, {set::Backward<false>, set::Backward<true>},        \
        set::Momentum,                                                                           \
        set::Unpool                                                                              \
  }

// The fastest loops that this processor can run.
inline Loops ChooseLoops() {
#if defined(__x86_64__)
  if (Widest() != Instructions::kPlain) return STUDIO_LOOPS(avx2);
#endif
  return STUDIO_LOOPS(plain);
}

#undef STUDIO_LOOPS

}  // namespace studio::training
