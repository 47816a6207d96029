//===- PackKernels.h - Kernels that prepare weights -----------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_PACKKERNELS_H
#define ARCHC_PASSES_LOWERCPU_PACKKERNELS_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCpu/CpuCode.h"

namespace archc::cpu {

/// Bodies of the kernels' functions. `buffers`: the operands' array.
void emitPack(Code &code, const PackPanelsKernel &kernel, Value buffers, Value begin, Value end);
void emitPack(Code &code, const PackTapsKernel &kernel, Value buffers, Value begin, Value end);
void emitPack(Code &code, const PackMatrixKernel &kernel, Value buffers, Value begin, Value end);
void emitPack(Code &code, const PackVectorKernel &kernel, Value buffers, Value begin, Value end);
void emitPack(Code &code, const PackPositionsKernel &kernel, Value buffers, Value begin, Value end);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_PACKKERNELS_H
