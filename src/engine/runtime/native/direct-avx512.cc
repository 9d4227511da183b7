#include "direct.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#else
// To the end of the file, where templates are instantiated.
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")
#endif

namespace studio::direct {
namespace avx512 {
namespace {
constexpr int kWide = 16, kRows = 12, kPairRows = 8;
#include "direct-body.h"
}  // namespace
}  // namespace avx512

const Loops& Avx512() {
  static constexpr Loops loops = {avx512::Products, avx512::PoolImage, avx512::StemImage};
  return loops;
}

}  // namespace studio::direct

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
