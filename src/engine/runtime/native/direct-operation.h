#pragma once

#include "direct.h"
#include "operation.h"

// What the operations on direct.h's loops share.
namespace studio {

std::vector<Operation> DirectOperations();
std::vector<Operation> StemOperations();

namespace direct {

// The loops in the widest instructions that this processor has.
const Loops& Fastest();

struct Attributes {
  int64_t kernel = 0, stride = 0, padding = 0, outputs = 0, height = 0, width = 0, colours = 0,
          rule = 0, form = 0;
  bool short_sums = false;
};

template <int64_t Attributes::* kMember>
void Read(TF_OpKernelConstruction* construction, const char* name, Attributes* to, Status& status) {
  if (status.ok()) {
    TF_OpKernelConstruction_GetAttrInt64(construction, name, &(to->*kMember), status.get());
  }
}

template <bool Attributes::* kMember>
void Read(TF_OpKernelConstruction* construction, const char* name, Attributes* to, Status& status) {
  unsigned char flag = 0;
  if (status.ok()) TF_OpKernelConstruction_GetAttrBool(construction, name, &flag, status.get());
  to->*kMember = flag != 0;
}

// Windows along a side; 0 where not even one fits. Attributes are at most kMostOfAttribute, so that
// nothing overflows.
constexpr int64_t kMostOfAttribute = 1 << 20;
inline int64_t WindowsAlong(int64_t side, const Attributes& a) {
  const int64_t room = side + 2 * a.padding - a.kernel;
  return room < 0 ? 0 : room / a.stride + 1;
}

// Whether there is such a convolution. A window never lies in the padding alone.
inline bool IsConvolution(const Attributes& a) {
  return a.kernel >= 1 && a.kernel <= kMostOfAttribute && a.stride >= 1 &&
         a.stride <= kMostOfAttribute && a.padding >= 0 && a.padding < a.kernel;
}

// Whether so many channels of a result come in panels.
inline bool InPanels(int64_t channels) {
  return channels >= kPanel && channels <= kMostOfAttribute && channels % kPanel == 0;
}

// The end of an operation's `create`: refuses where something was wrong.
inline void* Created(TF_OpKernelConstruction* construction, Attributes* attributes,
                     Status& status) {
  if (status.ok() && (attributes->rule < 0 || attributes->rule > 3)) {
    status.Refuse("rule is not from 0 to 3");
  }
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return attributes;
}

inline void DeleteAttributes(void* attributes) { delete static_cast<Attributes*>(attributes); }

// An empty list stands for an input that is not given.
inline const float* OrNone(const Tensor& tensor) {
  return tensor.Has({0}) ? nullptr : tensor.data<float>();
}

}  // namespace direct
}  // namespace studio
