//===- CapturingRegion.h - Region ops that name what they read ------------===//
//
// mf.fused and mf.stage are isolated from above: each operand has a block argument, and mf.yield returns the results.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_DIALECT_MF_CAPTURINGREGION_H
#define ARCHC_DIALECT_MF_CAPTURINGREGION_H

#include "mlir/IR/OpImplementation.h"

namespace archc::mf {

/// `(%argument = %operand, ...) attributes {...} : (types) -> types { region }`
mlir::ParseResult parseCapturingRegion(mlir::OpAsmParser &parser, mlir::OperationState &result);
void printCapturingRegion(mlir::OpAsmPrinter &printer, mlir::Operation *op, llvm::ArrayRef<llvm::StringRef> elided);

/// Block arguments have the operands' types and the `mf.yield` the results'.
mlir::LogicalResult verifyCapturingRegion(mlir::Operation *op);

} // namespace archc::mf

#endif // ARCHC_DIALECT_MF_CAPTURINGREGION_H
