#include "direct.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
// To the end of the file, where templates are instantiated.
#pragma GCC target("avx2,fma")
#endif

namespace studio::direct {
namespace avx2 {
namespace {
constexpr int kWide = 8, kRows = 6, kPairRows = 0;
#include "direct-body.h"
}  // namespace
}  // namespace avx2

const Loops& Avx2() {
  static constexpr Loops loops = {avx2::Products, avx2::PoolImage, avx2::StemImage};
  return loops;
}

}  // namespace studio::direct

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
