#include "passes/Plan/Planner.h"

#include "dialect/mf/Markers.h"
#include "passes/Emit/Locations.h"
#include "passes/Plan/Arena.h"
#include "passes/Plan/Layouts.h"
#include "passes/Plan/ProgramBuilder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace archc {
namespace {

bool isMap(Value value) { return cast<RankedTensorType>(value.getType()).isDynamicDim(0); }

/// One function of maps with the function that prepares its weights: `forward`, planned twice, or `grad`.
class FunctionPlanner {
public:
  FunctionPlanner(ProgramBuilder &program, func::FuncOp prepare, func::FuncOp function)
      : program(program), builder(program.builder), prepare(prepare), function(function),
        boundCount(function.getNumArguments() - prepare.getNumResults()) {}

  LogicalResult planPrepare(StringRef name);
  /// `pixels`: the first input comes as bytes and is normalised first.
  LogicalResult planFunction(StringRef name, const PlanOptions *pixels);
  /// Gives all buffers of the functions planned so far their place.
  void placeArena();

  int64_t packedBytes() const { return packedTotal; }

private:
  void collectSlice(Value value, SmallVectorImpl<Value> &inputs, SmallVectorImpl<Operation *> &ops);
  LogicalResult planBytes(const PlanOptions &options, plan::BufferOp &input);
  LogicalResult planFused(mf::FusedOp fused);
  plan::BufferOp outputBuffer(OpResult result);
  void addTap(Operation *op, plan::BufferOp buffer, SmallVectorImpl<NamedAttribute> &taps);
  void touch(plan::BufferOp buffer, int at);
  ArrayAttr symbolsOf(ArrayRef<plan::BufferOp> buffers);

  ProgramBuilder &program;
  OpBuilder &builder;
  func::FuncOp prepare, function;
  unsigned boundCount; // arguments that the caller binds; the others are prepared
  SmallVector<plan::BufferOp> prepared;
  SmallVector<plan::FunctionOp> planned;
  llvm::DenseMap<Value, plan::BufferOp> bufferOf;
  llvm::DenseMap<Operation *, std::pair<int, int>> lifetimes;
  std::vector<plan::BufferOp> arena;
  int64_t packedTotal = 0;
  int step = 0;
};

} // namespace

// ---- Preparation -------------------------------------------------------------------------------------------------------

/// The ops that `value` is computed from, in order; parameters become `inputs`.
void FunctionPlanner::collectSlice(Value value, SmallVectorImpl<Value> &inputs, SmallVectorImpl<Operation *> &ops) {
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

LogicalResult FunctionPlanner::planPrepare(StringRef name) {
  program.startFunction(prepare.getLoc(), name);
  for (Value result : prepare.getBody().front().getTerminator()->getOperands()) {
    SmallVector<Value> inputs;
    SmallVector<Operation *> ops;
    collectSlice(result, inputs, ops);
    auto pack = cast<mf::PackOp>(ops.back());
    plan::BufferOp packed = program.addPackedBuffer(pack, packedTotal);
    prepared.push_back(packed);

    SmallVector<Access> accesses;
    for (Value input : inputs) {
      auto param = input.getDefiningOp<mf::ParamOp>();
      accesses.push_back({program.parameterBuffer(param.getLoc(), plan::Storage::Param, param.getNameAttr(), param.getType()),
                          false, plan::Need::All});
    }
    accesses.push_back({packed, true, plan::Need::Same});
    SmallVector<Attribute> kinds(accesses.size(), program.packedLayout());
    plan::KernelOp kernel = program.kernelFor(pack.getLoc(), {inputs, ops, result, kinds});
    if (failed(program.addStep(pack.getLoc(), kernel, accesses, {}, builder.getDictionaryAttr({}))))
      return failure();
  }
  return success();
}

// ---- Functions of maps -------------------------------------------------------------------------------------------------

ArrayAttr FunctionPlanner::symbolsOf(ArrayRef<plan::BufferOp> buffers) {
  SmallVector<Attribute> symbols;
  for (plan::BufferOp buffer : buffers)
    symbols.push_back(FlatSymbolRefAttr::get(buffer.getSymNameAttr()));
  return builder.getArrayAttr(symbols);
}

LogicalResult FunctionPlanner::planFunction(StringRef name, const PlanOptions *pixels) {
  planned.push_back(program.startFunction(function.getLoc(), name));
  step = pixels ? -1 : 0;
  SmallVector<plan::BufferOp> inputs, outputs;
  for (BlockArgument argument : function.getArguments().take_front(boundCount)) {
    plan::BufferOp input;
    if (!pixels)
      bufferOf[argument] = input =
          program.addTensorBuffer(argument.getLoc(), plan::Storage::Input, cast<RankedTensorType>(argument.getType()),
                                  layoutOfMap(argument, program.target));
    else if (failed(planBytes(*pixels, input)))
      return failure();
    inputs.push_back(input);
  }
  for (auto [argument, packed] : llvm::zip(function.getArguments().drop_front(boundCount), prepared))
    bufferOf[argument] = packed;
  for (auto fused : function.getOps<mf::FusedOp>()) {
    if (failed(planFused(fused)))
      return failure();
    ++step;
  }
  for (Value result : function.getBody().front().getTerminator()->getOperands())
    if (isMap(result))
      outputs.push_back(bufferOf[result]);
  planned.back().setInputsAttr(symbolsOf(inputs));
  planned.back().setOutputsAttr(symbolsOf(outputs));
  return success();
}

/// The first step of `forward_u8`: pixels to the map that the other steps read.
LogicalResult FunctionPlanner::planBytes(const PlanOptions &options, plan::BufferOp &input) {
  BlockArgument image = function.getArgument(0);
  auto type = cast<RankedTensorType>(image.getType());
  auto bytes = RankedTensorType::get(type.getShape(), builder.getIntegerType(8, /*isSigned=*/false));
  input = program.addTensorBuffer(image.getLoc(), plan::Storage::Input, bytes, layoutOfMap(image, program.target));
  plan::BufferOp map = program.addTensorBuffer(image.getLoc(), plan::Storage::Arena, type, layoutOfMap(image, program.target));
  bufferOf[image] = map;
  touch(map, step++);

  OpBuilder scratch(function.getBody());
  Block outside; // owns the pixels while the op is copied into its kernel
  Value pixels = outside.addArgument(bytes, image.getLoc());
  auto normalize = mf::NormalizeImageOp::create(scratch, image.getLoc(), type, pixels, scratch.getDenseF64ArrayAttr(options.mean),
                                                scratch.getDenseF64ArrayAttr(options.std));
  Operation *op = normalize;
  Attribute kinds[] = {program.layoutOf(input), program.layoutOf(map)};
  plan::KernelOp kernel = program.kernelFor(image.getLoc(), {pixels, op, normalize.getY(), kinds});
  normalize.erase();
  return program.addStep(image.getLoc(), kernel, {{input, false, plan::Need::Same}, {map, true, plan::Need::Same}}, {},
                         builder.getDictionaryAttr({}));
}

LogicalResult FunctionPlanner::planFused(mf::FusedOp fused) {
  SmallVector<Access> accesses;
  SmallVector<Attribute> kinds;
  bool hasRows = llvm::any_of(fused.getResults(), isMap);
  for (Value input : fused.getInputs()) {
    plan::BufferOp buffer = bufferOf[input];
    accesses.push_back({buffer, false, hasRows && isMap(input) ? plan::Need::Same : plan::Need::All});
    kinds.push_back(program.layoutOf(buffer));
    touch(buffer, step);
  }
  SmallVector<NamedAttribute> taps;
  Operation *yield = fused.getBody().front().getTerminator();
  for (OpResult result : fused.getResults()) {
    plan::BufferOp buffer = outputBuffer(result);
    accesses.push_back({buffer, true, plan::Need::Same});
    kinds.push_back(program.layoutOf(buffer));
    touch(buffer, step);
    if (isMap(result))
      addTap(yield->getOperand(result.getResultNumber()).getDefiningOp(), buffer, taps);
  }
  SmallVector<Operation *> ops;
  for (Operation &op : fused.getBody().front().without_terminator())
    ops.push_back(&op);
  SmallVector<Value> inputs(fused.getBody().getArguments().begin(), fused.getBody().getArguments().end());
  plan::KernelOp kernel = program.kernelFor(fused.getLoc(), {inputs, ops, yield->getOperands(), kinds});
  return program.addStep(fused.getLoc(), kernel, accesses, ops, builder.getDictionaryAttr(taps));
}

/// The buffers of results are shared by all functions planned; a function's own results are bound by the caller.
plan::BufferOp FunctionPlanner::outputBuffer(OpResult result) {
  if (plan::BufferOp known = bufferOf.lookup(result))
    return known;
  auto type = cast<RankedTensorType>(result.getType());
  auto storage = plan::Storage::Arena;
  for (OpOperand &use : result.getUses()) {
    if (!isa<func::ReturnOp>(use.getOwner()))
      continue;
    auto name = function.getResultAttrOfType<StringAttr>(use.getOperandNumber(), "mf.gradient_of");
    if (name)
      return bufferOf[result] = program.parameterBuffer(result.getLoc(), plan::Storage::Gradient, name, type);
    storage = plan::Storage::Output;
  }
  return bufferOf[result] = program.addTensorBuffer(result.getLoc(), storage, type, layoutOfMap(result, program.target));
}

/// A graph value can be read from its buffer if it has rows and no pass took a factor off it.
void FunctionPlanner::addTap(Operation *op, plan::BufferOp buffer, SmallVectorImpl<NamedAttribute> &taps) {
  auto kind = program.layoutOf(buffer).getKind();
  bool hasRows = kind == plan::LayoutKind::Rows || kind == plan::LayoutKind::Dense;
  auto paths = namePaths(op->getLoc());
  if (hasRows && !op->hasAttr(mf::kPartialAttrName) && !paths.empty())
    taps.push_back(builder.getNamedAttr(paths.front(), FlatSymbolRefAttr::get(buffer.getSymNameAttr())));
}

// ---- Memory ------------------------------------------------------------------------------------------------------------

void FunctionPlanner::touch(plan::BufferOp buffer, int at) {
  if (buffer.getStorage() != plan::Storage::Arena)
    return;
  auto [entry, isNew] = lifetimes.try_emplace(buffer, std::make_pair(at, at));
  entry->second.second = std::max(entry->second.second, at);
  if (isNew)
    arena.push_back(buffer);
}

/// What does not depend on the batch lies in front, so that the rest stays a multiple of it.
void FunctionPlanner::placeArena() {
  auto place = [&](bool isStatic, int64_t base) {
    std::vector<Lifetime> spans;
    std::vector<plan::BufferOp> placed;
    for (plan::BufferOp buffer : arena) {
      if ((buffer.getSize().getBatch() == 0) != isStatic)
        continue;
      auto [first, last] = lifetimes[buffer];
      int64_t size = isStatic ? buffer.getSize().getConstant() : buffer.getSize().getBatch();
      spans.push_back({program.aligned(size), first + 1, last + 1, 0});
      placed.push_back(buffer);
    }
    int64_t total = assignOffsets(spans);
    for (auto [buffer, span] : llvm::zip(placed, spans))
      buffer.setOffsetAttr(isStatic ? program.extent(span.offset, 0) : program.extent(base, span.offset));
    return total;
  };
  int64_t constant = place(/*isStatic=*/true, 0), batch = place(/*isStatic=*/false, constant);
  for (plan::FunctionOp each : planned)
    each.setArenaAttr(program.extent(constant, batch));
}

int64_t arenaLowerBound(plan::ProgramOp program) {
  int64_t bound = 0;
  for (auto function : program.getOps<plan::FunctionOp>()) {
    if (!function.getSymName().starts_with("forward"))
      continue;
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

LogicalResult planProgram(ModuleOp module, const kernels::KernelTarget &target, const PlanOptions &options) {
  ProgramBuilder program(module, target, options.target);
  auto function = [&](StringRef name) { return module.lookupSymbol<func::FuncOp>(name); };
  FunctionPlanner forward(program, function("prepare"), function("forward"));
  if (failed(forward.planPrepare("prepare")) || failed(forward.planFunction("forward_f32", /*pixels=*/nullptr)) ||
      failed(forward.planFunction("forward_u8", &options)))
    return failure();
  forward.placeArena();
  int64_t gradPacked = 0;
  if (func::FuncOp step = function("grad")) {
    FunctionPlanner grad(program, function("prepare_grad"), step);
    if (failed(grad.planPrepare("prepare_grad")) || failed(grad.planFunction("grad", /*pixels=*/nullptr)))
      return failure();
    grad.placeArena();
    gradPacked = grad.packedBytes();
  }
  plan::ProgramOp done = program.finish();
  done.setPackedBytes(forward.packedBytes());
  done.setGradPackedBytes(gradPacked);
  return success();
}

} // namespace archc
