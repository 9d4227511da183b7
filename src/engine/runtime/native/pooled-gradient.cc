// Back through an activation, maxima and the convolution before them, of many channels.

#include "convolution.h"
#include "pooled.h"
#include "scratch.h"
#include "winograd.h"

namespace studio {
namespace {

// signal, output and index [B, H, W, D] and a filter [C / 16, D, 9, 16] to dx [B, 2 H, 2 W, C].
void PooledGradient(void* kernel, TF_OpKernelContext* context) {
  Status status;
  const Pooled pooled("StudioPooledGradient", context, status);
  const Tensor filter(context, 3, status);
  if (status.ok() && (filter.rank() != 4 || pooled.channels % kPanel != 0 ||
                      !filter.Has({filter.size(0), pooled.channels, 9, kPanel}))) {
    status.Refuse("StudioPooledGradient: the filter is not [C / 16, D, 9, 16], D in sixteens");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t height = pooled.height, width = pooled.width, outputs = pooled.channels,
                inputs = filter.size(0) * kPanel;
  const Tensor dx(
      Allocate(context, 0, TF_FLOAT, {pooled.batch, 2 * height, 2 * width, inputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const Rule rule = *static_cast<Rule*>(kernel);
  const float* signal = pooled.signal.data<float>();
  const float* output = pooled.output.data<float>();
  const uint8_t* index = pooled.index.data<uint8_t>();
  const float* taps = filter.data<float>();
  float* to = dx.data<float>();
  const int64_t size = height * width * outputs, result = 4 * height * width * inputs;
  const int64_t lists = height * width * Tiles(outputs, kGroup);
  const int64_t picture = (2 * height + 2) * (2 * width + 2) * kPanel;
  Threads().For(pooled.batch, [&](int64_t image) {
    thread_local Scratch scratch, pictures;
    float* sent = scratch.Floats(lists * static_cast<int64_t>(sizeof(Sent) / sizeof(float)));
    const int64_t at = image * size;
    FastestProducts().pooled_gradient(rule, signal + at, output + at, index + at, taps, height,
                                      width, inputs, outputs, reinterpret_cast<Sent*>(sent),
                                      pictures.Floats(picture), to + image * result);
  });
}

}  // namespace

std::vector<Operation> PooledGradientOperations() {
  return {{"StudioPooledGradient",
           {"signal: float", "output: float", "index: uint8", "filter: float"},
           {"dx: float"},
           PooledGradient,
           {"rule: int"},
           CreateRuled,
           DeleteRule}};
}

}  // namespace studio
