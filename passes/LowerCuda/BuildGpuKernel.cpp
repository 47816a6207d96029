#include "passes/LowerCuda/BuildGpuKernel.h"

#include "passes/LowerCuda/Rows.h"
#include "passes/LowerCuda/SpecialKernels.h"

#include "mlir/IR/Diagnostics.h"

namespace archc::cuda {

std::optional<int64_t> resultIterations(const KernelDescription &kernel, const GpuTarget &target) {
  const int64_t elements = packedElements(kernel.body, target);
  return elements ? std::optional<int64_t>(elements) : std::nullopt;
}

LaunchSize launchSize(const KernelDescription &kernel, const GpuTarget &target) {
  LaunchSize size;
  if (auto *rows = std::get_if<RowsKernel>(&kernel.body)) {
    RowsPlan plan = planRows(*rows, target);
    size.block = rows->axis == RowsAxis::Lines ? plan.rows / rows->width : plan.rows;
    size.shared = plan.bytes;
  } else if (auto *attention = std::get_if<AttentionKernel>(&kernel.body)) {
    size.shared = attentionBytes(*attention);
  } else {
    size.block = kThreads;
  }
  return size;
}

std::string checkGpuKernel(const KernelDescription &kernel, const GpuTarget &target) {
  if (auto *rows = std::get_if<RowsKernel>(&kernel.body))
    return checkRows(*rows, target);
  if (auto *attention = std::get_if<AttentionKernel>(&kernel.body)) {
    if (attentionBytes(*attention) > kSharedBudget)
      return "no GPU kernel for heads of " + std::to_string(attention->headDim) + " dimensions";
    return "";
  }
  if (auto *convert = std::get_if<ConvertInputKernel>(&kernel.body)) {
    if (static_cast<int64_t>(convert->scale.size()) != convert->channels || convert->shift.size() != convert->scale.size())
      return "one scale and one shift per channel are needed";
    return "";
  }
  return packedElements(kernel.body, target) ? "" : "no GPU kernel for a sum over a batch";
}

static void emitBody(Code &code, const KernelBody &body, mlir::ValueRange arguments) {
  std::visit(
      [&](const auto &kernel) {
        using Body = std::decay_t<decltype(kernel)>;
        constexpr bool packs = std::is_same_v<Body, PackPanelsKernel> || std::is_same_v<Body, PackTapsKernel> ||
                               std::is_same_v<Body, PackMatrixKernel> || std::is_same_v<Body, PackVectorKernel> ||
                               std::is_same_v<Body, PackPositionsKernel>;
        if constexpr (std::is_same_v<Body, RowsKernel>)
          emitRows(code, kernel, arguments);
        else if constexpr (std::is_same_v<Body, AttentionKernel>)
          emitAttention(code, kernel, arguments);
        else if constexpr (std::is_same_v<Body, ConvertInputKernel>)
          emitConvertInput(code, kernel, arguments);
        else if constexpr (packs)
          emitPack(code, kernel, arguments);
      },
      body);
}

mlir::LogicalResult buildGpuKernel(mlir::ModuleOp module, const KernelDescription &kernel, unsigned operands,
                                   const GpuTarget &target, mlir::Location location) {
  if (std::string message = checkGpuKernel(kernel, target); !message.empty())
    return mlir::emitError(location) << "kernel `" << kernel.name << "`: " << message;
  Code code(module, target, location);
  if (code.hasFunction(kernel.name))
    return mlir::emitError(location) << "two kernels named `" << kernel.name << "`";
  llvm::SmallVector<Code::ArgumentKind> kinds(operands, Code::Pointer);
  kinds.append(2, Code::Integer);
  code.defineFunction(kernel.name, kinds, /*exported=*/true, [&](mlir::ValueRange arguments) {
    code.enterKernel();
    emitBody(code, kernel.body, arguments);
  });
  return mlir::success();
}

} // namespace archc::cuda
