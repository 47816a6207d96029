//===- MfDialect.h - The mf dialect, its attributes and enums -------------===//

#ifndef ARCHC_DIALECT_MF_MFDIALECT_H
#define ARCHC_DIALECT_MF_MFDIALECT_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"

#include "dialect/mf/MfDialect.h.inc"
#include "dialect/mf/MfEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/mf/MfAttributes.h.inc"

namespace archc::mf {

/// Module attribute: the state dict in order, an array of `ParamAttr`.
constexpr llvm::StringLiteral kParamsAttrName = "mf.params";

} // namespace archc::mf

#endif // ARCHC_DIALECT_MF_MFDIALECT_H
