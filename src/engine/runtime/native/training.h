#pragma once

#include <vector>

#include "operation.h"

namespace studio {

// Batch normalisation and the optimiser's step: see ../training.ts.
std::vector<Operation> TrainingOperations();

}  // namespace studio
