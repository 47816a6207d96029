//===- Differentiate.cpp - Loss and gradients from the network ------------===//

#include "dialect/mf/Cotangents.h"
#include "dialect/mf/Markers.h"
#include "dialect/mf/MfOps.h"
#include "passes/Differentiate/Passes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

namespace archc {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "passes/Differentiate/Passes.h.inc"
} // namespace archc

using namespace mlir;

namespace archc {
namespace {

constexpr llvm::StringLiteral kGradientOfAttrName = "mf.gradient_of";

/// Where what an op's rule builds comes from: the op's path with `.grad` behind it, around the same spec lines.
Location gradientLoc(Location loc) {
  if (auto fused = dyn_cast<FusedLoc>(loc))
    loc = fused.getLocations().front();
  auto named = dyn_cast<NameLoc>(loc);
  if (!named)
    return loc;
  return NameLoc::get(StringAttr::get(loc.getContext(), named.getName().getValue() + ".grad"), named.getChildLoc());
}

class GradientFunction {
public:
  GradientFunction(func::FuncOp forward, StringRef loss, bool dropPath)
      : forward(forward), module(forward->getParentOfType<ModuleOp>()), lossKind(loss), dropPath(dropPath),
        builder(forward.getContext()), cotangents(builder) {}

  LogicalResult run();

private:
  LogicalResult addArguments();
  void insertDropPaths();
  FailureOr<mf::LossOpInterface> appendLoss();
  /// Trainable parameters, and everything computed from them.
  LogicalResult markWanted();
  LogicalResult sweep(ArrayRef<Operation *> ops);
  void appendReturn(mf::LossOpInterface loss);

  func::FuncOp forward;
  ModuleOp module;
  StringRef lossKind;
  bool dropPath;
  func::FuncOp grad;
  Value logits, targets, factors;
  OpBuilder builder;
  mf::Cotangents cotangents;
  llvm::StringMap<mf::ParamOp> parameters; // trainable ones that are read
};

LogicalResult GradientFunction::run() {
  builder.setInsertionPointAfter(forward);
  grad = cast<func::FuncOp>(builder.clone(*forward));
  grad.setName("grad");
  if (failed(addArguments()))
    return failure();
  if (dropPath)
    insertDropPaths();
  FailureOr<mf::LossOpInterface> loss = appendLoss();
  if (failed(loss) || failed(markWanted()))
    return failure();
  SmallVector<Operation *> ops;
  for (Operation &op : grad.getBody().front().without_terminator()) {
    op.removeAttr(mf::kObservedAttrName); // gradients, not taps
    if (&op != loss->getOperation())
      ops.push_back(&op);
  }
  Value seed = loss->buildLogitsGradient(builder);
  seed.getDefiningOp()->setLoc(gradientLoc(loss->getLoc()));
  cotangents.add(logits, seed);
  if (failed(sweep(ops)))
    return failure();
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
  if (dropPath) {
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

FailureOr<mf::LossOpInterface> GradientFunction::appendLoss() {
  builder.setInsertionPoint(grad.getBody().front().getTerminator());
  Location loc = NameLoc::get(builder.getStringAttr("loss"), grad.getLoc());
  if (lossKind == "cross_entropy")
    return cast<mf::LossOpInterface>(mf::CrossEntropyOp::create(builder, loc, logits, targets).getOperation());
  if (lossKind == "bce")
    return cast<mf::LossOpInterface>(mf::BceOp::create(builder, loc, logits, targets).getOperation());
  return emitError(forward.getLoc()) << "unknown loss `" << lossKind << "`; expected `cross_entropy` or `bce`";
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

LogicalResult GradientFunction::sweep(ArrayRef<Operation *> ops) {
  Operation *end = grad.getBody().front().getTerminator();
  for (Operation *op : llvm::reverse(ops)) {
    Value dy = op->getNumResults() == 1 ? cotangents.get(op->getResult(0)) : Value();
    if (!dy || isa<mf::ParamOp>(op))
      continue;
    auto differentiable = dyn_cast<mf::DifferentiableOpInterface>(op);
    if (!differentiable)
      return op->emitError() << "`" << op->getName() << "` has no gradient";
    Operation *last = end->getPrevNode();
    if (failed(differentiable.buildVjp(builder, dy, cotangents)))
      return failure();
    for (Operation *built = last->getNextNode(); built != end; built = built->getNextNode())
      built->setLoc(gradientLoc(op->getLoc()));
  }
  return success();
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

struct Differentiate : impl::DifferentiatePassBase<Differentiate> {
  using DifferentiatePassBase::DifferentiatePassBase;

  void runOnOperation() override {
    auto forward = getOperation().lookupSymbol<func::FuncOp>("forward");
    if (!forward || failed(GradientFunction(forward, loss, dropPath).run()))
      signalPassFailure();
  }
};

} // namespace
} // namespace archc
