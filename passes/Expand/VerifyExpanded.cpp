//===- VerifyExpanded.cpp - The fence behind expand -----------------------===//

#include "dialect/mf/MfOps.h"
#include "passes/Expand/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace archc {
#define GEN_PASS_DEF_VERIFYEXPANDEDPASS
#include "passes/Expand/Passes.h.inc"
} // namespace archc

using namespace mlir;

namespace archc {
namespace {

struct VerifyExpanded : impl::VerifyExpandedPassBase<VerifyExpanded> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!module.lookupSymbol<func::FuncOp>("forward")) {
      module.emitError("has no function `forward` after `expand`");
      return signalPassFailure();
    }
    llvm::StringMap<Type> declared;
    if (auto params = module->getAttrOfType<ArrayAttr>(mf::kParamsAttrName))
      for (auto param : params.getAsRange<mf::ParamAttr>())
        declared[param.getName()] = param.getType();
    if (module.walk([&](Operation *op) { return WalkResult(check(op, declared)); }).wasInterrupted())
      signalPassFailure();
  }

private:
  static LogicalResult check(Operation *op, const llvm::StringMap<Type> &declared) {
    if (op->hasTrait<mf::Architectural>())
      return op->emitError("is left after `expand`");
    auto param = dyn_cast<mf::ParamOp>(op);
    if (!param)
      return success();
    auto found = declared.find(param.getName());
    if (found == declared.end())
      return param.emitError() << "reads `" << param.getName() << "`, which `mf.params` does not declare";
    if (found->second != param.getType())
      return param.emitError() << "reads `" << param.getName() << "` as " << param.getType() << "; declared as " << found->second;
    return success();
  }
};

} // namespace
} // namespace archc
