// A network's way forward in double precision; see ../exact.ts for what each operation computes.
// Tensors of doubles travel as tensors of floats with twice the channels: tfjs knows no doubles.

#include "exact.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

#include "direct-operation.h"
#include "exact-operation.h"

namespace studio {
namespace exact {
namespace {

constexpr int64_t kMostImages = 1 << 20;

struct Attributes {
  int64_t stride = 0, padding = 0, batch = 0;
  bool relu = false;
  float epsilon = 0;
};

// Rows of windows that a thread takes at once.
constexpr int64_t kWindowsAtOnce = 96;

struct Room {
  std::vector<double> frames;
  std::vector<const double*> rows;
  std::vector<int64_t> to;
};
thread_local Room room;

// An image [height, width, channels] of floats or doubles with `padding` zeros around.
template <class Value>
void Frame(const Value* image, int64_t height, int64_t width, int64_t channels, int64_t padding,
           double* to) {
  const int64_t columns = width + 2 * padding;
  std::fill(to, to + (height + 2 * padding) * columns * channels, 0.0);
  for (int64_t y = 0; y < height; ++y) {
    double* row = to + ((y + padding) * columns + padding) * channels;
    const Value* from = image + y * width * channels;
    std::copy(from, from + width * channels, row);
  }
}

void Convolution(void* state, TF_OpKernelContext* context) {
  const Attributes& a = *static_cast<Attributes*>(state);
  Status status;
  const Tensor x(context, 0, status), filter(context, 1, status), scale(context, 2, status),
      offset(context, 3, status), mean(context, 4, status), variance(context, 5, status),
      addend(context, 6, status);
  if (status.ok() && (x.rank() != 4 || filter.rank() != 4 || filter.size(0) != filter.size(1))) {
    status.Refuse("StudioExactConvolution: x or the filter has other axes");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1), width = x.size(2);
  const int64_t kernel = filter.size(0), inputs = filter.size(2), outputs = filter.size(3);
  direct::Attributes sizes;
  sizes.kernel = kernel;
  sizes.stride = a.stride;
  sizes.padding = a.padding;
  const bool there = direct::IsConvolution(sizes) && direct::InPanels(outputs);
  const int64_t tall = there ? direct::WindowsAlong(height, sizes) : 0;
  const int64_t wide = there ? direct::WindowsAlong(width, sizes) : 0;
  const bool doubles = x.size(3) == 2 * inputs;
  bool fits = tall > 0 && wide > 0 && inputs > 0 && (doubles || x.size(3) == inputs) &&
              (addend.Has({0}) || addend.Has({batch, tall, wide, 2 * outputs}));
  for (const Tensor* each : {&scale, &offset, &mean, &variance}) {
    fits = fits && each->Has({outputs});
  }
  if (!fits) {
    status.Refuse("StudioExactConvolution: x, filter, normalisation and addend do not fit");
    return TF_OpKernelContext_Failure(context, status.get());
  }
  const Tensor y(Allocate(context, 0, TF_FLOAT, {batch, tall, wide, 2 * outputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  std::vector<double> factor(outputs), shift(outputs);
  for (int64_t c = 0; c < outputs; ++c) {
    const double deviation = std::sqrt(double{variance.data<float>()[c]} + double{a.epsilon});
    factor[c] = scale.data<float>()[c] / deviation;
    shift[c] = offset.data<float>()[c] - mean.data<float>()[c] * factor[c];
  }
  const Finish finish = {factor.data(), shift.data(),
                         addend.Has({0}) ? nullptr : addend.data<double>(), a.relu};
  const int64_t columns = width + 2 * a.padding, length = kernel * inputs;
  const int64_t size = (height + 2 * a.padding) * columns * inputs;
  std::vector<int64_t> offsets(kernel);
  for (int64_t k = 0; k < kernel; ++k) offsets[k] = k * columns * inputs;
  const int64_t locations = tall * wide;
  const int64_t group = std::max<int64_t>(1, kWindowsAtOnce / locations);
  // Few images are shared by their channels.
  const int64_t groups = (batch + group - 1) / group, panels = outputs / kPanel;
  const int64_t shares = groups < Threads().size() ? std::min<int64_t>(Threads().size(), panels) : 1;
  static const Loop products = ChooseLoop();
  Threads().For(groups * shares, [&](int64_t item) {
    const int64_t first = item / shares * group, count = std::min(group, batch - first);
    const int64_t share = item % shares;
    if (static_cast<int64_t>(room.frames.size()) < count * size) room.frames.resize(count * size);
    room.rows.resize(count * locations);
    room.to.resize(count * locations);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t from = (first + i) * height * width * inputs;
      double* frame = room.frames.data() + i * size;
      if (doubles) {
        Frame(x.data<double>() + from, height, width, inputs, a.padding, frame);
      } else {
        Frame(x.data<float>() + from, height, width, inputs, a.padding, frame);
      }
      for (int64_t n = 0; n < locations; ++n) {
        const int64_t corner = (n / wide * columns + n % wide) * a.stride * inputs;
        room.rows[i * locations + n] = frame + corner;
        room.to[i * locations + n] = ((first + i) * locations + n) * outputs;
      }
    }
    const Windows windows = {room.rows.data(), room.to.data(), count * locations,
                             offsets.data(),   kernel,         length};
    products(windows, filter.data<float>(), outputs, share * panels / shares * kPanel,
             (share + 1) * panels / shares * kPanel, finish, y.data<double>());
  });
}

void* CreateConvolution(TF_OpKernelConstruction* construction) {
  Status status;
  auto* a = new Attributes;
  unsigned char relu = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, "stride", &a->stride, status.get());
  if (status.ok()) {
    TF_OpKernelConstruction_GetAttrInt64(construction, "padding", &a->padding, status.get());
  }
  if (status.ok()) {
    TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &a->epsilon, status.get());
  }
  if (status.ok()) TF_OpKernelConstruction_GetAttrBool(construction, "relu", &relu, status.get());
  a->relu = relu != 0;
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return a;
}

void* CreateBatch(TF_OpKernelConstruction* construction) {
  Status status;
  auto* a = new Attributes;
  TF_OpKernelConstruction_GetAttrInt64(construction, "batch", &a->batch, status.get());
  if (status.ok() && (a->batch < 0 || a->batch > kMostImages)) {
    status.Refuse("batch is not from 0 to 2^20");
  }
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return a;
}

void DeleteAttributes(void* state) { delete static_cast<Attributes*>(state); }

// Whether x is a batch of at most so many images of doubles; else the operation has failed.
bool IsBatch(const Tensor& x, int64_t batch, TF_OpKernelContext* context, Status& status) {
  if (status.ok() && (x.rank() != 4 || x.size(0) > batch || x.size(1) < 1 || x.size(2) < 1 ||
                      x.size(3) < 2 || x.size(3) % 2 != 0)) {
    status.Refuse("x is not at most `batch` images of doubles");
  }
  if (!status.ok()) TF_OpKernelContext_Failure(context, status.get());
  return status.ok();
}

void Rounded(void* state, TF_OpKernelContext* context) {
  const int64_t batch = static_cast<Attributes*>(state)->batch;
  Status status;
  const Tensor x(context, 0, status);
  if (!IsBatch(x, batch, context, status)) return;
  const int64_t each = x.size(1) * x.size(2) * x.size(3) / 2;
  const Tensor y(
      Allocate(context, 0, TF_FLOAT, {batch, x.size(1), x.size(2), x.size(3) / 2}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t count = x.size(0);
  Threads().For(batch, [&](int64_t image) {
    float* to = y.data<float>() + image * each;
    const double* from = x.data<double>() + image * each;
    if (image >= count) {
      std::memset(to, 0, sizeof(float) * each);
      return;
    }
    for (int64_t i = 0; i < each; ++i) {
      // What is above 0 stays there, however small: not as a number that may be flushed to 0.
      const double value = from[i];
      to[i] = value > 0 && value < FLT_MIN ? FLT_MIN : static_cast<float>(value);
    }
  });
}

void PoolRelu(void* state, TF_OpKernelContext* context) {
  const int64_t batch = static_cast<Attributes*>(state)->batch;
  Status status;
  const Tensor x(context, 0, status);
  if (!IsBatch(x, batch, context, status)) return;
  const int64_t count = x.size(0), height = x.size(1), width = x.size(2), channels = x.size(3) / 2;
  const int64_t tall = (height - 1) / 2 + 1, wide = (width - 1) / 2 + 1;
  const Tensor maximum(Allocate(context, 0, TF_FLOAT, {count, tall, wide, 2 * channels}, status));
  const Tensor index(Allocate(context, 1, TF_UINT8, {batch, tall, wide, channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  Threads().For(batch, [&](int64_t image) {
    uint8_t* at = index.data<uint8_t>() + image * tall * wide * channels;
    if (image >= count) {
      std::memset(at, 0, tall * wide * channels);
      return;
    }
    const double* from = x.data<double>() + image * height * width * channels;
    double* to = maximum.data<double>() + image * tall * wide * channels;
    for (int64_t place = 0; place < tall * wide; ++place) {
      const int64_t top = place / wide * 2 - 1, left = place % wide * 2 - 1;
      for (int64_t c = 0; c < channels; ++c, ++to, ++at) {
        double best = -INFINITY;
        *at = 0;
        for (int k = 0; k < 9; ++k) {
          const int64_t row = top + k / 3, column = left + k % 3;
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          const double next = from[(row * width + column) * channels + c];
          // The first on ties; a NaN counts as the maximum.
          if (next > best || next != next) {
            best = next;
            *at = static_cast<uint8_t>(k);
          }
        }
        *to = best < 0 ? 0 : best;
      }
    }
  });
}

}  // namespace
}  // namespace exact

std::vector<Operation> ExactOperations() {
  using namespace exact;
  return {
      {"StudioExactConvolution",
       {"x: float", "filter: float", "scale: float", "offset: float", "mean: float",
        "variance: float", "addend: float"},
       {"y: float"},
       Convolution,
       {"stride: int", "padding: int", "epsilon: float", "relu: bool"},
       CreateConvolution,
       DeleteAttributes},
      {"StudioExactPoolRelu",
       {"x: float"},
       {"maximum: float", "index: uint8"},
       PoolRelu,
       {"batch: int"},
       CreateBatch,
       DeleteAttributes},
      {"StudioRounded", {"x: float"}, {"y: float"}, Rounded, {"batch: int"}, CreateBatch,
       DeleteAttributes},
  };
}

}  // namespace studio
