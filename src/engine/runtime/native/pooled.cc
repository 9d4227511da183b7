// Maxima of 2x2 windows, the first layer that goes to them, and their backward.

#include "pooled.h"

#include <algorithm>

#include "loops.h"
#include "scratch.h"

namespace studio {
namespace {

const Loops& FastestLoops() {
  static const Loops loops = ChooseLoops();
  return loops;
}

void MaxPool(void*, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status);
  if (status.ok() && (x.rank() != 4 || x.size(1) % 2 != 0 || x.size(2) % 2 != 0)) {
    status.Refuse("StudioMaxPool: x is not [B, H, W, C] with even H and W");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1) / 2, width = x.size(2) / 2,
                channels = x.size(3);
  const Tensor maximum(
      Allocate(context, 0, TF_FLOAT, {batch, height, width, channels}, status));
  const Tensor index(Allocate(context, 1, TF_UINT8, {batch, height, width, channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const float* from = x.data<float>();
  float* to = maximum.data<float>();
  uint8_t* at = index.data<uint8_t>();
  const int64_t row = width * channels;
  Threads().For(batch, [&](int64_t image) {
    for (int64_t i = image * height; i < (image + 1) * height; ++i) {
      FastestLoops().max_pool_row(from + 4 * i * row, width, channels, to + i * row, at + i * row);
    }
  });
}

// x [B, H, W, 1], filter [3, 3, 1, C] and bias [C], C in sixteens and H and W even, to SELU of the maxima and index
// [B, H / 2, W / 2, C].
void FirstPooled(void*, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status), filter(context, 1, status), bias(context, 2, status);
  const int64_t channels = status.ok() && filter.rank() == 4 ? filter.size(3) : 0;
  if (status.ok() && (x.rank() != 4 || x.size(1) % 2 != 0 || x.size(2) % 2 != 0 ||
                      x.size(3) != 1 || channels % kMostLanes != 0 ||
                      !filter.Has({3, 3, 1, channels}) || !bias.Has({channels}))) {
    status.Refuse(
        "StudioFirstPooled: x, filter and bias are not [B, H, W, 1] with even H and W, [3, 3, 1, C] "
        "and [C] in sixteens");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1) / 2, width = x.size(2) / 2;
  const Tensor output(
      Allocate(context, 0, TF_FLOAT, {batch, height, width, channels}, status));
  const Tensor index(Allocate(context, 1, TF_UINT8, {batch, height, width, channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const float* from = x.data<float>();
  const float* taps = filter.data<float>();
  const float* shift = bias.data<float>();
  float* to = output.data<float>();
  uint8_t* at = index.data<uint8_t>();
  const int64_t size = height * width * channels;
  Threads().For(batch, [&](int64_t image) {
    thread_local Scratch scratch;
    float* picture = scratch.Floats((2 * height + 2) * (2 * width + 2));
    FastestLoops().first_pool_image(from + image * 4 * height * width, taps, shift, height, width, channels,
                           picture, to + image * size, at + image * size);
  });
}

void Unpool(void* kernel, TF_OpKernelContext* context) {
  Status status;
  const Pooled pooled("StudioUnpool", context, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t height = pooled.height, width = pooled.width, channels = pooled.channels;
  const Tensor dx(Allocate(context, 0, TF_FLOAT,
                           {pooled.batch, 2 * height, 2 * width, channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const Rule rule = *static_cast<Rule*>(kernel);
  const float* signal = pooled.signal.data<float>();
  const float* output = pooled.output.data<float>();
  const uint8_t* index = pooled.index.data<uint8_t>();
  float* to = dx.data<float>();
  const int64_t row = width * channels;
  Threads().For(pooled.batch, [&](int64_t image) {
    for (int64_t i = image * height; i < (image + 1) * height; ++i) {
      FastestLoops().unpool_row(rule, signal + i * row, output + i * row, index + i * row, width, channels,
                       to + 4 * i * row);
    }
  });
}

void FirstGradient(void* kernel, TF_OpKernelContext* context) {
  Status status;
  const Pooled pooled("StudioFirstGradient", context, status);
  const Tensor filter(context, 3, status);
  if (status.ok() && !filter.Has({3, 3, 1, pooled.channels})) {
    status.Refuse("StudioFirstGradient: the filter is not [3, 3, 1, C]");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t height = pooled.height, width = pooled.width, channels = pooled.channels;
  const Tensor dx(
      Allocate(context, 0, TF_FLOAT, {pooled.batch, 2 * height, 2 * width, 1}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  thread_local Scratch filters;
  float* taps = filters.Floats(kTaps * channels);
  std::fill(taps, taps + kTaps * channels, 0.0f);
  const float* weights = filter.data<float>();
  for (int64_t c = 0; c < channels; ++c) {
    for (int tap = 0; tap < 9; ++tap) {
      taps[kTaps * c + tap / 3 * 4 + tap % 3] = weights[tap * channels + c];
    }
  }
  const Rule rule = *static_cast<Rule*>(kernel);
  const float* signal = pooled.signal.data<float>();
  const float* output = pooled.output.data<float>();
  const uint8_t* index = pooled.index.data<uint8_t>();
  float* to = dx.data<float>();
  const int64_t size = height * width * channels;
  const int64_t values = 4 * (channels + kMostLanes);
  const int64_t shares = (2 * height + 2) * (2 * width + 2) * kTaps;
  Threads().For(pooled.batch, [&](int64_t image) {
    thread_local Scratch scratch;
    float* space = scratch.Floats(values + shares);
    const int64_t at = image * size;
    FastestLoops().first_gradient_image(rule, signal + at, output + at, index + at,
                               taps, height, width, channels,
                               space, space + values, to + image * 4 * height * width);
  });
}

}  // namespace

std::vector<Operation> PooledOperations() {
  const std::vector<const char*> pooled = {"signal: float", "output: float", "index: uint8"};
  std::vector<const char*> first = pooled;
  first.push_back("filter: float");
  const std::vector<const char*> rule = {"rule: int"};
  return {
      {"StudioMaxPool", {"x: float"}, {"maximum: float", "index: uint8"}, MaxPool},
      {"StudioFirstPooled",
       {"x: float", "filter: float", "bias: float"},
       {"output: float", "index: uint8"},
       FirstPooled},
      {"StudioUnpool", pooled, {"dx: float"}, Unpool, rule, CreateRuled, DeleteRule},
      {"StudioFirstGradient", first, {"dx: float"}, FirstGradient, rule, CreateRuled, DeleteRule},
  };
}

}  // namespace studio
