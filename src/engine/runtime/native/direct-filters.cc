#include "direct-filters.h"

#include <cstring>

#include "direct.h"

namespace studio::direct {
namespace {

void LayForward(const FilterShape& s, const float* filter, float* to) {
  const int64_t depth = s.kernel * s.kernel * s.inputs;
  for (int64_t panel = 0; panel < s.outputs; panel += kPanel) {
    for (int64_t k = 0; k < depth; ++k, to += kPanel) {
      std::memcpy(to, filter + k * s.outputs + panel, sizeof(float) * kPanel);
    }
  }
}

// One tap's [inputs, outputs], transposed: rows of sixteen inputs for each output.
void LayTurned(const FilterShape& s, const float* tap, int64_t panel, float* to) {
  for (int64_t k = 0; k < s.outputs; ++k, to += kPanel) {
    for (int64_t c = 0; c < kPanel; ++c) to[c] = tap[(panel + c) * s.outputs + k];
  }
}

void LayStridedGradient(const FilterShape& s, const float* filter, float* to) {
  // The taps that meet the signal at i, and at i + 1.
  constexpr int64_t even[2] = {1, -1}, odd[2] = {2, 0};
  for (const StridedPhase& phase : kPhases) {
    const int64_t* rows = phase.row ? odd : even;
    const int64_t* columns = phase.column ? odd : even;
    for (int64_t panel = 0; panel < s.inputs; panel += kPanel) {
      for (int64_t i = 0; i < phase.rows(); ++i) {
        for (int64_t j = 0; j < phase.columns(); ++j) {
          const int64_t tap = rows[i] * s.kernel + columns[j];
          LayTurned(s, filter + tap * s.inputs * s.outputs, panel, to);
          to += s.outputs * kPanel;
        }
      }
    }
  }
}

void LayStem(const FilterShape& s, const float* filter, float* to) {
  const int64_t taps = s.kernel * s.inputs, row = TapRow(s.kernel, s.inputs);
  for (int64_t d = 0; d < s.outputs; ++d) {
    for (int64_t y = 0; y < s.kernel; ++y, to += row) {
      for (int64_t k = 0; k < row; ++k) {
        to[k] = k < taps ? filter[(y * taps + k) * s.outputs + d] : 0.0f;
      }
    }
  }
}

}  // namespace

int64_t LaidOutSize(Form form, const FilterShape& s) {
  if (form == Form::kStem) return s.outputs * s.kernel * TapRow(s.kernel, s.inputs);
  return s.kernel * s.kernel * s.inputs * s.outputs;
}

void LayOut(Form form, const FilterShape& s, const float* filter, float* to) {
  switch (form) {
    case Form::kForward: return LayForward(s, filter, to);
    case Form::kTurned:
      for (int64_t panel = 0; panel < s.inputs; panel += kPanel) {
        LayTurned(s, filter, panel, to + panel * s.outputs);
      }
      return;
    case Form::kStridedGradient: return LayStridedGradient(s, filter, to);
    case Form::kStem: return LayStem(s, filter, to);
  }
}

}  // namespace studio::direct
