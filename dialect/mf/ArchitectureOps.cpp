//===- ArchitectureOps.cpp - A network as its spec says it ----------------===//

#include "dialect/mf/CapturingRegion.h"
#include "dialect/mf/MfOps.h"

using namespace mlir;
using namespace archc::mf;

/// `component_c1`
static LogicalResult verifyComponent(Operation *op, StringRef name, DictionaryAttr component) {
  if (component.getAs<StringAttr>("kind"))
    return success();
  return op->emitOpError("has `") << name << "` without a string `kind`";
}

static LogicalResult verifyWord(Operation *op, StringRef name, StringRef word, ArrayRef<StringRef> choices) {
  if (llvm::is_contained(choices, word))
    return success();
  InFlightDiagnostic error = op->emitOpError("has `") << name << "` \"" << word << "\"; expected ";
  llvm::interleave(
      choices, error, [&](StringRef choice) { error << '"' << choice << '"'; }, " or ");
  return error;
}

LogicalResult ArchOp::verify() {
  Block &body = getBody().front();
  auto yield = dyn_cast<YieldOp>(body.back());
  if (body.getNumArguments() == 1 && yield && yield.getValues().size() == 1) // arch_c1
    return success();
  return emitOpError("has a body that does not lead from one input to one result by `mf.yield`");
}

// --- mf.stage ----------------------------------------------------------------

ParseResult StageOp::parse(OpAsmParser &parser, OperationState &result) {
  IntegerAttr index;
  if (parser.parseAttribute(index, parser.getBuilder().getI64Type(), "index", result.attributes))
    return failure();
  return parseCapturingRegion(parser, result);
}

void StageOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getIndex() << ' ';
  printCapturingRegion(printer, *this, /*elided=*/{"index"});
}

LogicalResult StageOp::verify() { return verifyCapturingRegion(*this); } // stage_c1

// --- parts -------------------------------------------------------------------

LogicalResult EmbedOp::verify() { return verifyComponent(*this, "component", getComponent()); }

LogicalResult PositionOp::verify() { return verifyComponent(*this, "component", getComponent()); }

LogicalResult BlockOp::verify() {
  if (failed(verifyWord(*this, "arrangement", getArrangement(), {"sequential", "parallel"}))) // block_c1
    return failure();
  for (BranchAttr branch : getBranches().getAsRange<BranchAttr>())
    if (failed(verifyWord(*this, "order", branch.getOrder(), {"pre_norm", "post_norm", "res_post_norm"})) || // block_c2
        failed(verifyComponent(*this, "function", branch.getFunction())) ||
        failed(verifyComponent(*this, "norm", branch.getNorm())) || failed(verifyComponent(*this, "scale", branch.getScale())))
      return failure();
  return success();
}

LogicalResult HeadOp::verify() {
  if (failed(verifyWord(*this, "order", getOrder(), {"norm_pool", "pool_norm"})) || // head_c1
      failed(verifyWord(*this, "pool", getPool(), {"avg"})) ||                      // head_c2
      failed(verifyComponent(*this, "norm", getNorm())))
    return failure();
  return verifyComponent(*this, "classifier", getClassifier());
}
