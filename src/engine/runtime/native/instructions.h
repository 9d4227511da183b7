#pragma once

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
