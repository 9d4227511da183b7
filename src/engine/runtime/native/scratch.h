#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace studio {

// A thread's working memory for one purpose: it grows to the largest size asked for and stays. All
// instances are thread_local, for two threads may run operations at once. Where no memory is left
// the process ends, as Node's does; tensors are TensorFlow's own, whose allocator refuses instead.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  ~Scratch() { Free(); }

  // Room for so many values, at the start of a cache line; what was in it may be lost.
  float* Floats(int64_t count) {
    if (count > size_) {
      Free();
      const size_t bytes = static_cast<size_t>(count) * sizeof(float);
      memory_ = static_cast<float*>(::operator new(bytes, kLine));
      size_ = count;
    }
    return memory_;
  }

 private:
  static constexpr std::align_val_t kLine{64};

  void Free() {
    ::operator delete(memory_, kLine);
    memory_ = nullptr;
  }

  float* memory_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace studio
