#include "direct.h"

namespace studio::direct {
namespace plain {
namespace {
constexpr int kWide = 4, kRows = 3, kPairRows = 0;
#include "direct-body.h"
}  // namespace
}  // namespace plain

const Loops& Plain() {
  static constexpr Loops loops = {plain::Products, plain::PoolImage, plain::StemImage};
  return loops;
}

}  // namespace studio::direct
