//===- MfDialect.cpp - The mf dialect and its attributes ------------------===//

#include "dialect/mf/MfDialect.h"
#include "dialect/mf/MfOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace archc::mf;

#include "dialect/mf/MfDialect.cpp.inc"
#include "dialect/mf/MfEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/mf/MfAttributes.cpp.inc"

void MfDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialect/mf/MfOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/mf/MfAttributes.cpp.inc"
      >();
}

/// `mf.params` stands on a module and names each parameter once (`params_c1`).
static LogicalResult verifyParams(Operation *op, Attribute value) {
  auto params = dyn_cast<ArrayAttr>(value);
  if (!isa<ModuleOp>(op) || !params)
    return op->emitOpError("has `mf.params`; expected an array of `#mf.param` on a module");
  llvm::StringSet<> names;
  for (Attribute entry : params) {
    auto param = dyn_cast<ParamAttr>(entry);
    if (!param)
      return op->emitOpError("has ") << entry << " in `mf.params`; expected `#mf.param`";
    if (!names.insert(param.getName()).second)
      return op->emitOpError("names parameter `") << param.getName() << "` twice in `mf.params`";
  }
  return success();
}

LogicalResult MfDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kParamsAttrName)
    return verifyParams(op, attribute.getValue());
  return success();
}
