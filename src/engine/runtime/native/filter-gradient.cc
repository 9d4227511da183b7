// The filter's gradient of any convolution as one product of matrices: the windows of the images,
// laid out in panels of sixteen values, times the signals.

#include <algorithm>
#include <cstring>

#include "convolution.h"
#include "scratch.h"
#include "products.h"

namespace studio {
namespace {

// Values of windows and signals that are laid out at a time.
constexpr int64_t kValuesAtOnce = 1 << 20;

struct Windows {
  int64_t kernel = 1, stride = 1, padding = 0;
  // Windows along a side; 0 where not even one fits.
  int64_t Along(int64_t side) const {
    const int64_t room = side + 2 * padding - kernel;
    return room < 0 ? 0 : room / stride + 1;
  }
};
// At most: nothing overflows then.
constexpr int64_t kMostOfAttribute = 1 << 20;

void* CreateWindows(TF_OpKernelConstruction* construction) {
  Status status;
  auto* windows = new Windows;
  const auto read = [&](const char* name, int64_t* to) {
    if (status.ok()) TF_OpKernelConstruction_GetAttrInt64(construction, name, to, status.get());
  };
  read("kernel", &windows->kernel);
  read("stride", &windows->stride);
  read("padding", &windows->padding);
  if (status.ok() && (windows->kernel < 1 || windows->kernel > kMostOfAttribute ||
                      windows->stride < 1 || windows->stride > kMostOfAttribute ||
                      windows->padding < 0 || windows->padding >= windows->kernel)) {
    status.Refuse("StudioFilterGradient: there is no such convolution");
  }
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.get());
  return windows;
}

void DeleteWindows(void* state) { delete static_cast<Windows*>(state); }

// The window at (top, left) of an image [height, width, channels], row by row; zero outside.
void CopyWindow(const float* image, int64_t height, int64_t width, int64_t channels,
                int64_t kernel, int64_t top, int64_t left, float* to) {
  const int64_t row = kernel * channels;
  const int64_t from = std::max<int64_t>(0, -left), end = std::min(kernel, width - left);
  const bool whole = from == 0 && end == kernel;
  for (int64_t i = 0; i < kernel; ++i, to += row) {
    const int64_t y = top + i;
    const bool inside = y >= 0 && y < height && from < end;
    if (!inside || !whole) std::memset(to, 0, sizeof(float) * row);
    if (!inside) continue;
    std::memcpy(to + from * channels, image + (y * width + left + from) * channels,
                sizeof(float) * (end - from) * channels);
  }
}

// A row of values into panels [count / 16, rows, 16].
void Spread(const float* from, int64_t count, int64_t rows, int64_t row, float* panels) {
  for (int64_t i = 0; i < count; i += kPanel) {
    std::memcpy(panels + i * rows + row * kPanel, from + i, sizeof(float) * kPanel);
  }
}

// x [B, H, W, C] and signal [B, h, w, D] to the gradient by the filter [kernel, kernel, C, D].
void FilterGradient(void* state, TF_OpKernelContext* context) {
  Status status;
  const Tensor x(context, 0, status), signal(context, 1, status);
  const Windows windows = *static_cast<Windows*>(state);
  const bool shaped = status.ok() && x.rank() == 4 && signal.rank() == 4;
  if (status.ok() &&
      (!shaped || !signal.Has({x.size(0), windows.Along(x.size(1)), windows.Along(x.size(2)),
                               signal.size(3)}) ||
       signal.size(1) < 1 || signal.size(2) < 1 || signal.size(3) < 1 ||
       signal.size(3) % kPanel != 0)) {
    status.Refuse("StudioFilterGradient: the signal does not fit the image");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t batch = x.size(0), height = x.size(1), width = x.size(2), inputs = x.size(3),
                rows = signal.size(1), columns = signal.size(2), outputs = signal.size(3),
                kernel = windows.kernel;
  const Tensor gradient(
      Allocate(context, 0, TF_FLOAT, {kernel, kernel, inputs, outputs}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());

  thread_local Scratch windows_scratch, signals_scratch, gradient_scratch;
  const int64_t values = kernel * kernel * inputs, blocks = Tiles(values, kPanel);
  const int64_t size = rows * columns;
  const int64_t fitting = kValuesAtOnce / (size * (blocks * kPanel + outputs));
  const int64_t images = std::min(batch, std::max<int64_t>(1, fitting));
  float* left = windows_scratch.Floats(images * size * blocks * kPanel);
  float* right = signals_scratch.Floats(images * size * outputs);
  float* sums = gradient_scratch.Floats(blocks * kPanel * outputs);
  std::memset(sums, 0, sizeof(float) * blocks * kPanel * outputs);
  for (int64_t first = 0; first < batch; first += images) {
    const int64_t count = std::min(images, batch - first), depth = count * size;
    Threads().For(count, [&](int64_t image) {
      thread_local Scratch scratch;
      float* window = scratch.Floats(blocks * kPanel);
      std::memset(window, 0, sizeof(float) * blocks * kPanel);
      const float* pixels = x.data<float>() + (first + image) * height * width * inputs;
      const float* signals = signal.data<float>() + (first + image) * size * outputs;
      for (int64_t i = 0; i < size; ++i) {
        const int64_t top = i / columns * windows.stride - windows.padding;
        const int64_t side = i % columns * windows.stride - windows.padding;
        CopyWindow(pixels, height, width, inputs, kernel, top, side, window);
        Spread(window, blocks * kPanel, depth, image * size + i, left);
        Spread(signals + i * outputs, outputs, depth, image * size + i, right);
      }
    });
    Threads().For(blocks, [&](int64_t block) {
      FastestProducts().outer_product(depth, outputs / kPanel, left + block * depth * kPanel, right,
                                      depth * kPanel, sums + block * kPanel * outputs, outputs);
    });
  }
  std::memcpy(gradient.data<float>(), sums, sizeof(float) * values * outputs);
}

}  // namespace

std::vector<Operation> FilterGradientOperations() {
  return {{"StudioFilterGradient",
           {"x: float", "signal: float"},
           {"gradient: float"},
           FilterGradient,
           {"kernel: int", "stride: int", "padding: int"},
           CreateWindows,
           DeleteWindows}};
}

}  // namespace studio
