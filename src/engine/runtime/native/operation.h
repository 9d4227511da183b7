#pragma once

#include <tensorflow/c/kernels.h>
#include <tensorflow/c/ops.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "thread-pool.h"

// What every operation of ours needs of TensorFlow's C interface.
namespace studio {

// The threads of this process's operations; set once by install.
ThreadPool& Threads();

class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  Status(const Status&) = delete;
  ~Status() { TF_DeleteStatus(status_); }
  TF_Status* get() { return status_; }
  bool ok() const { return TF_GetCode(status_) == TF_OK; }
  void Refuse(const std::string& message) {
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, message.c_str());
  }

 private:
  TF_Status* status_;
};

class Tensor {
 public:
  explicit Tensor(TF_Tensor* tensor) : tensor_(tensor) {}
  Tensor(TF_OpKernelContext* context, int index, Status& status) {
    if (status.ok()) TF_GetInput(context, index, &tensor_, status.get());
  }
  Tensor(const Tensor&) = delete;
  ~Tensor() {
    if (tensor_) TF_DeleteTensor(tensor_);
  }
  bool Has(std::initializer_list<int64_t> shape) const {
    if (!tensor_ || TF_NumDims(tensor_) != static_cast<int>(shape.size())) return false;
    int axis = 0;
    for (const int64_t size : shape) {
      if (TF_Dim(tensor_, axis++) != size) return false;
    }
    return true;
  }
  int rank() const { return tensor_ ? TF_NumDims(tensor_) : -1; }
  int64_t size(int axis) const { return TF_Dim(tensor_, axis); }
  template <class T>
  T* data() const {
    return static_cast<T*>(TF_TensorData(tensor_));
  }

 private:
  TF_Tensor* tensor_ = nullptr;
};

// An output; none after a failure, whose status stays.
inline TF_Tensor* Allocate(TF_OpKernelContext* context, int index, TF_DataType type,
                           std::initializer_list<int64_t> shape, Status& status) {
  if (!status.ok()) return nullptr;
  size_t bytes = TF_DataTypeSize(type);
  for (const int64_t size : shape) bytes *= static_cast<size_t>(size);
  return TF_AllocateOutput(context, index, type, shape.begin(), static_cast<int>(shape.size()),
                           bytes, status.get());
}

inline void* NoState(TF_OpKernelConstruction*) { return nullptr; }
inline void NothingToDelete(void*) {}

// Inputs, outputs and attributes as TensorFlow writes them, such as "x: float" and "stride: int".
struct Operation {
  const char* name;
  std::vector<const char*> inputs, outputs;
  void (*compute)(void* state, TF_OpKernelContext*);
  std::vector<const char*> attributes = {};
  // The state is made once of an operation's attributes.
  void* (*create)(TF_OpKernelConstruction*) = NoState;
  void (*destroy)(void* state) = NothingToDelete;
};

}  // namespace studio
