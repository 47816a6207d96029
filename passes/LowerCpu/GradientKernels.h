//===- GradientKernels.h - Kernels that sum over a batch ------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_GRADIENTKERNELS_H
#define ARCHC_PASSES_LOWERCPU_GRADIENTKERNELS_H

#include "passes/LowerCpu/SpecialKernels.h"

namespace archc::cpu {

void emitWeightGrad(Code &code, const WeightGradKernel &kernel, const KernelArguments &arguments);
int64_t weightGradScratchBytes(const WeightGradKernel &kernel, const CpuTarget &target);
int64_t weightGradIterations(const WeightGradKernel &kernel, const CpuTarget &target);

void emitWeightGrad(Code &code, const SpatialGradKernel &kernel, const KernelArguments &arguments);
int64_t weightGradScratchBytes(const SpatialGradKernel &kernel, const CpuTarget &target);
int64_t weightGradIterations(const SpatialGradKernel &kernel, const CpuTarget &target);

void emitDepthwiseGrad(Code &code, const DepthwiseGradKernel &kernel, const KernelArguments &arguments);
int64_t depthwiseGradScratchBytes(const DepthwiseGradKernel &kernel, const CpuTarget &target);
int64_t depthwiseGradIterations(const DepthwiseGradKernel &kernel, const CpuTarget &target);

void emitChannelSum(Code &code, const ChannelSumKernel &kernel, const KernelArguments &arguments);
int64_t channelSumScratchBytes(const ChannelSumKernel &kernel, const CpuTarget &target);
int64_t channelSumIterations(const ChannelSumKernel &kernel, const CpuTarget &target);

void emitBatchSum(Code &code, const BatchSumKernel &kernel, const KernelArguments &arguments);
int64_t batchSumIterations(const BatchSumKernel &kernel, const CpuTarget &target);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_GRADIENTKERNELS_H
