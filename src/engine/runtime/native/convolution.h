#pragma once

#include <vector>

#include "operation.h"

namespace studio {

// Convolutions as products of matrices: see ../winograd.ts and ../training.ts.
std::vector<Operation> ConvolutionOperations();
std::vector<Operation> FilterGradientOperations();

// The loops in the widest instructions that this processor has.
struct Products;
const Products& FastestProducts();

}  // namespace studio
