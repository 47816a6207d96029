#include "passes/Plan/Work.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc {

int64_t flopsPerImage(Operation &op) {
  if (!cast<RankedTensorType>(op.getOperand(0).getType()).isDynamicDim(0))
    return 0;
  auto work = dyn_cast<mf::WorkOpInterface>(op);
  return work ? work.getFlopsPerImage() : mf::elementsPerImage(op.getOperand(0));
}

} // namespace archc
