#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace studio {

// TensorFlow's C interface hands kernels no threads of its own: these are as many as TensorFlow has
// within an operation, and they sleep while it works. They live as long as the process.
class ThreadPool {
 public:
  explicit ThreadPool(int threads) : threads_(threads < 1 ? 1 : threads) {
    for (int i = 1; i < threads_; ++i) std::thread([this] { Work(); }).detach();
  }

  int size() const { return threads_; }

  // Call work(0) .. work(count - 1), each once, and return when all are done. What an item computes
  // must not depend on the thread that takes it.
  void For(int64_t count, const std::function<void(int64_t)>& work) {
    if (threads_ == 1 || count < 2) {
      for (int64_t i = 0; i < count; ++i) work(i);
      return;
    }
    std::lock_guard<std::mutex> one_caller(callers_);
    {
      std::lock_guard<std::mutex> lock(state_);
      work_ = &work;
      count_ = count;
      next_ = 0;
      busy_ = threads_ - 1;
      ++round_;
    }
    start_.notify_all();
    Take(count, work);
    std::unique_lock<std::mutex> lock(state_);
    done_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  void Take(int64_t count, const std::function<void(int64_t)>& work) {
    for (int64_t i = next_.fetch_add(1); i < count; i = next_.fetch_add(1)) work(i);
  }

  void Work() {
    uint64_t seen = 0;
    for (;;) {
      const std::function<void(int64_t)>* work = nullptr;
      int64_t count = 0;
      {
        std::unique_lock<std::mutex> lock(state_);
        start_.wait(lock, [&] { return round_ != seen; });
        seen = round_;
        work = work_;
        count = count_;
      }
      Take(count, *work);
      std::lock_guard<std::mutex> lock(state_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  const int threads_;
  std::mutex callers_;
  std::mutex state_;
  std::condition_variable start_;
  std::condition_variable done_;
  const std::function<void(int64_t)>* work_ = nullptr;
  int64_t count_ = 0;
  int busy_ = 0;
  uint64_t round_ = 0;
  std::atomic<int64_t> next_{0};
};

}  // namespace studio
