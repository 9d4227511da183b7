// Backward through an activation, maxima and the convolution before them, of many channels.

#include "convolution.h"
#include "pooled.h"
#include "scratch.h"
#include "products.h"

namespace studio {
namespace {

// signal, output and index [B, H, W, D] and a filter [C / 16, D, 9, 16] to dx [B, 2 H, 2 W, C].
void ImageGradient(void* kernel, TF_OpKernelContext* context) {
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

// The same and x [B, 2 H, 2 W, C] to the gradients by the filter [3, 3, C, D] and the bias [D], C and D
// in sixteens.
void FilterGradient(void* kernel, TF_OpKernelContext* context) {
  Status status;
  const Pooled pooled("StudioPooledFilterGradient", context, status);
  const Tensor x(context, 3, status);
  const int64_t batch = pooled.batch, height = pooled.height, width = pooled.width,
                outputs = pooled.channels;
  if (status.ok() && (x.rank() != 4 || x.size(3) == 0 || x.size(3) % kPanel != 0 || outputs % kPanel != 0 ||
                      !x.Has({batch, 2 * height, 2 * width, x.size(3)}))) {
    status.Refuse("StudioPooledFilterGradient: x is not [B, 2 H, 2 W, C], C and D in sixteens");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t inputs = x.size(3);
  const Tensor gradient(Allocate(context, 0, TF_FLOAT, {3, 3, inputs, outputs}, status));
  const Tensor bias(Allocate(context, 1, TF_FLOAT, {outputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const Rule rule = *static_cast<Rule*>(kernel);
  const float* pixels = x.data<float>();
  const float* signal = pooled.signal.data<float>();
  const float* output = pooled.output.data<float>();
  const uint8_t* index = pooled.index.data<uint8_t>();
  float* to = gradient.data<float>();
  float* shift = bias.data<float>();
  const int64_t panels = inputs / kPanel;
  const int64_t picture = (2 * height + 2) * (2 * width + 2) * kPanel;
  const int64_t values = height * width * kPanel;
  Threads().For(panels * (outputs / kPanel), [&](int64_t task) {
    thread_local Scratch scratch;
    float* space = scratch.Floats(picture + values + kPanel * 9 * kPanel);
    FastestProducts().pooled_filter_gradient(
        rule, pixels, signal, output, index, batch, height, width, inputs, outputs,
        task % panels * kPanel, task / panels * kPanel, space, space + picture,
        space + picture + values, to, shift);
  });
}

}  // namespace

std::vector<Operation> PooledGradientOperations() {
  return {{"StudioPooledGradient",
           {"signal: float", "output: float", "index: uint8", "filter: float"},
           {"dx: float"},
           ImageGradient,
           {"rule: int"},
           CreateRuled,
           DeleteRule},
          {"StudioPooledFilterGradient",
           {"signal: float", "output: float", "index: uint8", "x: float"},
           {"filter: float", "bias: float"},
           FilterGradient,
           {"rule: int"},
           CreateRuled,
           DeleteRule}};
}

}  // namespace studio
