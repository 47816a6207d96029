//===- SpecialKernels.h - Kernels that are not made of segments -----------===//

#ifndef ARCHC_PASSES_LOWERCPU_SPECIALKERNELS_H
#define ARCHC_PASSES_LOWERCPU_SPECIALKERNELS_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCpu/CpuCode.h"

namespace archc::cpu {

/// What a kernel's function is called with (KernelArgs.h), loaded.
struct KernelArguments {
  Value buffers, scratch, begin, end, batch;
};

void emitConvertInput(Code &code, const ConvertInputKernel &kernel, const KernelArguments &arguments);

void emitAttention(Code &code, const AttentionKernel &kernel, const KernelArguments &arguments);
int64_t attentionScratchBytes(const AttentionKernel &kernel, const CpuTarget &target);

void emitAttentionGrad(Code &code, const AttentionGradKernel &kernel, const KernelArguments &arguments);
int64_t attentionGradScratchBytes(const AttentionGradKernel &kernel, const CpuTarget &target);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_SPECIALKERNELS_H
