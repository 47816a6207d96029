//===- Differentiate.cpp - Loss and gradients from the network ------------===//

#include "dialect/mf/Cotangents.h"
#include "dialect/mf/Markers.h"
#include "dialect/mf/MfOps.h"
#include "passes/Differentiate/Passes.h"
#include "passes/Differentiate/Segments.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"

namespace archc {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "passes/Differentiate/Passes.h.inc"
} // namespace archc

using namespace mlir;

namespace archc {
namespace {

constexpr llvm::StringLiteral kGradientOfAttrName = "mf.gradient_of";

/// What differentiation has to know beyond the network.
struct Settings {
  StringRef loss;
  bool dropPath, headDropout;
  Checkpoints checkpoints;
};

class GradientFunction {
public:
  GradientFunction(func::FuncOp forward, const Settings &settings)
      : forward(forward), module(forward->getParentOfType<ModuleOp>()), settings(settings), builder(forward.getContext()),
        cotangents(builder) {}

  LogicalResult run();

private:
  LogicalResult addArguments();
  void insertDropPaths();
  LogicalResult insertHeadDropout();
  FailureOr<mf::LossOpInterface> appendLoss();
  /// Trainable parameters, and everything computed from them.
  LogicalResult markWanted();
  LogicalResult sweep(const std::vector<Segment> &segments);
  LogicalResult differentiate(Operation *op);
  SmallVector<Operation *> computeAgain(const Segment &segment);
  void finishCopies();
  void appendReturn(mf::LossOpInterface loss);

  func::FuncOp forward;
  ModuleOp module;
  const Settings &settings;
  func::FuncOp grad;
  Value logits, targets, factors;
  OpBuilder builder;
  mf::Cotangents cotangents;
  llvm::StringMap<mf::ParamOp> parameters; // trainable ones that are read
  SmallVector<Operation *> copies;         // of segments that are recomputed
};

LogicalResult GradientFunction::run() {
  builder.setInsertionPointAfter(forward);
  grad = cast<func::FuncOp>(builder.clone(*forward));
  grad.setName("grad");
  if (failed(addArguments()))
    return failure();
  if (settings.dropPath)
    insertDropPaths();
  if (settings.headDropout && failed(insertHeadDropout()))
    return failure();
  FailureOr<mf::LossOpInterface> loss = appendLoss();
  if (failed(loss) || failed(markWanted()))
    return failure();
  SmallVector<Operation *> ops;
  for (Operation &op : grad.getBody().front().without_terminator())
    if (&op != loss->getOperation())
      ops.push_back(&op);
  std::vector<Segment> segments = segmentsOf(ops, settings.checkpoints);
  for (Operation *op : ops)
    op->removeAttr(mf::kObservedAttrName); // gradients, not taps
  Value seed = loss->buildLogitsGradient(builder);
  seed.getDefiningOp()->setLoc(derivedLoc(loss->getLoc(), ".grad"));
  cotangents.add(logits, seed);
  if (failed(sweep(segments)))
    return failure();
  finishCopies();
  appendReturn(*loss);
  return success();
}

/// Targets like the logits, factors with a column per residual sum.
LogicalResult GradientFunction::addArguments() {
  Block &body = grad.getBody().front();
  logits = body.getTerminator()->getOperand(0);
  auto type = cast<RankedTensorType>(logits.getType());
  if (type.getRank() != 2)
    return emitError(forward.getLoc()) << "gives " << type << "; expected logits [N, classes] to train on";
  targets = body.addArgument(type, grad.getLoc());
  if (settings.dropPath) {
    auto sites = static_cast<int64_t>(std::distance(body.op_begin<mf::AddOp>(), body.op_end<mf::AddOp>()));
    if (sites > 0)
      factors = body.addArgument(RankedTensorType::get({type.getDimSize(0), sites}, type.getElementType()), grad.getLoc());
  }
  return success();
}

/// Before any pass has run, the sums of the network are its residual connections, and the branch is the second operand.
void GradientFunction::insertDropPaths() {
  uint64_t site = 0;
  for (auto sum : llvm::to_vector(grad.getBody().front().getOps<mf::AddOp>())) {
    builder.setInsertionPoint(sum);
    sum.getOtherMutable().assign(mf::DropPathOp::create(builder, sum.getLoc(), sum.getOther(), factors, site++));
  }
}

/// What the last linear layer reads, times factors that the host draws element by element: no op of its own is needed.
LogicalResult GradientFunction::insertHeadDropout() {
  Block &body = grad.getBody().front();
  mf::LinearOp last;
  for (auto linear : body.getOps<mf::LinearOp>())
    last = linear;
  if (!last || cast<RankedTensorType>(last.getX().getType()).getRank() != 2)
    return emitError(forward.getLoc()) << "has no linear layer on pooled features; expected one, to drop what it reads";
  Value kept = body.addArgument(last.getX().getType(), grad.getLoc());
  builder.setInsertionPoint(last);
  Location loc = derivedLoc(last.getLoc(), ".drop");
  last.getXMutable().assign(mf::MulOp::create(builder, loc, last.getX(), kept, builder.getF64FloatAttr(1.0)));
  return success();
}

FailureOr<mf::LossOpInterface> GradientFunction::appendLoss() {
  builder.setInsertionPoint(grad.getBody().front().getTerminator());
  Location loc = NameLoc::get(builder.getStringAttr("loss"), grad.getLoc());
  if (settings.loss == "cross_entropy")
    return cast<mf::LossOpInterface>(mf::CrossEntropyOp::create(builder, loc, logits, targets).getOperation());
  if (settings.loss == "bce")
    return cast<mf::LossOpInterface>(mf::BceOp::create(builder, loc, logits, targets).getOperation());
  return emitError(forward.getLoc()) << "unknown loss `" << settings.loss << "`; expected `cross_entropy` or `bce`";
}

LogicalResult GradientFunction::markWanted() {
  llvm::StringMap<mf::Role> roles;
  if (auto params = module->getAttrOfType<ArrayAttr>(mf::kParamsAttrName))
    for (auto param : params.getAsRange<mf::ParamAttr>())
      roles[param.getName()] = param.getRole();
  for (Operation &op : grad.getBody().front()) {
    if (auto param = dyn_cast<mf::ParamOp>(op)) {
      auto role = roles.find(param.getName());
      if (role == roles.end() || role->second != mf::Role::Trainable)
        continue;
      if (!parameters.try_emplace(param.getName(), param).second || !param->hasOneUse())
        return param.emitError() << "parameter `" << param.getName() << "` is read by several ops; expected one, to train it";
      cotangents.want(param.getValue());
    } else if (llvm::any_of(op.getOperands(), [&](Value operand) { return cotangents.wants(operand); })) {
      for (Value result : op.getResults())
        cotangents.want(result);
    }
  }
  return success();
}

LogicalResult GradientFunction::sweep(const std::vector<Segment> &segments) {
  for (const Segment &segment : llvm::reverse(segments)) {
    SmallVector<Operation *> ops = segment.isRecomputed ? computeAgain(segment) : segment.ops;
    for (Operation *op : llvm::reverse(ops))
      if (failed(differentiate(op)))
        return failure();
  }
  return success();
}

LogicalResult GradientFunction::differentiate(Operation *op) {
  Value dy = op->getNumResults() == 1 ? cotangents.get(op->getResult(0)) : Value();
  if (!dy || isa<mf::ParamOp>(op))
    return success();
  auto differentiable = dyn_cast<mf::DifferentiableOpInterface>(op);
  if (!differentiable)
    return op->emitError() << "`" << op->getName() << "` has no gradient";
  Operation *end = grad.getBody().front().getTerminator(), *last = end->getPrevNode();
  if (failed(differentiable.buildVjp(builder, dy, cotangents)))
    return failure();
  for (Operation *built = last->getNextNode(); built != end; built = built->getNextNode())
    built->setLoc(derivedLoc(op->getLoc(), ".grad"));
  return success();
}

/// Copies of the segment's ops, which take over what is wanted and known of the originals. They read what enters the segment.
SmallVector<Operation *> GradientFunction::computeAgain(const Segment &segment) {
  IRMapping mapping;
  SmallVector<Operation *> made;
  for (Operation *op : segment.ops) {
    if (isa<mf::ParamOp>(op))
      continue;
    Operation *copy = made.emplace_back(builder.clone(*op, mapping));
    for (auto [original, again] : llvm::zip(op->getResults(), copy->getResults())) {
      if (!cotangents.wants(original))
        continue;
      cotangents.want(again);
      if (Value known = cotangents.get(original))
        cotangents.add(again, known);
    }
  }
  copies.append(made);
  return made;
}

/// Copies that no gradient needed go, and the others are marked. Not before the sweep is over, which knows values by their address.
void GradientFunction::finishCopies() {
  for (Operation *copy : llvm::reverse(copies)) {
    if (copy->use_empty()) {
      copy->erase();
      continue;
    }
    copy->setAttr(mf::kRecomputedAttrName, builder.getUnitAttr());
    copy->setLoc(derivedLoc(copy->getLoc(), ".again"));
  }
}

void GradientFunction::appendReturn(mf::LossOpInterface loss) {
  SmallVector<Value> results = {loss->getResult(0), logits};
  SmallVector<StringAttr> names;
  if (auto params = module->getAttrOfType<ArrayAttr>(mf::kParamsAttrName))
    for (auto param : params.getAsRange<mf::ParamAttr>())
      if (mf::ParamOp read = parameters.lookup(param.getName()))
        if (Value gradient = cotangents.get(read.getValue())) {
          results.push_back(gradient);
          names.push_back(builder.getStringAttr(param.getName()));
        }
  Operation *terminator = grad.getBody().front().getTerminator();
  terminator->setOperands(results);
  grad.setFunctionType(builder.getFunctionType(grad.getBody().getArgumentTypes(), TypeRange(ValueRange(results))));
  for (auto [index, name] : llvm::enumerate(names))
    grad.setResultAttr(2 + index, kGradientOfAttrName, name);
}

std::optional<Checkpoints> checkpointsOf(StringRef name) {
  return llvm::StringSwitch<std::optional<Checkpoints>>(name)
      .Case("none", Checkpoints::None)
      .Case("block", Checkpoints::Block)
      .Case("stage", Checkpoints::Stage)
      .Default(std::nullopt);
}

struct Differentiate : impl::DifferentiatePassBase<Differentiate> {
  using DifferentiatePassBase::DifferentiatePassBase;

  void runOnOperation() override {
    auto forward = getOperation().lookupSymbol<func::FuncOp>("forward");
    std::optional<Checkpoints> cuts = checkpointsOf(checkpoints);
    if (forward && !cuts)
      emitError(forward.getLoc()) << "unknown checkpoints `" << checkpoints << "`; expected `none`, `block` or `stage`";
    if (!forward || !cuts || failed(GradientFunction(forward, {loss, dropPath, headDropout, *cuts}).run()))
      signalPassFailure();
  }
};

} // namespace
} // namespace archc
