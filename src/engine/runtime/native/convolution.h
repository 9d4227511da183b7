#pragma once

#include <vector>

#include "operation.h"

namespace studio {

// Products of matrices, and convolutions as such: see ../product.ts, ../winograd.ts and ../training.ts.
std::vector<Operation> ConvolutionOperations();
std::vector<Operation> FilterGradientOperations();
std::vector<Operation> ProductOperations();

// The loops in the widest instructions that this processor has.
struct Products;
const Products& FastestProducts();

}  // namespace studio
