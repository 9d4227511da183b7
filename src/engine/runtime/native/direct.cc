// Convolutions as products of windows and panels, without a copy of the windows; see ../direct.ts
// for what each operation computes.

#include "direct.h"

#include <algorithm>
#include <cstring>

#include "direct-filters.h"
#include "direct-operation.h"

namespace studio {
namespace direct {
namespace {

// How a convolution is dealt to threads: `images` at once, and where they are single ones, bands of
// `rows` rows of them; of each, shares of `channels` of the result, so that few images are enough work
// for all threads, and each core reads a part of the filter.
struct Dealing {
  int64_t images, rows, bands, channels, shares;
  int64_t items;
};

// Rows of windows that are enough for whole tiles.
constexpr int64_t kRowsOfGroup = 192;

Dealing Deal(int64_t batch, int64_t tall, int64_t wide, int64_t outputs) {
  const int64_t locations = tall * wide;
  Dealing d;
  d.images = std::max<int64_t>(
      1, std::min((batch + 3) / 4, (kRowsOfGroup + locations - 1) / locations));
  d.rows = d.images > 1 ? tall : std::min(tall, (2 * kRowsOfGroup + wide - 1) / wide);
  d.bands = (tall + d.rows - 1) / d.rows;
  const int64_t parts = (batch + d.images - 1) / d.images * d.bands;
  const int64_t threads = Threads().size(), pairs = (outputs + 2 * kPanel - 1) / (2 * kPanel);
  const int64_t shares = parts < 8 * threads && pairs >= 2 * threads ? threads : 1;
  const int64_t each = (pairs + shares - 1) / shares;
  d.channels = each * 2 * kPanel;
  d.shares = (pairs + each - 1) / each;
  d.items = parts * d.shares;
  return d;
}

// The results and what is done to them from a channel on.
Finish From(const Finish& finish, int64_t channel) {
  const auto from = [&](const float* values) { return values ? values + channel : nullptr; };
  return {from(finish.bias), from(finish.addend), from(finish.gate), finish.rule};
}

// A group's images with zeros around, and the windows in them.
struct Room {
  std::vector<float> images;
  std::vector<const float*> rows;
  std::vector<int64_t> to, added;

  float* Images(int64_t floats) {
    if (static_cast<int64_t>(images.size()) < floats) images.resize(floats);
    return images.data();
  }
  void Windows(int64_t count) {
    rows.resize(count);
    to.resize(count);
    added.resize(count);
  }
};
thread_local Room room;

// An image [height, width, channels] into one of [tall, wide, channels], from row `top` and column
// `left` on, which may lie before it: what fits, and zeros.
void Frame(const float* image, int64_t height, int64_t width, int64_t channels, int64_t top,
           int64_t left, int64_t tall, int64_t wide, float* to) {
  const int64_t before = -left, taken = std::min(width, wide - before);
  for (int64_t y = 0; y < tall; ++y) {
    float* row = to + y * wide * channels;
    const int64_t from = top + y;
    if (from < 0 || from >= height) {
      std::memset(row, 0, sizeof(float) * wide * channels);
      continue;
    }
    std::memset(row, 0, sizeof(float) * before * channels);
    std::memcpy(row + before * channels, image + from * width * channels,
                sizeof(float) * taken * channels);
    std::memset(row + (before + taken) * channels, 0,
                sizeof(float) * (wide - before - taken) * channels);
  }
}

void FilterPanels(void* state, TF_OpKernelContext* context) {
  const Attributes& a = *static_cast<Attributes*>(state);
  Status status;
  const Tensor filter(context, 0, status);
  const Form form = static_cast<Form>(a.form);
  if (status.ok() && (filter.rank() != 4 || filter.size(0) != filter.size(1))) {
    status.Refuse("StudioFilterPanels: the filter is not [kernel, kernel, inputs, outputs]");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const FilterShape shape = {filter.size(0), filter.size(2), filter.size(3)};
  const bool forward = form == Form::kForward || form == Form::kStem;
  const int64_t kernel = form == Form::kTurned ? 1 : form == Form::kStridedGradient ? 3 : 0;
  if (a.form < 0 || a.form > 3 || (kernel && shape.kernel != kernel) ||
      (forward ? shape.outputs : shape.inputs) % kPanel != 0) {
    status.Refuse("StudioFilterPanels: the filter has no such form");
    return TF_OpKernelContext_Failure(context, status.get());
  }
  const Tensor panels(Allocate(context, 0, TF_FLOAT, {LaidOutSize(form, shape)}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  LayOut(form, shape, filter.data<float>(), panels.data<float>());
}

void* CreatePanels(TF_OpKernelConstruction* construction) {
  Status status;
  auto* a = new Attributes;
  Read<&Attributes::form>(construction, "form", a, status);
  return Created(construction, a, status);
}

void Convolution(void* state, TF_OpKernelContext* context) {
  const Attributes& a = *static_cast<Attributes*>(state);
  Status status;
  const Tensor x(context, 0, status), panels(context, 1, status), bias(context, 2, status),
      addend(context, 3, status), gate(context, 4, status);
  if (status.ok() && x.rank() != 4) status.Refuse("StudioConvolution: x is not [B, H, W, C]");
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1), width = x.size(2), channels = x.size(3);
  const int64_t tall = WindowsAlong(height, a), wide = WindowsAlong(width, a);
  const int64_t length = a.kernel * channels;
  const bool gated = a.rule > 1;
  const bool whole = addend.Has({batch, tall, wide, a.outputs});
  const int64_t half_tall = (tall + 1) / 2, half_wide = (wide + 1) / 2;
  if (tall < 1 || wide < 1 || !panels.Has({a.kernel * length * a.outputs}) ||
      !(bias.Has({0}) || bias.Has({a.outputs})) ||
      !(whole || addend.Has({0}) || addend.Has({batch, half_tall, half_wide, a.outputs})) ||
      !(gated ? gate.Has({batch, tall, wide, a.outputs}) : gate.Has({0}))) {
    status.Refuse("StudioConvolution: x, panels, bias, addend and gate do not fit each other");
    return TF_OpKernelContext_Failure(context, status.get());
  }
  const Tensor y(Allocate(context, 0, TF_FLOAT, {batch, tall, wide, a.outputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  const Finish finish = {OrNone(bias), OrNone(addend), OrNone(gate), static_cast<Rule>(a.rule)};
  const Dealing deal = Deal(batch, tall, wide, a.outputs);
  // What a band's windows reach; without a frame the images themselves.
  const bool framed = a.padding > 0;
  const int64_t columns = framed ? (wide - 1) * a.stride + a.kernel : width;
  const int64_t size = framed ? ((deal.rows - 1) * a.stride + a.kernel) * columns * channels
                              : height * width * channels;
  std::vector<int64_t> offsets(a.kernel);
  for (int64_t k = 0; k < a.kernel; ++k) offsets[k] = k * columns * channels;
  Threads().For(deal.items, [&](int64_t item) {
    const int64_t part = item / deal.shares;
    const int64_t first = part / deal.bands * deal.images;
    const int64_t count = std::min(deal.images, batch - first);
    const int64_t start = part % deal.bands * deal.rows, rows = std::min(deal.rows, tall - start);
    const int64_t channel = item % deal.shares * deal.channels;
    const int64_t outputs = std::min(deal.channels, a.outputs - channel);
    const float* images = x.data<float>() + first * height * width * channels;
    if (framed) {
      float* frames = room.Images(count * size);
      for (int64_t i = 0; i < count; ++i) {
        Frame(images + i * height * width * channels, height, width, channels,
              start * a.stride - a.padding, -a.padding, (rows - 1) * a.stride + a.kernel, columns,
              frames + i * size);
      }
      images = frames;
    } else {
      images += start * a.stride * columns * channels;
    }
    const int64_t locations = rows * wide;
    room.Windows(count * locations);
    for (int64_t n = 0; n < count * locations; ++n) {
      const int64_t i = n / locations, top = n % locations / wide, left = n % wide;
      const int64_t row = start + top;
      room.rows[n] = images + i * size + (top * columns + left) * a.stride * channels;
      room.to[n] = (((first + i) * tall + row) * wide + left) * a.outputs;
      const bool meets = row % 2 == 0 && left % 2 == 0;
      const int64_t halved = ((first + i) * half_tall + row / 2) * half_wide + left / 2;
      room.added[n] = whole ? room.to[n] : meets ? halved * a.outputs : -1;
    }
    const Windows windows = {room.rows.data(), room.to.data(), room.added.data(),
                             count * locations, offsets.data(), a.kernel, length, a.short_sums};
    Fastest().products(windows, panels.data<float>() + channel * a.kernel * length, outputs,
                       From(finish, channel), y.data<float>() + channel);
  });
}

void* CreateConvolution(TF_OpKernelConstruction* construction) {
  Status status;
  auto* a = new Attributes;
  Read<&Attributes::kernel>(construction, "kernel", a, status);
  Read<&Attributes::stride>(construction, "stride", a, status);
  Read<&Attributes::padding>(construction, "padding", a, status);
  Read<&Attributes::outputs>(construction, "outputs", a, status);
  Read<&Attributes::rule>(construction, "rule", a, status);
  Read<&Attributes::short_sums>(construction, "short_sums", a, status);
  if (status.ok() && !(IsConvolution(*a) && InPanels(a->outputs))) {
    status.Refuse("StudioConvolution: there is no such convolution");
  }
  return Created(construction, a, status);
}

void StridedGradient(void* state, TF_OpKernelContext* context) {
  const Attributes& a = *static_cast<Attributes*>(state);
  Status status;
  const Tensor signal(context, 0, status), panels(context, 1, status), addend(context, 2, status),
      gate(context, 3, status);
  if (status.ok() && (signal.rank() != 4 || signal.size(1) < 1 || signal.size(2) < 1)) {
    status.Refuse("StudioStridedGradient: the signal is not [B, H, W, D], or has no locations");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = signal.size(0), height = signal.size(1), width = signal.size(2),
                channels = signal.size(3);
  const bool gated = a.rule > 1;
  if (!panels.Has({9 * channels * a.outputs}) || a.rule == 1 ||
      !(addend.Has({0}) || addend.Has({batch, height, width, a.outputs})) ||
      !(gated ? gate.Has({batch, 2 * height, 2 * width, a.outputs}) : gate.Has({0}))) {
    status.Refuse("StudioStridedGradient: signal, panels, addend and gate do not fit each other");
    return TF_OpKernelContext_Failure(context, status.get());
  }
  const Tensor dx(
      Allocate(context, 0, TF_FLOAT, {batch, 2 * height, 2 * width, a.outputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  const Dealing deal = Deal(batch, height, width, a.outputs);
  const int64_t columns = width + 1, size = (deal.rows + 1) * columns * channels;
  const int64_t offsets[2] = {0, columns * channels};
  Threads().For(deal.items, [&](int64_t item) {
    const int64_t part = item / deal.shares;
    const int64_t first = part / deal.bands * deal.images;
    const int64_t count = std::min(deal.images, batch - first);
    const int64_t start = part % deal.bands * deal.rows;
    const int64_t rows = std::min(deal.rows, height - start);
    const int64_t channel = item % deal.shares * deal.channels;
    const int64_t outputs = std::min(deal.channels, a.outputs - channel);
    float* frames = room.Images(count * size);
    for (int64_t i = 0; i < count; ++i) {
      Frame(signal.data<float>() + (first + i) * height * width * channels, height, width,
            channels, start, 0, rows + 1, columns, frames + i * size);
    }
    const int64_t locations = rows * width;
    room.Windows(count * locations);
    const float* matrix = panels.data<float>();
    for (const StridedPhase& phase : kPhases) {
      for (int64_t n = 0; n < count * locations; ++n) {
        const int64_t i = n / locations, y = n % locations / width, x = n % width;
        room.rows[n] = frames + i * size + (y * columns + x) * channels;
        room.added[n] = (((first + i) * height + start + y) * width + x) * a.outputs;
        room.to[n] = (((first + i) * 2 * height + 2 * (start + y) + phase.row) * 2 * width + 2 * x +
                      phase.column) * a.outputs;
      }
      const Windows windows = {room.rows.data(),  room.to.data(), room.added.data(),
                               count * locations, offsets,        phase.rows(),
                               phase.columns() * channels, a.short_sums};
      const bool meets = phase.row == 0 && phase.column == 0;
      const Finish finish = {nullptr, meets ? OrNone(addend) : nullptr, OrNone(gate),
                             static_cast<Rule>(a.rule)};
      Fastest().products(windows, matrix + channel * phase.depth(channels), outputs,
                         From(finish, channel), dx.data<float>() + channel);
      matrix += phase.depth(channels) * a.outputs;
    }
  });
}

void* CreateStrided(TF_OpKernelConstruction* construction) {
  Status status;
  auto* a = new Attributes;
  Read<&Attributes::outputs>(construction, "outputs", a, status);
  Read<&Attributes::rule>(construction, "rule", a, status);
  Read<&Attributes::short_sums>(construction, "short_sums", a, status);
  if (status.ok() && !InPanels(a->outputs)) status.Refuse("outputs is no multiple of 16");
  return Created(construction, a, status);
}

}  // namespace
}  // namespace direct

std::vector<Operation> DirectOperations() {
  using namespace direct;
  return {
      {"StudioFilterPanels",
       {"filter: float"},
       {"panels: float"},
       FilterPanels,
       {"form: int"},
       CreatePanels,
       DeleteAttributes},
      {"StudioConvolution",
       {"x: float", "panels: float", "bias: float", "addend: float", "gate: float"},
       {"y: float"},
       Convolution,
       {"kernel: int", "stride: int", "padding: int", "outputs: int", "rule: int",
        "short_sums: bool"},
       CreateConvolution,
       DeleteAttributes},
      {"StudioStridedGradient",
       {"signal: float", "panels: float", "addend: float", "gate: float"},
       {"dx: float"},
       StridedGradient,
       {"outputs: int", "rule: int", "short_sums: bool"},
       CreateStrided,
       DeleteAttributes},
  };
}

}  // namespace studio
