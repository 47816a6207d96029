//===- SpecialKernels.h - Kernels that are not made of segments -----------===//

#ifndef ARCHC_PASSES_LOWERCUDA_SPECIALKERNELS_H
#define ARCHC_PASSES_LOWERCUDA_SPECIALKERNELS_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCuda/GpuCode.h"

namespace archc::cuda {

/// `arguments` of all: as in device/gpu/Driver.h.
void emitAttention(Code &code, const AttentionKernel &kernel, mlir::ValueRange arguments);
void emitConvertInput(Code &code, const ConvertInputKernel &kernel, mlir::ValueRange arguments);
void emitPack(Code &code, const PackPanelsKernel &kernel, mlir::ValueRange arguments);
void emitPack(Code &code, const PackTapsKernel &kernel, mlir::ValueRange arguments);
void emitPack(Code &code, const PackMatrixKernel &kernel, mlir::ValueRange arguments);
void emitPack(Code &code, const PackVectorKernel &kernel, mlir::ValueRange arguments);
void emitPack(Code &code, const PackPositionsKernel &kernel, mlir::ValueRange arguments);

/// Bytes of shared memory.
int64_t attentionBytes(const AttentionKernel &kernel);
/// Elements that a packing kernel writes; 0 for other kernels.
int64_t packedElements(const KernelBody &kernel, const GpuTarget &target);

} // namespace archc::cuda

#endif // ARCHC_PASSES_LOWERCUDA_SPECIALKERNELS_H
