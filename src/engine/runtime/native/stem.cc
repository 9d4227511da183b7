// The first layer of a residual network: maxima behind its ReLU, and backward to the image.

#include <algorithm>

#include "direct-filters.h"
#include "direct-operation.h"
#include "instructions.h"

namespace studio {
namespace direct {
namespace {

Loops Choose() {
#if defined(__x86_64__)
  if (Widest() == Instructions::kAvx512) return Avx512();
  if (Widest() == Instructions::kAvx2) return Avx2();
#endif
  return Plain();
}

// Maxima of 3x3 windows, stride 2, padding 1.
int64_t Halved(int64_t side) { return (side - 1) / 2 + 1; }

void PoolRelu(void*, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status);
  if (status.ok() && (x.rank() != 4 || x.size(1) < 1 || x.size(2) < 1 || x.size(3) % kPanel != 0)) {
    status.Refuse("StudioPoolRelu: x is not [B, H, W, C] with C in sixteens");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1), width = x.size(2), channels = x.size(3);
  const int64_t tall = Halved(height), wide = Halved(width);
  const Tensor maximum(Allocate(context, 0, TF_FLOAT, {batch, tall, wide, channels}, status));
  const Tensor index(Allocate(context, 1, TF_UINT8, {batch, tall, wide, channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t size = height * width * channels, pooled = tall * wide * channels;
  Threads().For(batch, [&](int64_t image) {
    Fastest().pool_image(x.data<float>() + image * size, height, width, channels,
                         maximum.data<float>() + image * pooled,
                         index.data<uint8_t>() + image * pooled);
  });
}

void StemGradient(void* state, TF_OpKernelContext* context) {
  const Attributes& a = *static_cast<Attributes*>(state);
  Status status;
  const Tensor signal(context, 0, status), output(context, 1, status), index(context, 2, status),
      taps(context, 3, status);
  if (status.ok() && (signal.rank() != 4 || output.rank() != 4 || !InPanels(signal.size(3)))) {
    status.Refuse("StudioStemGradient: signal and output are not [B, H, W, C], C in sixteens");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = signal.size(0), channels = signal.size(3);
  Stem stem = {};
  stem.height = WindowsAlong(a.height, a);
  stem.width = WindowsAlong(a.width, a);
  stem.channels = channels;
  stem.kernel = a.kernel;
  stem.stride = a.stride;
  stem.padding = a.padding;
  stem.image_height = a.height;
  stem.image_width = a.width;
  stem.colours = a.colours;
  stem.row = TapRow(a.kernel, a.colours);
  stem.guided = static_cast<Rule>(a.rule) == Rule::kGuided;
  // Without maxima the index is one of no images.
  const bool pooled = index.rank() == 4 && index.size(0) > 0;
  if (pooled) {
    stem.pooled_height = Halved(stem.height);
    stem.pooled_width = Halved(stem.width);
  }
  const int64_t tall = pooled ? stem.pooled_height : stem.height;
  const int64_t wide = pooled ? stem.pooled_width : stem.width;
  if (tall < 1 || wide < 1 || !signal.Has({batch, tall, wide, channels}) ||
      !output.Has({batch, tall, wide, channels}) ||
      (pooled && !index.Has({batch, tall, wide, channels})) || channels > kMostChannels ||
      stem.row > 24 || !taps.Has({channels * a.kernel * stem.row})) {
    status.Refuse("StudioStemGradient: signal, output, index and taps do not fit each other");
    return TF_OpKernelContext_Failure(context, status.get());
  }
  const Tensor dx(Allocate(context, 0, TF_FLOAT, {batch, a.height, a.width, a.colours}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  const int64_t size = tall * wide * channels, image = a.height * a.width * a.colours;
  const int64_t gated = stem.height * stem.width * channels;
  const int64_t picture = PictureHeight(stem) * PictureRow(stem);
  const int64_t strips = stem.kernel * StripsOf(stem) * PictureRow(stem);
  Threads().For(batch, [&](int64_t i) {
    thread_local std::vector<float> room;
    const int64_t floats = gated + picture + strips;
    if (static_cast<int64_t>(room.size()) < floats) room.resize(floats);
    float* at = room.data();
    Fastest().stem_image(stem, signal.data<float>() + i * size, output.data<float>() + i * size,
                         pooled ? index.data<uint8_t>() + i * size : nullptr, taps.data<float>(),
                         {at, at + gated, at + gated + picture}, dx.data<float>() + i * image);
  });
}

void* CreateStem(TF_OpKernelConstruction* construction) {
  Status status;
  auto* a = new Attributes;
  Read<&Attributes::kernel>(construction, "kernel", a, status);
  Read<&Attributes::stride>(construction, "stride", a, status);
  Read<&Attributes::padding>(construction, "padding", a, status);
  Read<&Attributes::height>(construction, "height", a, status);
  Read<&Attributes::width>(construction, "width", a, status);
  Read<&Attributes::colours>(construction, "colours", a, status);
  Read<&Attributes::rule>(construction, "rule", a, status);
  // The picture's margins hold what no window reaches only then.
  const auto is_size = [](int64_t size) { return size >= 1 && size <= kMostOfAttribute; };
  if (status.ok() && !(IsConvolution(*a) && 2 * a->padding >= a->stride - 1 &&
                       is_size(a->height) && is_size(a->width) && is_size(a->colours))) {
    status.Refuse("StudioStemGradient: there is no such convolution");
  }
  return Created(construction, a, status);
}

}  // namespace

const Loops& Fastest() {
  static const Loops loops = Choose();
  return loops;
}

}  // namespace direct

std::vector<Operation> StemOperations() {
  using namespace direct;
  return {
      {"StudioPoolRelu", {"x: float"}, {"maximum: float", "index: uint8"}, PoolRelu},
      {"StudioStemGradient",
       {"signal: float", "output: float", "index: uint8", "taps: float"},
       {"dx: float"},
       StemGradient,
       {"kernel: int", "stride: int", "padding: int", "height: int", "width: int", "colours: int",
        "rule: int"},
       CreateStem,
       DeleteAttributes},
  };
}

}  // namespace studio
