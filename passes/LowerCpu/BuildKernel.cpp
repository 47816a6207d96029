//===- BuildKernel.cpp - Kernel descriptions to MLIR functions ------------===//

#include "passes/LowerCpu/BuildKernel.h"

#include "passes/LowerCpu/GradientKernels.h"
#include "passes/LowerCpu/PackKernels.h"
#include "passes/LowerCpu/RowsKernel.h"
#include "passes/LowerCpu/SpecialKernels.h"

#include "mlir/IR/Diagnostics.h"
#include "runtime/abi/KernelArgs.h"

#include <cstddef>

namespace archc::cpu {

int64_t scratchBytes(const KernelDescription &kernel, const CpuTarget &target) {
  if (auto *rows = std::get_if<RowsKernel>(&kernel.body))
    return layOutRows(*rows, target).bytes;
  if (auto *attention = std::get_if<AttentionKernel>(&kernel.body))
    return attentionScratchBytes(*attention, target);
  if (auto *gradient = std::get_if<AttentionGradKernel>(&kernel.body))
    return attentionGradScratchBytes(*gradient, target);
  if (auto *gradient = std::get_if<WeightGradKernel>(&kernel.body))
    return weightGradScratchBytes(*gradient, target);
  if (auto *gradient = std::get_if<SpatialGradKernel>(&kernel.body))
    return weightGradScratchBytes(*gradient, target);
  if (auto *gradient = std::get_if<DepthwiseGradKernel>(&kernel.body))
    return depthwiseGradScratchBytes(*gradient, target);
  if (auto *sum = std::get_if<ChannelSumKernel>(&kernel.body))
    return channelSumScratchBytes(*sum, target);
  return 0;
}

std::optional<int64_t> resultIterations(const KernelDescription &kernel, const CpuTarget &target) {
  if (auto *gradient = std::get_if<WeightGradKernel>(&kernel.body))
    return weightGradIterations(*gradient, target);
  if (auto *gradient = std::get_if<SpatialGradKernel>(&kernel.body))
    return weightGradIterations(*gradient, target);
  if (auto *gradient = std::get_if<DepthwiseGradKernel>(&kernel.body))
    return depthwiseGradIterations(*gradient, target);
  if (auto *sum = std::get_if<ChannelSumKernel>(&kernel.body))
    return channelSumIterations(*sum, target);
  if (auto *sum = std::get_if<BatchSumKernel>(&kernel.body))
    return batchSumIterations(*sum, target);
  if (auto *pack = std::get_if<PackPanelsKernel>(&kernel.body)) {
    int64_t panels = target.padToPanel(pack->weight.outputs) / target.panelWidth();
    return pack->byTap ? panels * pack->weight.kernelHeight * pack->weight.kernelWidth : panels;
  }
  return std::nullopt;
}

int64_t CpuTarget::scratchBytes(const KernelDescription &kernel) const { return cpu::scratchBytes(kernel, *this); }

std::optional<int64_t> CpuTarget::resultIterations(const KernelDescription &kernel) const {
  return cpu::resultIterations(kernel, *this);
}

static void emitBody(Code &code, const KernelBody &body, mlir::ValueRange arguments) {
  if (auto *rows = std::get_if<RowsKernel>(&body))
    return emitRowsKernel(code, *rows, arguments[0], arguments[1], arguments[2]);
  auto field = [&](size_t offset) { return code.loadPointer(code.advance(arguments[0], offset)); };
  Value symbols = field(offsetof(archrt_kernel_args, symbols));
  KernelArguments in{field(offsetof(archrt_kernel_args, buffers)), field(offsetof(archrt_kernel_args, scratch)), arguments[1],
                     arguments[2], code.loadInteger(code.advance(symbols, 8 * ARCHRT_SYMBOL_BATCH))};
  std::visit(
      [&](const auto &kernel) {
        using Body = std::decay_t<decltype(kernel)>;
        if constexpr (std::is_same_v<Body, AttentionKernel>)
          emitAttention(code, kernel, in);
        else if constexpr (std::is_same_v<Body, AttentionGradKernel>)
          emitAttentionGrad(code, kernel, in);
        else if constexpr (std::is_same_v<Body, ConvertInputKernel>)
          emitConvertInput(code, kernel, in);
        else if constexpr (std::is_same_v<Body, WeightGradKernel> || std::is_same_v<Body, SpatialGradKernel>)
          emitWeightGrad(code, kernel, in);
        else if constexpr (std::is_same_v<Body, DepthwiseGradKernel>)
          emitDepthwiseGrad(code, kernel, in);
        else if constexpr (std::is_same_v<Body, ChannelSumKernel>)
          emitChannelSum(code, kernel, in);
        else if constexpr (std::is_same_v<Body, BatchSumKernel>)
          emitBatchSum(code, kernel, in);
        else if constexpr (!std::is_same_v<Body, RowsKernel>)
          emitPack(code, kernel, in.buffers, in.begin, in.end);
      },
      body);
}

static std::string check(const KernelDescription &kernel, const CpuTarget &target) {
  if (auto *rows = std::get_if<RowsKernel>(&kernel.body))
    return checkRowsKernel(*rows, target);
  if (auto *convert = std::get_if<ConvertInputKernel>(&kernel.body))
    if (static_cast<int64_t>(convert->scale.size()) != convert->channels || convert->shift.size() != convert->scale.size())
      return "one scale and one shift per channel are needed";
  return "";
}

mlir::LogicalResult buildKernel(mlir::ModuleOp module, const KernelDescription &kernel, const CpuTarget &target,
                                mlir::Location location) {
  if (std::string message = check(kernel, target); !message.empty())
    return mlir::emitError(location) << "kernel `" << kernel.name << "`: " << message;
  Code code(module, target, location);
  if (code.hasFunction(kernel.name))
    return mlir::emitError(location) << "two kernels named `" << kernel.name << "`";
  code.defineFunction(kernel.name, {Code::Pointer, Code::Integer, Code::Integer}, /*exported=*/true,
                      [&](mlir::ValueRange arguments) { emitBody(code, kernel.body, arguments); });
  return mlir::success();
}

} // namespace archc::cpu
