// Products of matrices in panels of sixteen columns.

#include <algorithm>

#include "convolution.h"
#include "products.h"

namespace studio {
namespace {

// a [M, K] and b [N / 16, K, 16] to [M, N]. Products are summed in chains of kChain, and these to the
// whole, so that what comes out depends neither on M nor on the number of threads.
constexpr int64_t kChain = 128;
// So much of a stays in a core's fastest memory for all panels of its thread.
constexpr int64_t kRowsAtOnce = 48;

void Product(void*, TF_OpKernelContext* context) {
  Status status;
  const Tensor a(context, 0, status), b(context, 1, status);
  if (status.ok() && (a.rank() != 2 || b.rank() != 3 || !b.Has({b.size(0), a.size(1), kPanel}))) {
    status.Refuse("StudioProduct: a and b are not [M, K] and [N / 16, K, 16]");
  }
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const int64_t rows = a.size(0), depth = a.size(1), panels = b.size(0), columns = panels * kPanel;
  const Tensor c(Allocate(context, 0, TF_FLOAT, {rows, columns}, status));
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status.get());
  const float* left = a.data<float>();
  const float* right = b.data<float>();
  float* to = c.data<float>();
  if (depth == 0) std::fill(to, to + rows * columns, 0.0f);
  const int64_t each = std::max<int64_t>(1, Tiles(panels, Threads().size()));
  Threads().For(Tiles(panels, each), [&](int64_t task) {
    const int64_t first = task * each, last = std::min(panels, first + each);
    for (int64_t row = 0; row < rows; row += kRowsAtOnce) {
      const int64_t count = std::min(kRowsAtOnce, rows - row);
      for (int64_t k = 0; k < depth; k += kChain) {
        const int64_t part = std::min(kChain, depth - k);
        for (int64_t panel = first; panel < last; ++panel) {
          FastestProducts().panel(count, part, left + row * depth + k, depth, 1,
                                  right + (panel * depth + k) * kPanel,
                                  to + row * columns + panel * kPanel, columns,
                                  k > 0 ? Onto::kSum : Onto::kNothing);
        }
      }
    }
  });
}

}  // namespace

std::vector<Operation> ProductOperations() {
  return {{"StudioProduct", {"a: float", "b: float"}, {"c: float"}, Product}};
}

}  // namespace studio
