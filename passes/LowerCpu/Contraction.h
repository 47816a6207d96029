//===- Contraction.h - The GEMM of all kernels ----------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_CONTRACTION_H
#define ARCHC_PASSES_LOWERCPU_CONTRACTION_H

#include "passes/LowerCpu/Chain.h"

namespace archc::cpu {

/// Operands of one contraction of a row block: A is blocked ([kBlocks][any][VL], `aBlockBytes` apart), B panels.
struct ContractionArguments {
  Value context, a, aBlockBytes, b, kBlocks, firstPanel, lastPanel, rows;
};

/// Computes columns [firstPanel, lastPanel) * NR of `rows` rows, each followed by `chain`.
void emitContraction(Code &code, const BoundChain &chain, const ContractionArguments &arguments);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_CONTRACTION_H
