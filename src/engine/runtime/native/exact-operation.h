#pragma once

#include <vector>

#include "operation.h"

namespace studio {

// A network's way forward in double precision: see ../exact.ts.
std::vector<Operation> ExactOperations();

}  // namespace studio
