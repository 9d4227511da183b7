#pragma once

#include <string>
#include <vector>

#include "operation.h"
#include "rule.h"

// Operations around an activation on 2x2 maxima: see ../fused.ts for what each computes.
namespace studio {

// The state of operations with the attribute `rule`.
inline void* CreateRuled(TF_OpKernelConstruction* construction) {
  Status status;
  int64_t rule = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, "rule", &rule, status.get());
  if (status.ok() && (rule < 0 || rule > 3)) status.Refuse("rule is not from 0 to 3");
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return new Rule(static_cast<Rule>(rule));
}

inline void DeleteRule(void* kernel) { delete static_cast<Rule*>(kernel); }

// What each backward takes: signal, output and index, all [B, H, W, C].
struct Pooled {
  Pooled(const char* name, TF_OpKernelContext* context, Status& status)
      : signal(context, 0, status), output(context, 1, status), index(context, 2, status) {
    if (!status.ok()) return;
    if (signal.rank() == 4) {
      batch = signal.size(0);
      height = signal.size(1);
      width = signal.size(2);
      channels = signal.size(3);
    }
    if (signal.rank() != 4 || !output.Has({batch, height, width, channels}) ||
        !index.Has({batch, height, width, channels})) {
      status.Refuse(std::string(name) + ": signal, output and index are not all [B, H, W, C]");
    }
  }
  const Tensor signal, output, index;
  int64_t batch = 0, height = 0, width = 0, channels = 0;
};

std::vector<Operation> PooledOperations();
std::vector<Operation> PooledGradientOperations();

}  // namespace studio
