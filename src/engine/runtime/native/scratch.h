#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace studio {

// A thread's working memory for one purpose: it grows to the largest size asked for and stays.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  ~Scratch() { std::free(memory_); }

  // Room for so many values, at the start of a cache line; what was in it may be lost.
  float* Floats(int64_t count) {
    if (count > size_) {
      std::free(memory_);
      const size_t bytes = (static_cast<size_t>(count) * sizeof(float) + 63) / 64 * 64;
      memory_ = static_cast<float*>(std::aligned_alloc(64, bytes));
      size_ = memory_ ? count : 0;
    }
    return memory_;
  }

 private:
  float* memory_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace studio
