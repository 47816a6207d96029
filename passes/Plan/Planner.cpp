#include "passes/Plan/Planner.h"

#include "dialect/mf/Markers.h"
#include "dialect/plan/Plan.h"
#include "passes/Emit/Locations.h"
#include "passes/LowerCpu/BuildKernel.h"
#include "passes/LowerCpu/describe/DescribeKernel.h"
#include "passes/Plan/Arena.h"
#include "passes/Plan/Layouts.h"
#include "passes/Plan/Work.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;

namespace archc {
namespace {

/// One use of a buffer by a step, before it is an attribute.
struct Access {
  mutable plan::BufferOp buffer; // op handles have no const accessors
  bool write;
  plan::Need need;
};

class Planner {
public:
  Planner(ModuleOp module, const cpu::CpuTarget &target, const PlanOptions &options)
      : module(module), target(target), options(options), builder(module.getContext()),
        forward(module.lookupSymbol<func::FuncOp>("forward")), prepare(module.lookupSymbol<func::FuncOp>("prepare")) {}

  LogicalResult run() {
    builder.setInsertionPointToEnd(module.getBody());
    program = plan::ProgramOp::create(builder, module.getLoc(), options.target, target.vectorLength, 0);
    Block &body = program.getBody().emplaceBlock();
    buffersAt = kernelsAt = OpBuilder::atBlockBegin(&body);
    kernelsAt.setInsertionPointToEnd(&body);
    if (failed(planPrepare()) || failed(planForward("forward_f32", /*fromBytes=*/false)) ||
        failed(planForward("forward_u8", /*fromBytes=*/true)))
      return failure();
    placeArena();
    program.setPackedBytes(packedBytesTotal);
    sortProgram();
    return success();
  }

private:
  // ---- Buffers ----

  plan::ExtentAttr extent(int64_t constant, int64_t batch) {
    return plan::ExtentAttr::get(builder.getContext(), constant, batch);
  }

  plan::BufferOp addBuffer(Location loc, plan::Storage storage, Type type, plan::ExtentAttr offset, plan::ExtentAttr size) {
    std::string name = "b" + std::to_string(bufferCount++);
    return plan::BufferOp::create(buffersAt, loc, name, storage, offset, size, type, 0, StringAttr());
  }

  plan::BufferOp addMapBuffer(Location loc, plan::Storage storage, RankedTensorType type, plan::LayoutAttr layout) {
    int64_t bytes = mapBytes(type, layout, target);
    auto buffer = addBuffer(loc, storage, type, extent(0, 0), extent(0, bytes));
    buffer.setRowStride(rowStride(type, layout, target));
    layouts[buffer] = layout;
    return buffer;
  }

  plan::BufferOp parameterBuffer(mf::ParamOp param) {
    plan::BufferOp &buffer = parameters[param.getName()];
    if (!buffer) {
      auto type = cast<RankedTensorType>(param.getType());
      buffer = addBuffer(param.getLoc(), plan::Storage::Param, type, extent(0, 0), extent(type.getNumElements() * 4, 0));
      buffer.setParamAttr(param.getNameAttr());
    }
    return buffer;
  }

  plan::LayoutAttr packedLayout() { return plan::LayoutAttr::get(builder.getContext(), plan::LayoutKind::Packed, 0); }

  // ---- Kernels and steps ----

  /// A kernel for `ops` reading `inputs`; an equal one is reused.
  plan::KernelOp kernelFor(Location loc, ArrayRef<Value> inputs, ArrayRef<Operation *> ops, ValueRange results,
                           ArrayAttr layoutList) {
    auto kernel = plan::KernelOp::create(kernelsAt, loc, "kernel", layoutList);
    Block &body = kernel.getBody().emplaceBlock();
    IRMapping mapping;
    for (Value input : inputs)
      mapping.map(input, body.addArgument(input.getType(), builder.getUnknownLoc()));
    OpBuilder inside = OpBuilder::atBlockEnd(&body);
    for (Operation *op : ops)
      inside.clone(*op, mapping);
    SmallVector<Value> yielded(llvm::map_range(results, [&](Value value) { return mapping.lookup(value); }));
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

  plan::OperandAttr operandAttr(const Access &access) {
    return plan::OperandAttr::get(builder.getContext(), FlatSymbolRefAttr::get(access.buffer.getSymNameAttr()), access.write,
                                  access.need);
  }

  /// The axis, its extent and the scratch of a kernel, from its description.
  LogicalResult addStep(Location loc, plan::KernelOp kernel, ArrayRef<Access> accesses, ArrayRef<Operation *> ops,
                        DictionaryAttr taps) {
    FailureOr<cpu::KernelDescription> description = cpu::describeKernel(kernel, target);
    if (failed(description))
      return failure();
    auto [axis, size] = axisOf(*description);
    SmallVector<Attribute> operands, paths;
    int64_t constantBytes = 0, imageBytes = 0, flops = 0;
    for (const Access &access : accesses) {
      operands.push_back(operandAttr(access));
      constantBytes += access.buffer.getSize().getConstant();
      imageBytes += access.buffer.getSize().getBatch();
    }
    for (Operation *op : ops) {
      if (cast<RankedTensorType>(op->getResult(0).getType()).isDynamicDim(0))
        flops += flopsPerImage(*op);
      for (const std::string &path : namePaths(op->getLoc()))
        paths.push_back(builder.getStringAttr(path));
    }
    plan::StepOp::create(builder, loc, kernel.getSymName(), builder.getArrayAttr(operands), axis, size,
                         /*grain=*/1, cpu::scratchBytes(*description, target), extent(0, flops),
                         extent(constantBytes, imageBytes), builder.getArrayAttr(paths), taps);
    return success();
  }

  std::pair<plan::AxisKind, plan::ExtentAttr> axisOf(const cpu::KernelDescription &description) {
    if (auto *rows = std::get_if<cpu::RowsKernel>(&description.body)) {
      if (rows->axis == cpu::RowsAxis::Lines)
        return {plan::AxisKind::ImageRows, extent(0, rows->height)};
      return {plan::AxisKind::Rows, extent(0, rows->height * rows->width)};
    }
    if (auto *attention = std::get_if<cpu::AttentionKernel>(&description.body))
      return {plan::AxisKind::Images, extent(0, attention->heads)};
    if (std::get_if<cpu::ConvertInputKernel>(&description.body)) {
      ArrayRef<int64_t> shape = cast<RankedTensorType>(forward.getArgument(0).getType()).getShape();
      return {plan::AxisKind::Rows, extent(0, shape[1] * shape[2])};
    }
    if (auto *panels = std::get_if<cpu::PackPanelsKernel>(&description.body))
      return {plan::AxisKind::Panels, extent(target.padToPanel(panels->weight.outputs) / target.panelWidth(), 0)};
    return {plan::AxisKind::Whole, extent(1, 0)};
  }

  plan::FunctionOp startFunction(StringRef name) {
    builder.setInsertionPointToEnd(&program.getBody().front());
    auto function = plan::FunctionOp::create(builder, forward.getLoc(), name, builder.getArrayAttr({}), builder.getArrayAttr({}),
                                             extent(0, 0));
    builder.setInsertionPointToEnd(&function.getBody().emplaceBlock());
    return function;
  }

  // ---- prepare ----

  /// The ops that `value` is computed from, in order; parameters become `inputs`.
  void collectSlice(Value value, SmallVectorImpl<Value> &inputs, SmallVectorImpl<Operation *> &ops) {
    Operation *op = value.getDefiningOp();
    if (isa<mf::ParamOp>(op)) {
      if (!llvm::is_contained(inputs, value))
        inputs.push_back(value);
      return;
    }
    if (llvm::is_contained(ops, op))
      return;
    for (Value operand : op->getOperands())
      collectSlice(operand, inputs, ops);
    ops.push_back(op);
  }

  LogicalResult planPrepare() {
    startFunction("prepare");
    for (Value result : prepare.getBody().front().getTerminator()->getOperands()) {
      SmallVector<Value> inputs;
      SmallVector<Operation *> ops;
      collectSlice(result, inputs, ops);
      auto pack = cast<mf::PackOp>(ops.back());
      int64_t bytes = packedBytes(cast<RankedTensorType>(result.getType()), pack.getLayout(), target);
      plan::BufferOp packed =
          addBuffer(pack.getLoc(), plan::Storage::Packed, result.getType(), extent(packedBytesTotal, 0), extent(bytes, 0));
      packedBytesTotal += (bytes + 63) / 64 * 64;
      layouts[packed] = packedLayout();
      prepared.push_back(packed);

      SmallVector<Access> accesses;
      for (Value input : inputs)
        accesses.push_back({parameterBuffer(input.getDefiningOp<mf::ParamOp>()), false, plan::Need::All});
      accesses.push_back({packed, true, plan::Need::Same});
      SmallVector<Attribute> kinds(accesses.size(), packedLayout());
      plan::KernelOp kernel = kernelFor(pack.getLoc(), inputs, ops, result, builder.getArrayAttr(kinds));
      if (failed(addStep(pack.getLoc(), kernel, accesses, {}, builder.getDictionaryAttr({}))))
        return failure();
    }
    return success();
  }

  // ---- forward ----

  LogicalResult planForward(StringRef name, bool fromBytes) {
    plan::FunctionOp function = startFunction(name);
    step = fromBytes ? -1 : 0;
    BlockArgument image = forward.getArgument(0);
    auto imageType = cast<RankedTensorType>(image.getType());
    plan::BufferOp input;
    if (!fromBytes) {
      input = addMapBuffer(image.getLoc(), plan::Storage::Input, imageType, layoutOfMap(image));
      bufferOf[image] = input;
    } else if (failed(planBytes(image, imageType, input))) {
      return failure();
    }
    for (auto [argument, packed] : llvm::zip(forward.getArguments().drop_front(), prepared))
      bufferOf[argument] = packed;
    for (auto fused : forward.getOps<mf::FusedOp>()) {
      if (failed(planFused(fused, fromBytes)))
        return failure();
      ++step;
    }
    Value result = forward.getBody().front().getTerminator()->getOperand(0);
    function.setInputsAttr(builder.getArrayAttr(FlatSymbolRefAttr::get(input.getSymNameAttr())));
    function.setOutputsAttr(builder.getArrayAttr(FlatSymbolRefAttr::get(bufferOf[result].getSymNameAttr())));
    return success();
  }

  /// The first step of `forward_u8`: pixels to the map that the other steps read.
  LogicalResult planBytes(BlockArgument image, RankedTensorType type, plan::BufferOp &input) {
    auto bytes = RankedTensorType::get(type.getShape(), builder.getIntegerType(8, /*isSigned=*/false));
    input = addMapBuffer(image.getLoc(), plan::Storage::Input, bytes, layoutOfMap(image));
    plan::BufferOp map = addMapBuffer(image.getLoc(), plan::Storage::Arena, type, layoutOfMap(image));
    bufferOf[image] = map;
    touch(map, step++);

    OpBuilder scratch(forward.getBody());
    Block outside; // owns the pixels while the op is copied into its kernel
    Value pixels = outside.addArgument(bytes, image.getLoc());
    auto normalize =
        mf::NormalizeImageOp::create(scratch, image.getLoc(), type, pixels, scratch.getDenseF64ArrayAttr(options.mean),
                                     scratch.getDenseF64ArrayAttr(options.std));
    Operation *op = normalize;
    ArrayAttr kinds = builder.getArrayAttr({layouts[input], layouts[map]});
    plan::KernelOp kernel = kernelFor(image.getLoc(), pixels, op, normalize.getY(), kinds);
    normalize.erase();
    return addStep(image.getLoc(), kernel, {{input, false, plan::Need::Same}, {map, true, plan::Need::Same}}, {},
                   builder.getDictionaryAttr({}));
  }

  void touch(plan::BufferOp buffer, int at) {
    if (buffer.getStorage() != plan::Storage::Arena)
      return;
    auto [entry, isNew] = lifetimes.try_emplace(buffer, std::make_pair(at, at));
    entry->second.second = std::max(entry->second.second, at);
    if (isNew)
      arena.push_back(buffer);
  }

  LogicalResult planFused(mf::FusedOp fused, bool fromBytes) {
    SmallVector<Access> accesses;
    SmallVector<Attribute> kinds;
    for (Value input : fused.getInputs()) {
      plan::BufferOp buffer = bufferOf[input];
      bool isMap = cast<RankedTensorType>(input.getType()).isDynamicDim(0);
      accesses.push_back({buffer, false, isMap ? plan::Need::Same : plan::Need::All});
      kinds.push_back(layouts[buffer]);
      touch(buffer, step);
    }
    SmallVector<NamedAttribute> taps;
    Operation *yield = fused.getBody().front().getTerminator();
    for (OpResult result : fused.getResults()) {
      plan::BufferOp buffer = outputBuffer(result);
      accesses.push_back({buffer, true, plan::Need::Same});
      kinds.push_back(layouts[buffer]);
      touch(buffer, step);
      addTap(yield->getOperand(result.getResultNumber()).getDefiningOp(), buffer, taps);
    }
    SmallVector<Operation *> ops;
    for (Operation &op : fused.getBody().front().without_terminator())
      ops.push_back(&op);
    SmallVector<Value> inputs(fused.getBody().getArguments().begin(), fused.getBody().getArguments().end());
    plan::KernelOp kernel = kernelFor(fused.getLoc(), inputs, ops, yield->getOperands(), builder.getArrayAttr(kinds));
    return addStep(fused.getLoc(), kernel, accesses, ops, builder.getDictionaryAttr(taps));
  }

  /// The buffers of results are shared by both entries; the function's own result is bound by the caller.
  plan::BufferOp outputBuffer(OpResult result) {
    if (plan::BufferOp known = bufferOf.lookup(result))
      return known;
    bool isReturned = llvm::any_of(result.getUsers(), [](Operation *user) { return isa<func::ReturnOp>(user); });
    auto type = cast<RankedTensorType>(result.getType());
    auto storage = isReturned ? plan::Storage::Output : plan::Storage::Arena;
    return bufferOf[result] = addMapBuffer(result.getLoc(), storage, type, layoutOfMap(result));
  }

  /// A graph value can be read from its buffer if it has rows and no pass took a factor off it.
  void addTap(Operation *op, plan::BufferOp buffer, SmallVectorImpl<NamedAttribute> &taps) {
    auto kind = layouts[buffer].getKind();
    bool hasRows = kind == plan::LayoutKind::Rows || kind == plan::LayoutKind::Dense;
    auto paths = namePaths(op->getLoc());
    if (hasRows && !op->hasAttr(mf::kPartialAttrName) && !paths.empty())
      taps.push_back(builder.getNamedAttr(paths.front(), FlatSymbolRefAttr::get(buffer.getSymNameAttr())));
  }

  void placeArena() {
    std::vector<Lifetime> spans;
    for (plan::BufferOp buffer : arena) {
      auto [first, last] = lifetimes[buffer];
      spans.push_back({buffer.getSize().getBatch(), first + 1, last + 1, 0});
    }
    int64_t total = assignOffsets(spans);
    for (auto [buffer, span] : llvm::zip(arena, spans))
      buffer.setOffsetAttr(extent(0, span.offset));
    for (auto function : program.getOps<plan::FunctionOp>())
      if (function.getSymName() != "prepare")
        function.setArenaAttr(extent(0, total));
  }

  /// Buffers, kernels, functions: the order of the artifact's tables.
  void sortProgram() {
    Block &body = program.getBody().front();
    auto moveToEnd = [&](auto ops) {
      auto list = llvm::to_vector(ops); // moving an op would end the iteration over the block
      for (auto op : list)
        op->moveBefore(&body, body.end());
    };
    moveToEnd(program.getOps<plan::BufferOp>());
    moveToEnd(program.getOps<plan::KernelOp>());
    moveToEnd(program.getOps<plan::FunctionOp>());
  }

  ModuleOp module;
  const cpu::CpuTarget &target;
  const PlanOptions &options;
  OpBuilder builder, buffersAt{static_cast<MLIRContext *>(nullptr)}, kernelsAt{static_cast<MLIRContext *>(nullptr)};
  func::FuncOp forward, prepare;
  plan::ProgramOp program;
  llvm::StringMap<plan::KernelOp> kernels;
  llvm::StringMap<plan::BufferOp> parameters;
  SmallVector<plan::BufferOp> prepared;
  llvm::DenseMap<Value, plan::BufferOp> bufferOf;
  llvm::DenseMap<Operation *, plan::LayoutAttr> layouts;
  llvm::DenseMap<Operation *, std::pair<int, int>> lifetimes;
  std::vector<plan::BufferOp> arena;
  int64_t packedBytesTotal = 0;
  int bufferCount = 0, kernelCount = 0, step = 0;
};

} // namespace

int64_t arenaLowerBound(plan::ProgramOp program) {
  int64_t bound = 0;
  for (auto function : program.getOps<plan::FunctionOp>()) {
    llvm::DenseMap<Operation *, size_t> indices;
    std::vector<Lifetime> spans;
    int at = 0;
    for (auto step : function.getOps<plan::StepOp>()) {
      for (auto operand : step.getBuffers().getAsRange<plan::OperandAttr>()) {
        auto buffer = cast<plan::BufferOp>(SymbolTable::lookupSymbolIn(program, operand.getBuffer()));
        if (buffer.getStorage() != plan::Storage::Arena)
          continue;
        auto [entry, isNew] = indices.try_emplace(buffer, spans.size());
        if (isNew)
          spans.push_back({buffer.getSize().getBatch(), at, at, 0});
        spans[entry->second].last = at;
      }
      ++at;
    }
    bound = std::max(bound, lowerBound(spans));
  }
  return bound;
}

LogicalResult planProgram(ModuleOp module, const cpu::CpuTarget &target, const PlanOptions &options) {
  return Planner(module, target, options).run();
}

} // namespace archc
