//===- BuildKernel.cpp - Kernel descriptions to MLIR functions ------------===//

#include "passes/LowerCpu/BuildKernel.h"

#include "passes/LowerCpu/PackKernels.h"
#include "passes/LowerCpu/RowsKernel.h"
#include "passes/LowerCpu/SpecialKernels.h"

#include "mlir/IR/Diagnostics.h"
#include "runtime/abi/KernelArgs.h"

#include <cstddef>

namespace archc::cpu {

int64_t paddedImageBytes(const CpuTarget &target, int64_t channels, int64_t height, int64_t width, int64_t padding) {
  return 4 * target.padToPanel(channels) * height * (width + 2 * padding);
}
int64_t panelBytes(const CpuTarget &target, int64_t outputs, int64_t inputs) {
  return 4 * target.padToPanel(outputs) * target.padToVector(inputs);
}
int64_t blockedMatrixBytes(const CpuTarget &target, int64_t size) { return 4 * size * target.padToVector(size); }
int64_t tapBytes(const CpuTarget &target, int64_t channels, int64_t taps) { return 4 * target.padToPanel(channels) * taps; }

int64_t scratchBytes(const KernelDescription &kernel, const CpuTarget &target) {
  if (auto *rows = std::get_if<RowsKernel>(&kernel.body))
    return layOutRows(*rows, target).bytes;
  if (auto *attention = std::get_if<AttentionKernel>(&kernel.body))
    return attentionScratchBytes(*attention, target);
  return 0;
}

static void emitBody(Code &code, const KernelBody &body, mlir::ValueRange arguments) {
  if (auto *rows = std::get_if<RowsKernel>(&body))
    return emitRowsKernel(code, *rows, arguments[0], arguments[1], arguments[2]);
  KernelArguments in{code.loadPointer(code.advance(arguments[0], offsetof(archrt_kernel_args, buffers))),
                     code.loadPointer(code.advance(arguments[0], offsetof(archrt_kernel_args, scratch))), arguments[1],
                     arguments[2]};
  if (auto *attention = std::get_if<AttentionKernel>(&body))
    return emitAttention(code, *attention, in);
  if (auto *convert = std::get_if<ConvertInputKernel>(&body))
    return emitConvertInput(code, *convert, in);
  std::visit(
      [&](const auto &pack) {
        using Body = std::decay_t<decltype(pack)>;
        if constexpr (!std::is_same_v<Body, RowsKernel> && !std::is_same_v<Body, AttentionKernel> &&
                      !std::is_same_v<Body, ConvertInputKernel>)
          emitPack(code, pack, in.buffers, in.begin, in.end);
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
