#include "passes/Plan/ProgramBuilder.h"

#include "dialect/mf/Markers.h"
#include "passes/Emit/Locations.h"
#include "passes/Kernels/KernelTarget.h"
#include "passes/Kernels/describe/DescribeKernel.h"
#include "passes/Plan/Layouts.h"
#include "passes/Plan/Work.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace archc {

ProgramBuilder::ProgramBuilder(ModuleOp module, const kernels::KernelTarget &target, StringRef targetName)
    : target(target), builder(OpBuilder::atBlockEnd(module.getBody())), buffersAt(builder), kernelsAt(builder) {
  program = plan::ProgramOp::create(builder, module.getLoc(), targetName, target.vectorLength, 0, 0);
  Block &body = program.getBody().emplaceBlock();
  buffersAt.setInsertionPointToStart(&body);
  kernelsAt.setInsertionPointToEnd(&body);
}

// ---- Buffers -----------------------------------------------------------------------------------------------------------

plan::ExtentAttr ProgramBuilder::extent(int64_t constant, int64_t batch) {
  return plan::ExtentAttr::get(builder.getContext(), constant, batch);
}

int64_t ProgramBuilder::aligned(int64_t bytes) const {
  const int64_t unit = target.bufferAlignment();
  return (bytes + unit - 1) / unit * unit;
}

plan::BufferOp ProgramBuilder::addBuffer(Location loc, plan::Storage storage, Type type, plan::ExtentAttr size) {
  std::string name = "b" + std::to_string(bufferCount++);
  return plan::BufferOp::create(buffersAt, loc, name, storage, extent(0, 0), size, type, 0, StringAttr());
}

plan::BufferOp ProgramBuilder::addTensorBuffer(Location loc, plan::Storage storage, RankedTensorType type,
                                               plan::LayoutAttr layout) {
  int64_t bytes = mapBytes(type, layout, target);
  auto buffer = addBuffer(loc, storage, type, type.hasStaticShape() ? extent(bytes, 0) : extent(0, bytes));
  buffer.setRowStride(rowStride(type, layout, target));
  layouts[buffer] = layout;
  return buffer;
}

plan::BufferOp ProgramBuilder::addPackedBuffer(mf::PackOp pack, int64_t &packedBytes) {
  auto type = cast<RankedTensorType>(pack.getPacked().getType());
  int64_t bytes = archc::packedBytes(type, pack.getLayout(), target);
  auto buffer = addBuffer(pack.getLoc(), plan::Storage::Packed, type, extent(bytes, 0));
  buffer.setOffsetAttr(extent(packedBytes, 0));
  packedBytes += aligned(bytes);
  layouts[buffer] = packedLayout();
  return buffer;
}

plan::BufferOp ProgramBuilder::parameterBuffer(Location loc, plan::Storage storage, StringAttr name, Type type) {
  plan::BufferOp &buffer = parameters[(plan::stringifyStorage(storage) + " " + name.getValue()).str()];
  if (!buffer) {
    buffer = addBuffer(loc, storage, type, extent(cast<RankedTensorType>(type).getNumElements() * 4, 0));
    buffer.setParamAttr(name);
    layouts[buffer] = plan::LayoutAttr::get(builder.getContext(), plan::LayoutKind::Dense, 0);
  }
  return buffer;
}

// ---- Functions, kernels and steps --------------------------------------------------------------------------------------

plan::FunctionOp ProgramBuilder::startFunction(Location loc, StringRef name) {
  builder.setInsertionPointToEnd(&program.getBody().front());
  auto function = plan::FunctionOp::create(builder, loc, name, builder.getArrayAttr({}), builder.getArrayAttr({}), extent(0, 0));
  builder.setInsertionPointToEnd(&function.getBody().emplaceBlock());
  return function;
}

plan::KernelOp ProgramBuilder::kernelFor(Location loc, const KernelWork &work) {
  auto kernel = plan::KernelOp::create(kernelsAt, loc, "kernel", builder.getArrayAttr(work.layouts));
  Block &body = kernel.getBody().emplaceBlock();
  IRMapping mapping;
  for (Value input : work.inputs)
    mapping.map(input, body.addArgument(input.getType(), builder.getUnknownLoc()));
  OpBuilder inside = OpBuilder::atBlockEnd(&body);
  for (Operation *op : work.ops)
    inside.clone(*op, mapping);
  SmallVector<Value> yielded(llvm::map_range(work.results, [&](Value value) { return mapping.lookup(value); }));
  mf::YieldOp::create(inside, loc, yielded);

  body.walk([](Operation *op) { op->removeAttr(mf::kPartialAttrName), op->removeAttr(mf::kObservedAttrName); });

  std::string text;
  llvm::raw_string_ostream stream(text);
  kernel->print(stream, OpPrintingFlags().useLocalScope());
  auto [entry, isNew] = kernels.try_emplace(text, kernel);
  if (isNew)
    kernel.setSymName("k" + std::to_string(kernelCount++));
  else
    kernel.erase();
  return entry->second;
}

LogicalResult ProgramBuilder::addStep(Location loc, plan::KernelOp kernel, ArrayRef<Access> accesses, ArrayRef<Operation *> ops,
                                      DictionaryAttr taps) {
  FailureOr<kernels::KernelDescription> description = kernels::describeKernel(kernel, target);
  if (failed(description))
    return failure();
  auto [axis, size] = axisOf(*description, accesses);
  SmallVector<Attribute> operands, paths;
  int64_t constantBytes = 0, imageBytes = 0, flops = 0;
  for (const Access &access : accesses) {
    operands.push_back(plan::OperandAttr::get(builder.getContext(), FlatSymbolRefAttr::get(access.buffer.getSymNameAttr()),
                                              access.write, access.need));
    constantBytes += access.buffer.getSize().getConstant();
    imageBytes += access.buffer.getSize().getBatch();
  }
  for (Operation *op : ops) {
    flops += flopsPerImage(*op);
    for (const std::string &path : namePaths(op->getLoc()))
      paths.push_back(builder.getStringAttr(path));
  }
  plan::StepOp::create(builder, loc, kernel.getSymName(), builder.getArrayAttr(operands), axis, size,
                       /*grain=*/1, target.scratchBytes(*description), extent(0, flops), extent(constantBytes, imageBytes),
                       builder.getArrayAttr(paths), taps);
  return success();
}

std::pair<plan::AxisKind, plan::ExtentAttr> ProgramBuilder::axisOf(const kernels::KernelDescription &description,
                                                                   ArrayRef<Access> accesses) {
  if (auto *rows = std::get_if<kernels::RowsKernel>(&description.body)) {
    if (rows->axis == kernels::RowsAxis::Lines)
      return {plan::AxisKind::ImageRows, extent(0, rows->height)};
    return {plan::AxisKind::Rows, extent(0, rows->height * rows->width)};
  }
  if (auto *attention = std::get_if<kernels::AttentionKernel>(&description.body))
    return {plan::AxisKind::Images, extent(0, attention->heads * target.queryParts(*attention))};
  if (auto *attention = std::get_if<kernels::AttentionGradKernel>(&description.body))
    return {plan::AxisKind::Images, extent(0, attention->heads)};
  if (std::optional<int64_t> parts = target.resultIterations(description))
    return {plan::AxisKind::Panels, extent(*parts, 0)};
  if (std::get_if<kernels::ConvertInputKernel>(&description.body)) {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(accesses.front().buffer.getType()).getShape();
    return {plan::AxisKind::Rows, extent(0, shape[1] * shape[2])};
  }
  return {plan::AxisKind::Whole, extent(1, 0)};
}

plan::ProgramOp ProgramBuilder::finish() {
  Block &body = program.getBody().front();
  auto moveToEnd = [&](auto ops) {
    auto list = llvm::to_vector(ops); // moving an op would end the iteration over the block
    for (auto op : list)
      op->moveBefore(&body, body.end());
  };
  moveToEnd(program.getOps<plan::BufferOp>());
  moveToEnd(program.getOps<plan::KernelOp>());
  moveToEnd(program.getOps<plan::FunctionOp>());
  return program;
}

} // namespace archc
