//===- HeadPanels.h - One attention head as panels ------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_HEADPANELS_H
#define ARCHC_PASSES_LOWERCPU_HEADPANELS_H

#include "passes/LowerCpu/CpuCode.h"

namespace archc::cpu {

/// `tokens` rows of `headDim` numbers, `rowBytes` apart; neighbours of a row belong to other heads.
struct HeadRows {
  int64_t tokens, headDim, rowBytes;
};

/// Dimensions [dim, dim + VL) at `address`; those beyond the head are zero. `dim` counts in vectors.
Value loadDims(Code &code, const HeadRows &head, Value address, Value dim);

/// to[token/NR][dim][token%NR] with the dimensions rounded up to VL; zero beyond tokens and dimensions.
void packTokenPanels(Code &code, const HeadRows &head, Value from, Value to);

/// to[dim/NR][token][dim%NR] with the tokens rounded up to VL; zero beyond tokens and dimensions.
void packDimPanels(Code &code, const HeadRows &head, Value from, Value to);

/// Zeros [begin, begin + columns) of every row.
void clearColumns(Code &code, const HeadRows &head, Value begin, int64_t columns);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_HEADPANELS_H
