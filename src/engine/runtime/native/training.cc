// What training does beside its convolutions, each in as few passes over memory as can be. Sums are
// taken over stretches of rows and then in their order: the number of threads changes nothing.

#include "training.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "training-loops.h"
#include "scratch.h"

namespace studio {
namespace {

using training::Loops;

// Values of one stretch: they stay in a core's fastest memory between two looks.
constexpr int64_t kStretch = 8192;

const Loops& Fastest() {
  static const Loops loops = training::ChooseLoops();
  return loops;
}

// Rows of channels, in stretches.
struct Rows {
  Rows(int64_t rows, int64_t channels)
      : count(rows),
        channels(channels),
        stretch(std::max<int64_t>(1, kStretch / channels)),
        stretches((rows + stretch - 1) / stretch) {}
  int64_t Start(int64_t i) const { return i * stretch; }
  int64_t Length(int64_t i) const { return std::min(stretch, count - i * stretch); }
  int64_t count, channels, stretch, stretches;
};

bool IsRows(const Tensor& x) { return x.rank() == 4 && x.size(3) % 16 == 0 && x.size(3) > 0; }

Rows RowsOf(const Tensor& x) { return {x.size(0) * x.size(1) * x.size(2), x.size(3)}; }

// Whether there is a row: no values have no mean.
bool HasRows(const Tensor& x) { return x.size(0) > 0 && x.size(1) > 0 && x.size(2) > 0; }

struct NormSettings {
  bool relu = false;
  float epsilon = 0, momentum = 0;
};

void* CreateNorm(TF_OpKernelConstruction* construction) {
  Status status;
  unsigned char relu = 0;
  auto* settings = new NormSettings;
  TF_OpKernelConstruction_GetAttrBool(construction, "relu", &relu, status.get());
  if (status.ok()) {
    TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &settings->epsilon, status.get());
  }
  if (status.ok()) {
    TF_OpKernelConstruction_GetAttrFloat(construction, "momentum", &settings->momentum,
                                         status.get());
  }
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  settings->relu = relu != 0;
  return settings;
}

void DeleteNorm(void* state) { delete static_cast<NormSettings*>(state); }

// x [B, H, W, C], scale, offset and the running mean and variance [C], and an addend like x or
// empty, to y, the batch's mean and inverse deviation, and the running statistics moved.
void BatchNorm(void* state, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status), scale(context, 1, status), offset(context, 2, status),
      running_mean(context, 3, status), running_variance(context, 4, status),
      addend(context, 5, status);
  const int64_t channels = status.ok() && IsRows(x) && HasRows(x) ? x.size(3) : 0;
  const bool added = status.ok() && !addend.Has({0});
  if (status.ok() &&
      (channels == 0 || !scale.Has({channels}) || !offset.Has({channels}) ||
       !running_mean.Has({channels}) || !running_variance.Has({channels}) ||
       (added && !addend.Has({x.size(0), x.size(1), x.size(2), channels})))) {
    status.Refuse("StudioBatchNorm: x is no rows of channels in sixteens, or fits not the rest");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const auto whole = {x.size(0), x.size(1), x.size(2), channels};
  const Tensor y(Allocate(context, 0, TF_FLOAT, whole, status));
  const Tensor mean(Allocate(context, 1, TF_FLOAT, {channels}, status));
  const Tensor inverse(Allocate(context, 2, TF_FLOAT, {channels}, status));
  const Tensor next_mean(Allocate(context, 3, TF_FLOAT, {channels}, status));
  const Tensor next_variance(Allocate(context, 4, TF_FLOAT, {channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  const NormSettings& settings = *static_cast<NormSettings*>(state);
  const Rows rows = RowsOf(x);
  thread_local Scratch scratch;
  float* parts = scratch.Floats((2 * rows.stretches + 2) * channels);
  const float* from = x.data<float>();
  Threads().For(rows.stretches, [&](int64_t i) {
    Fastest().moments(from + rows.Start(i) * channels, rows.Length(i), channels,
                      parts + 2 * i * channels, parts + (2 * i + 1) * channels);
  });
  float* factor = parts + 2 * rows.stretches * channels;
  float* shift = factor + channels;
  const double count = static_cast<double>(rows.count);
  for (int64_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < rows.stretches; ++i) {
      sum += static_cast<double>(rows.Length(i)) * parts[2 * i * channels + c];
    }
    const double middle = sum / count;
    for (int64_t i = 0; i < rows.stretches; ++i) {
      const double off = parts[2 * i * channels + c] - middle;
      squares +=
          parts[(2 * i + 1) * channels + c] + static_cast<double>(rows.Length(i)) * off * off;
    }
    const double deviation = 1 / std::sqrt(squares / count + settings.epsilon);
    mean.data<float>()[c] = static_cast<float>(middle);
    inverse.data<float>()[c] = static_cast<float>(deviation);
    factor[c] = static_cast<float>(scale.data<float>()[c] * deviation);
    shift[c] = static_cast<float>(offset.data<float>()[c] - middle * factor[c]);
    const double keep = 1 - static_cast<double>(settings.momentum);
    next_mean.data<float>()[c] = static_cast<float>(keep * running_mean.data<float>()[c] +
                                                    settings.momentum * middle);
    next_variance.data<float>()[c] =
        static_cast<float>(keep * running_variance.data<float>()[c] +
                           settings.momentum * squares / std::max(1.0, count - 1));
  }
  const auto apply = Fastest().apply[added ? 1 : 0][settings.relu ? 1 : 0];
  const float* plus = added ? addend.data<float>() : nullptr;
  float* to = y.data<float>();
  Threads().For(rows.stretches, [&](int64_t i) {
    const int64_t at = rows.Start(i) * channels;
    apply(from + at, plus ? plus + at : nullptr, factor, shift, rows.Length(i), channels, to + at);
  });
}

void* CreateFlag(TF_OpKernelConstruction* construction, const char* name) {
  Status status;
  unsigned char flag = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, name, &flag, status.get());
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return new bool(flag != 0);
}

void* CreateSplit(TF_OpKernelConstruction* construction) {
  return CreateFlag(construction, "split");
}

void DeleteFlag(void* state) { delete static_cast<bool*>(state); }

// x and the signal [B, H, W, C], the ReLU's output like them or empty, scale, and BatchNorm's mean
// and inverse deviation [C], to the gradients by x, scale and offset; with `split` also the signal
// that came through the ReLU, else empty.
void BatchNormGradient(void* state, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status), signal(context, 1, status), output(context, 2, status),
      scale(context, 3, status), mean(context, 4, status), inverse(context, 5, status);
  const int64_t channels = status.ok() && IsRows(x) && HasRows(x) ? x.size(3) : 0;
  const auto like_x = [&](const Tensor& tensor) {
    return tensor.Has({x.size(0), x.size(1), x.size(2), channels});
  };
  const bool gate = status.ok() && !output.Has({0});
  if (status.ok() && (channels == 0 || !like_x(signal) || (gate && !like_x(output)) ||
                      !scale.Has({channels}) || !mean.Has({channels}) ||
                      !inverse.Has({channels}))) {
    status.Refuse("StudioBatchNormGradient: its inputs do not fit one another");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const bool split = *static_cast<bool*>(state);
  const auto whole = {x.size(0), x.size(1), x.size(2), channels};
  const Tensor dx(Allocate(context, 0, TF_FLOAT, whole, status));
  const Tensor by_scale(Allocate(context, 1, TF_FLOAT, {channels}, status));
  const Tensor by_offset(Allocate(context, 2, TF_FLOAT, {channels}, status));
  const Tensor gated(split ? Allocate(context, 3, TF_FLOAT, whole, status)
                           : Allocate(context, 3, TF_FLOAT, {0}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  const Rows rows = RowsOf(x);
  thread_local Scratch scratch;
  float* parts = scratch.Floats((2 * rows.stretches + 3) * channels);
  const float* from = x.data<float>();
  const float* incoming = signal.data<float>();
  const float* open = gate ? output.data<float>() : nullptr;
  Threads().For(rows.stretches, [&](int64_t i) {
    const int64_t at = rows.Start(i) * channels;
    Fastest().sums[gate ? 1 : 0](from + at, incoming + at, open ? open + at : nullptr,
                                 mean.data<float>(), rows.Length(i), channels,
                                 parts + 2 * i * channels, parts + (2 * i + 1) * channels);
  });
  float* a = parts + 2 * rows.stretches * channels;
  float* b = a + channels;
  float* c = b + channels;
  const double count = static_cast<double>(rows.count);
  for (int64_t j = 0; j < channels; ++j) {
    double plain = 0, centred = 0;
    for (int64_t i = 0; i < rows.stretches; ++i) {
      plain += parts[2 * i * channels + j];
      centred += parts[(2 * i + 1) * channels + j];
    }
    const double deviation = inverse.data<float>()[j], middle = mean.data<float>()[j];
    const double factor = scale.data<float>()[j] * deviation;
    const double slope = -factor * deviation * deviation * centred / count;
    by_scale.data<float>()[j] = static_cast<float>(centred * deviation);
    by_offset.data<float>()[j] = static_cast<float>(plain);
    a[j] = static_cast<float>(factor);
    b[j] = static_cast<float>(slope);
    c[j] = static_cast<float>(-factor * plain / count - slope * middle);
  }
  float* to = dx.data<float>();
  float* through = split ? gated.data<float>() : nullptr;
  Threads().For(rows.stretches, [&](int64_t i) {
    const int64_t at = rows.Start(i) * channels;
    Fastest().backward[gate ? 1 : 0](from + at, incoming + at, open ? open + at : nullptr, a, b, c,
                                 rows.Length(i), channels, to + at,
                                 through ? through + at : nullptr);
  });
}

// A parameter, its average and its gradient, alike in shape, and [rate, momentum, decay]: the first two
// are moved where they lie.
void Momentum(void* state, TF_OpKernelContext* context) {
  Status status;
  const Tensor parameter(context, 0, status), average(context, 1, status),
      gradient(context, 2, status), settings(context, 3, status);
  const auto alike = [&](const Tensor& tensor) {
    if (tensor.rank() != parameter.rank()) return false;
    for (int axis = 0; axis < tensor.rank(); ++axis) {
      if (tensor.size(axis) != parameter.size(axis)) return false;
    }
    return true;
  };
  if (status.ok() && (!alike(average) || !alike(gradient) || parameter.rank() > 4 ||
                      !settings.Has({3}))) {
    status.Refuse("StudioMomentum: its inputs do not fit one another");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  int64_t count = 1;
  for (int axis = 0; axis < parameter.rank(); ++axis) count *= parameter.size(axis);
  const float* given = settings.data<float>();
  const bool nesterov = *static_cast<bool*>(state);
  const int64_t stretches = (count + kStretch - 1) / kStretch;
  Threads().For(stretches, [&](int64_t i) {
    const int64_t at = i * kStretch;
    Fastest().momentum(parameter.data<float>() + at, average.data<float>() + at,
                       gradient.data<float>() + at, std::min(kStretch, count - at), given[0],
                       given[1], given[2], nesterov);
  });
}

void* CreateNesterov(TF_OpKernelConstruction* construction) {
  return CreateFlag(construction, "nesterov");
}

struct ImageSize {
  int64_t height = 0, width = 0;
};

void* CreateUnpool(TF_OpKernelConstruction* construction) {
  Status status;
  auto* size = new ImageSize;
  TF_OpKernelConstruction_GetAttrInt64(construction, "height", &size->height, status.get());
  if (status.ok()) {
    TF_OpKernelConstruction_GetAttrInt64(construction, "width", &size->width, status.get());
  }
  // At most: nothing overflows then.
  constexpr int64_t most = 1 << 20;
  if (status.ok() && (size->height < 1 || size->height > most || size->width < 1 ||
                      size->width > most)) {
    status.Refuse("StudioUnpoolWindows: there is no such image");
  }
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return size;
}

void DeleteUnpool(void* state) { delete static_cast<ImageSize*>(state); }

// The signal at maxima of 3x3 windows, stride 2, padding 1, [B, h, w, C], and each window's index
// like it, to the image [B, height, width, C].
void Unpool(void* state, TF_OpKernelContext* context) {
  Status status;
  const Tensor signal(context, 0, status), index(context, 1, status);
  const ImageSize image = *static_cast<ImageSize*>(state);
  const int64_t height = image.height, width = image.width;
  if (status.ok() &&
      (!IsRows(signal) || signal.size(1) != (height + 1) / 2 || signal.size(2) != (width + 1) / 2 ||
       !index.Has({signal.size(0), signal.size(1), signal.size(2), signal.size(3)}))) {
    status.Refuse("StudioUnpoolWindows: signal and index do not fit the image");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = signal.size(0), channels = signal.size(3);
  const Tensor dx(Allocate(context, 0, TF_FLOAT, {batch, height, width, channels}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t pooled = signal.size(1) * signal.size(2) * channels;
  const int64_t size = height * width * channels;
  Threads().For(batch, [&](int64_t i) {
    Fastest().unpool(signal.data<float>() + i * pooled, index.data<uint8_t>() + i * pooled,
                     signal.size(1), signal.size(2), height, width, channels,
                     dx.data<float>() + i * size);
  });
}

}  // namespace

std::vector<Operation> TrainingOperations() {
  return {
      {"StudioBatchNorm",
       {"x: float", "scale: float", "offset: float", "running_mean: float",
        "running_variance: float", "addend: float"},
       {"y: float", "mean: float", "inverse: float", "next_mean: float", "next_variance: float"},
       BatchNorm,
       {"relu: bool", "epsilon: float", "momentum: float"},
       CreateNorm,
       DeleteNorm},
      {"StudioBatchNormGradient",
       {"x: float", "signal: float", "output: float", "scale: float", "mean: float",
        "inverse: float"},
       {"dx: float", "by_scale: float", "by_offset: float", "gated: float"},
       BatchNormGradient,
       {"split: bool"},
       CreateSplit,
       DeleteFlag},
      {"StudioMomentum",
       {"parameter: float", "average: float", "gradient: float", "settings: float"},
       {},
       Momentum,
       {"nesterov: bool"},
       CreateNesterov,
       DeleteFlag},
      {"StudioUnpoolWindows",
       {"signal: float", "index: uint8"},
       {"dx: float"},
       Unpool,
       {"height: int", "width: int"},
       CreateUnpool,
       DeleteUnpool},
  };
}

}  // namespace studio
