// 3x3 convolutions by Winograd's transforms, and filter gradients as products of matrices. Nothing
// that is computed depends on the number of threads.

#include "convolution.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "scratch.h"
#include "products.h"

namespace studio {

const Products& FastestProducts() {
  static const Products products = ChooseProducts();
  return products;
}

namespace {

// Tiles that one thread convolves at a time: they stay in its core's memory.
constexpr int64_t kTilesAtOnce = 64;
// Transformed values that stay there for every panel of the filter in turn.
constexpr int64_t kStaying = 1 << 18;
// Tiles of images or signals that are transformed at a time for a filter's gradient.
constexpr int64_t kTilesOfTask = 32;
// Values of transformed images and signals that a filter gradient keeps at a time.
constexpr int64_t kValuesAtOnce = 1 << 22;

// The form for an image's sides; null where there is none.
const Winograd* FormOf(int64_t height, int64_t width) {
  if (height == 1 && width == 1) return &FastestProducts().one;
  if (height == 2 && width == 2) return &FastestProducts().two;
  if (height > 2 && width > 2) return &FastestProducts().four;
  return nullptr;
}

const Winograd* FormOfPoints(int64_t points) {
  const Products& products = FastestProducts();
  for (const Winograd* form : {&products.one, &products.two, &products.four}) {
    if (form->points == points) return form;
  }
  return nullptr;
}

struct Turn {
  bool turned;
  int64_t points;
};

void* CreateTurn(TF_OpKernelConstruction* construction) {
  Status status;
  unsigned char turned = 0;
  int64_t points = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, "turned", &turned, status.get());
  if (status.ok()) {
    TF_OpKernelConstruction_GetAttrInt64(construction, "points", &points, status.get());
  }
  if (status.ok() && !FormOfPoints(points)) status.Refuse("points is not 1, 9 or 36");
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return new Turn{turned != 0, points};
}

void DeleteTurn(void* state) { delete static_cast<Turn*>(state); }

// filter [3, 3, C, D] to [D / 16, points, C, 16], or turned to [C / 16, points, D, 16].
void WinogradFilter(void* state, TF_OpKernelContext* context) {
  Status status;
  const Tensor filter(context, 0, status);
  if (status.ok() && (filter.rank() != 4 || filter.size(0) != 3 || filter.size(1) != 3 ||
                      filter.size(2) % kPanel != 0 || filter.size(3) % kPanel != 0)) {
    status.Refuse("StudioWinogradFilter: the filter is not [3, 3, C, D] in panels of 16");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const bool turned = static_cast<Turn*>(state)->turned;
  const int64_t points = static_cast<Turn*>(state)->points;
  const int64_t inputs = filter.size(2), outputs = filter.size(3);
  const int64_t from = turned ? outputs : inputs, to = turned ? inputs : outputs;
  const Tensor u(Allocate(context, 0, TF_FLOAT, {to / kPanel, points, from, kPanel}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const Winograd& form = *FormOfPoints(points);
  const auto transform = turned ? form.transform_turned_filter : form.transform_filter;
  const float* taps = filter.data<float>();
  float* result = u.data<float>();
  Threads().For(to / kPanel, [&](int64_t panel) {
    transform(taps, inputs, outputs, panel, result + panel * points * from * kPanel);
  });
}

// How many images a thread convolves at a time: as many rounds for every thread.
int64_t ImagesAtOnce(int64_t batch, int64_t tiles) {
  const int64_t threads = Threads().size();
  const int64_t rounds = std::max<int64_t>(1, (batch * tiles) / (threads * kTilesAtOnce));
  return std::max<int64_t>(1, Tiles(batch, rounds * threads));
}

// How many tiles, and how many panels of the filter, each thread takes at a time. With few tiles the
// threads share the panels: what all of them read is then the transformed image, not the filter.
struct Division {
  int64_t tiles, panels, chunks, shares;
};

Division Divide(int64_t tiles, int64_t panels) {
  const int64_t threads = Threads().size();
  const bool few = tiles < threads * kTilesAtOnce && panels >= 4 * threads;
  const int64_t rounds = std::max<int64_t>(1, tiles / (threads * kTilesAtOnce));
  const int64_t chunks = few ? Tiles(tiles, kTilesAtOnce) : rounds * threads;
  const int64_t each = std::max<int64_t>(1, Tiles(tiles, chunks));
  const int64_t of_panels = std::max<int64_t>(1, few ? Tiles(panels, threads) : panels);
  return {each, of_panels, Tiles(tiles, each), Tiles(panels, of_panels)};
}

struct Manner {
  Ending ending;
  bool short_sums;
};

void* CreateManner(TF_OpKernelConstruction* construction) {
  Status status;
  int64_t ending = 0;
  unsigned char short_sums = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, "ending", &ending, status.get());
  if (status.ok()) {
    TF_OpKernelConstruction_GetAttrBool(construction, "short_sums", &short_sums, status.get());
  }
  if (status.ok() && (ending < 0 || ending > 3)) status.Refuse("ending is not from 0 to 3");
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return new Manner{Ending{ending}, short_sums != 0};
}

void DeleteManner(void* state) { delete static_cast<Manner*>(state); }

// x [B, H, W, C] and u [D / 16, points, C, 16] to [B, H, W, D]; bias [D], addend and gate
// [B, H, W, D] are empty where there are none.
void WinogradConvolution(void* state, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status), u(context, 1, status), bias(context, 2, status),
      addend(context, 3, status), gate(context, 4, status);
  const bool shaped = status.ok() && x.rank() == 4 && u.rank() == 4;
  const Winograd* form = shaped ? FormOf(x.size(1), x.size(2)) : nullptr;
  if (status.ok() && (!form || u.size(1) != form->points || u.size(2) != x.size(3) ||
                      u.size(3) != kPanel || x.size(3) % kPanel != 0 || x.size(3) == 0)) {
    status.Refuse("StudioWinograd: the filter does not fit the image");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1), width = x.size(2), inputs = x.size(3),
                outputs = u.size(0) * kPanel;
  const Ending ending = static_cast<Manner*>(state)->ending;
  const bool short_sums = static_cast<Manner*>(state)->short_sums;
  const bool biased = !bias.Has({0}), added = !addend.Has({0});
  const bool gated = ending == Ending::kGate || ending == Ending::kGuided;
  if ((biased && !bias.Has({outputs})) ||
      (added && !addend.Has({batch, height, width, outputs})) ||
      (gated ? !gate.Has({batch, height, width, outputs}) : !gate.Has({0}))) {
    status.Refuse("StudioWinograd: bias, addend or gate does not fit the result");
    return TF_OpKernelContext_Failure(context, status.get());
  }
  const Tensor y(Allocate(context, 0, TF_FLOAT, {batch, height, width, outputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t tiles = batch * Tiles(height, form->tile) * Tiles(width, form->tile);
  const int64_t panels = outputs / kPanel;
  const float* from = x.data<float>();
  const float* filter = u.data<float>();
  float* to = y.data<float>();
  const Finish finish = {biased ? bias.data<float>() : nullptr,
                         added ? addend.data<float>() : nullptr,
                         gated ? gate.data<float>() : nullptr, ending};
  const Division division = Divide(tiles, panels);
  Threads().For(division.chunks * division.shares, [&](int64_t task) {
    thread_local Scratch scratch;
    Share share = {};
    share.first = task / division.shares * division.tiles;
    share.tiles = std::min(division.tiles, tiles - share.first);
    share.panel = task % division.shares * division.panels;
    share.last_panel = std::min(panels, share.panel + division.panels);
    // Where they do not stay, they are read once and the products of all panels kept instead.
    const bool stay = form->points * share.tiles * inputs <= kStaying;
    share.at_once = stay ? std::min<int64_t>(2, division.panels) : division.panels;
    float* space =
        scratch.Floats(form->points * share.tiles * (inputs + kPanel * share.at_once));
    form->convolve(from, filter, share, height, width, inputs, outputs, short_sums, finish, space,
                   to);
  });
}

// x [B, H, W, C], u [D / 16, 36, C, 16] and bias [D] to SELU of the maxima of the sums' 2x2 windows and
// which of the four it was, both [B, H / 2, W / 2, D]; H and W are even. Sums are short.
void WinogradPooled(void*, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status), u(context, 1, status), bias(context, 2, status);
  const bool shaped = status.ok() && x.rank() == 4 && u.rank() == 4;
  const Winograd& form = FastestProducts().four;
  if (status.ok() && (!shaped || x.size(1) % 2 != 0 || x.size(2) % 2 != 0 ||
                      FormOf(x.size(1), x.size(2)) != &form || u.size(1) != form.points ||
                      u.size(2) != x.size(3) || u.size(3) != kPanel || x.size(3) % kPanel != 0 ||
                      x.size(3) == 0 || !bias.Has({u.size(0) * kPanel}))) {
    status.Refuse("StudioWinogradPooled: filter and bias do not fit the image, or its sides are odd");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1), width = x.size(2), inputs = x.size(3),
                outputs = u.size(0) * kPanel;
  const Tensor output(
      Allocate(context, 0, TF_FLOAT, {batch, height / 2, width / 2, outputs}, status));
  const Tensor index(
      Allocate(context, 1, TF_UINT8, {batch, height / 2, width / 2, outputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t tiles = Tiles(height, form.tile) * Tiles(width, form.tile);
  const int64_t images = ImagesAtOnce(batch, tiles);
  const int64_t size = height * width * inputs, pooled = height / 2 * (width / 2) * outputs;
  const float* from = x.data<float>();
  const float* filter = u.data<float>();
  const float* shift = bias.data<float>();
  float* to = output.data<float>();
  uint8_t* at = index.data<uint8_t>();
  Threads().For(Tiles(batch, images), [&](int64_t chunk) {
    thread_local Scratch scratch;
    const int64_t first = chunk * images, count = std::min(images, batch - first);
    const int64_t floats = form.points * count * tiles * (inputs + kPanel) + inputs;
    const int64_t bytes = count * (height / 2) * (width / 2) + 6 * (height + 2) * (width + 2);
    float* space = scratch.Floats(floats + Tiles(bytes, sizeof(float)));
    FastestProducts().convolve_pooled(from + first * size, filter, count, height, width, inputs,
                                      outputs, true, shift, space,
                                      reinterpret_cast<uint8_t*>(space + floats),
                                      to + first * pooled, at + first * pooled);
  });
}

// x [B, H, W, C] and signal [B, H, W, D] to the gradient by the filter [3, 3, C, D].
void WinogradFilterGradient(void*, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status), signal(context, 1, status);
  const bool shaped = status.ok() && x.rank() == 4 && signal.rank() == 4;
  const Winograd* form = shaped ? FormOf(x.size(1), x.size(2)) : nullptr;
  if (status.ok() && (!form || !signal.Has({x.size(0), x.size(1), x.size(2), signal.size(3)}) ||
                      x.size(3) % kPanel != 0 || signal.size(3) % kPanel != 0 ||
                      x.size(3) == 0 || signal.size(3) == 0)) {
    status.Refuse("StudioWinogradFilterGradient: the signal does not fit the image");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1), width = x.size(2), inputs = x.size(3),
                outputs = signal.size(3);
  const Tensor gradient(Allocate(context, 0, TF_FLOAT, {3, 3, inputs, outputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  thread_local Scratch images_scratch, signals_scratch, gradient_scratch;
  const int64_t points = form->points;
  const int64_t tiles = batch * Tiles(height, form->tile) * Tiles(width, form->tile);
  const int64_t fitting = kValuesAtOnce / (points * (inputs + outputs));
  const int64_t at_once = std::min(tiles, std::max(kTilesOfTask, fitting));
  float* v = images_scratch.Floats(points * at_once * inputs);
  float* m = signals_scratch.Floats(points * at_once * outputs);
  float* du = gradient_scratch.Floats(points * inputs * outputs);
  std::memset(du, 0, sizeof(float) * points * inputs * outputs);
  const int64_t blocks = inputs / kPanel;
  for (int64_t first = 0; first < tiles; first += at_once) {
    const int64_t depth = std::min(at_once, tiles - first);
    Threads().For(2 * Tiles(depth, kTilesOfTask), [&](int64_t task) {
      const int64_t start = task / 2 * kTilesOfTask;
      const int64_t count = std::min(kTilesOfTask, depth - start);
      const bool image = task % 2 == 0;
      const int64_t channels = image ? inputs : outputs;
      const Places places = {depth * channels, depth * kPanel, kPanel};
      const auto transform = image ? form->transform_image : form->transform_signal;
      transform((image ? x : signal).data<float>(), first + start, count, height, width, channels,
                places, (image ? v : m) + start * kPanel);
    });
    Threads().For(points * blocks, [&](int64_t task) {
      const int64_t point = task / blocks, block = task % blocks;
      FastestProducts().outer_product(
          depth, outputs / kPanel, v + (point * blocks + block) * depth * kPanel,
          m + point * depth * outputs, depth * kPanel,
          du + (point * inputs + block * kPanel) * outputs, outputs);
    });
  }
  float* result = gradient.data<float>();
  Threads().For(blocks, [&](int64_t panel) {
    form->gather_filter(du, inputs, outputs, panel, result);
  });
}

}  // namespace

std::vector<Operation> ConvolutionOperations() {
  return {
      {"StudioWinogradFilter",
       {"filter: float"},
       {"u: float"},
       WinogradFilter,
       {"turned: bool", "points: int"},
       CreateTurn,
       DeleteTurn},
      {"StudioWinograd",
       {"x: float", "u: float", "bias: float", "addend: float", "gate: float"},
       {"y: float"},
       WinogradConvolution,
       {"ending: int", "short_sums: bool"},
       CreateManner,
       DeleteManner},
      {"StudioWinogradPooled",
       {"x: float", "u: float", "bias: float"},
       {"output: float", "index: uint8"},
       WinogradPooled},
      {"StudioWinogradFilterGradient",
       {"x: float", "signal: float"},
       {"gradient: float"},
       WinogradFilterGradient},
  };
}

}  // namespace studio
