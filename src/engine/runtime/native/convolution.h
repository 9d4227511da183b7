#pragma once

#include <vector>

#include "operation.h"

namespace studio {

// Convolutions as products of matrices: see ../winograd.ts.
std::vector<Operation> ConvolutionOperations();

}  // namespace studio
