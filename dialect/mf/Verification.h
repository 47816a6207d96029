//===- Verification.h - Checks shared by the ops' verifiers ---------------===//

#ifndef ARCHC_DIALECT_MF_VERIFICATION_H
#define ARCHC_DIALECT_MF_VERIFICATION_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

namespace archc::mf {

/// `value` (may be null: an absent optional operand) has exactly `shape`.
inline mlir::LogicalResult verifyShape(mlir::Operation *op, llvm::StringRef name, mlir::Value value,
                                       llvm::ArrayRef<int64_t> shape) {
  if (!value)
    return mlir::success();
  auto type = llvm::cast<mlir::RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return mlir::success();
  return op->emitOpError("has `") << name << "` of shape [" << type.getShape() << "]; expected [" << shape << "]";
}

/// `value` (may be null) has one number or `count`.
inline mlir::LogicalResult verifySpread(mlir::Operation *op, llvm::StringRef name, mlir::Value value, int64_t count) {
  if (!value)
    return mlir::success();
  int64_t found = llvm::cast<mlir::RankedTensorType>(value.getType()).getDimSize(0);
  if (found == 1 || found == count)
    return mlir::success();
  return op->emitOpError("has `") << name << "` of " << found << " numbers; expected 1 or " << count;
}

} // namespace archc::mf

#endif // ARCHC_DIALECT_MF_VERIFICATION_H
