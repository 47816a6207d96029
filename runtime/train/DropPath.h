//===- DropPath.h - Which residual branches an update leaves out ----------===//

#ifndef ARCHRT_TRAIN_DROPPATH_H
#define ARCHRT_TRAIN_DROPPATH_H

#include "runtime/graph/Artifact.h"

namespace archrt::train {

/// Whether the graph takes factors of residual branches.
bool hasDropPath(const abi::Function &grad);

/// The probability of each site of the graph `grad` to be left out: 0 in the first block, `rate` in the last, on a line between
/// them; both branches of a block have the same. Empty when the graph has no sites.
std::vector<double> dropPathRates(const abi::Model &model, double rate);

/// What is drawn is a function of these, so that neither the cut into micro-batches nor a resumption changes it.
struct DropPathDraw {
  uint64_t seed = 0;
  int64_t update = 0; // updates done before
  int64_t first = 0;  // place of the micro-batch's first image in the update's batch
};

/// Fills dense [count, sites]: 0 with the site's probability, else 1 / (1 - probability).
void drawDropPath(const std::vector<double> &rates, const DropPathDraw &draw, int64_t count, float *factors);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_DROPPATH_H
