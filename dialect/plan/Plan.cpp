#include "dialect/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "dialect/plan/PlanDialect.cpp.inc"
#include "dialect/plan/PlanEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/plan/PlanAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/plan/Plan.cpp.inc"

void archc::plan::PlanDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/plan/PlanAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/plan/Plan.cpp.inc"
      >();
}
