#pragma once

#include <cstdint>

namespace studio::direct {

// Results are computed in panels of sixteen channels.
constexpr int64_t kPanel = 16;
// Rows of windows at a time, and values of a row: what is read again and again stays in fast memory.
constexpr int64_t kRowsAtOnce = 96;
constexpr int64_t kStretch = 256;
constexpr int64_t kMostChannels = 1024;
// Values summed before their sum is added to the rest, where sums are short.
constexpr int64_t kShortDepth = 64;

// What becomes of a convolution's result y: the numbers are the attribute's. Gate and guided are
// ReLU backward, where its output was `gate`.
enum class Rule : int64_t { kNone = 0, kRelu = 1, kGate = 2, kGuided = 3 };

struct Finish {
  const float* bias;    // [outputs], or none
  const float* addend;  // see Windows.added, or none
  const float* gate;    // lies as y
  Rule rule;
};

// Windows of images as rows of a matrix: each is `segments` stretches of `length` floats, which lie
// `offsets` from its first.
struct Windows {
  const float* const* rows;
  const int64_t* to;     // where the results of a window start in y
  const int64_t* added;  // and in the addend; -1: nothing is added there
  int64_t count;
  const int64_t* offsets;
  int64_t segments, length;
  bool short_sums;  // whether a sum is of short chains, which rounds less than one long one
};

// Backward of one image through the first layer: from the signal at the activation's output, or at
// the maxima of 3x3 windows above it, to the image.
struct Stem {
  int64_t height, width, channels;    // of the convolution's result
  int64_t kernel, stride, padding;    // of the convolution
  int64_t image_height, image_width;  // of dx
  int64_t colours;                    // channels of dx
  int64_t row;                        // floats of one row of taps: kernel * colours and zeros
  int64_t pooled_height, pooled_width;  // 0 without maxima
  bool guided;
};

// Sizes of the room below. A picture is dx with margins, its rows a multiple of eight floats.
inline int64_t PictureRow(const Stem& s) {
  const int64_t reached = (s.width - 1) * s.stride * s.colours + s.row;
  return (reached + s.padding * s.colours + 7) / 8 * 8;
}
inline int64_t PictureHeight(const Stem& s) {
  return (s.height - 1) * s.stride + s.kernel + s.padding;
}
inline int64_t StripsOf(const Stem& s) {
  const int64_t step = s.stride * s.colours;
  return (s.row + step - 1) / step;
}

// What a thread needs for one image.
struct StemRoom {
  float* gated;    // the signal at the convolution's result
  float* picture;  // [PictureHeight, PictureRow]
  float* strips;   // [kernel, StripsOf, PictureRow]
};

// Loops in three sets of instructions (direct-*.cc). A result never depends on what else is
// computed with it.
struct Loops {
  // y [.., outputs] of windows times panels [outputs / 16, segments * length, 16].
  void (*products)(const Windows&, const float* panels, int64_t outputs, const Finish&, float* y);
  // max(0, maximum) of 3x3 windows of stride 2 around x [H, W, C] with padding 1, and which of the
  // nine it was: the first on ties.
  void (*pool_image)(const float* x, int64_t height, int64_t width, int64_t channels,
                     float* maximum, uint8_t* index);
  void (*stem_image)(const Stem&, const float* signal, const float* output, const uint8_t* index,
                     const float* taps, const StemRoom& room, float* dx);
};

const Loops& Plain();
#if defined(__x86_64__)
const Loops& Avx2();
const Loops& Avx512();
#endif

}  // namespace studio::direct
