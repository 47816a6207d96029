//===- BenchTraining.h - Times of the training step -----------------------===//

#ifndef ARCHC_TOOLS_DRIVER_BENCHTRAINING_H
#define ARCHC_TOOLS_DRIVER_BENCHTRAINING_H

#include "tools/driver/ModelSource.h"

namespace archc::driver {

struct TrainingBench {
  ModelOptions model;
  std::vector<int64_t> batches;
  double seconds = 1.0;
  int repeats = 10;
  bool perKernel = false, json = false;
};

/// Measures prepared weights, loss and all gradients, without the optimizer, and prints a table or a JSON array. The pass back is
/// counted as two passes forward: the gradients of inputs and of weights.
archrt::Status benchTraining(const TrainingBench &bench);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_BENCHTRAINING_H
