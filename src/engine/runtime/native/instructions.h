#pragma once

// What stands between STUDIO_FOR_AVX2 or STUDIO_FOR_AVX512 and STUDIO_FOR_ANY is compiled for those
// instructions, whatever the rest of the file is compiled for.
#if defined(__x86_64__)
#if defined(__clang__)
#define STUDIO_FOR_AVX2 \
  _Pragma("clang attribute push(__attribute__((target(\"avx2,fma\"))), apply_to = function)")
// One literal, for _Pragma takes no more.
#define STUDIO_FOR_AVX512 \
  _Pragma("clang attribute push(__attribute__((target(\"avx512f,avx512vl,avx512dq,avx512bw,avx2,fma\"))), apply_to = function)")
#define STUDIO_FOR_ANY _Pragma("clang attribute pop")
#else
#define STUDIO_FOR_AVX2 _Pragma("GCC push_options") _Pragma("GCC target(\"avx2,fma\")")
#define STUDIO_FOR_AVX512     \
  _Pragma("GCC push_options") \
      _Pragma("GCC target(\"avx512f,avx512vl,avx512dq,avx512bw,avx2,fma\")")
#define STUDIO_FOR_ANY _Pragma("GCC pop_options")
#endif
#endif

namespace studio {

// The sets of instructions that loops are compiled for, and which of them this processor has. What is
// computed may differ between them in its last digits.
enum class Instructions { kPlain, kAvx2, kAvx512 };

inline Instructions Widest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    return Instructions::kAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Instructions::kAvx2;
#endif
  return Instructions::kPlain;
}

}  // namespace studio
