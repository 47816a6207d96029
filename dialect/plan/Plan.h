//===- Plan.h - The plan dialect ------------------------------------------===//

#ifndef ARCHC_DIALECT_PLAN_PLAN_H
#define ARCHC_DIALECT_PLAN_PLAN_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/plan/PlanDialect.h.inc"
#include "dialect/plan/PlanEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/plan/PlanAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialect/plan/Plan.h.inc"

#endif // ARCHC_DIALECT_PLAN_PLAN_H
