//===- Cotangents.h - Gradients of values while ops are visited backwards -===//

#ifndef ARCHC_DIALECT_MF_COTANGENTS_H
#define ARCHC_DIALECT_MF_COTANGENTS_H

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace archc::mf {

/// Which values want a gradient of the loss, and what is known of it so far. A value that several ops read gets the sum of what
/// they give.
class Cotangents {
public:
  explicit Cotangents(mlir::OpBuilder &builder) : builder(builder) {}

  /// From now on `value` wants a gradient.
  void want(mlir::Value value) { wanted.insert(value); }
  /// False for an absent operand too.
  bool wants(mlir::Value value) const { return value && wanted.contains(value); }

  /// Ignored when `value` wants none.
  void add(mlir::Value value, mlir::Value gradient);
  /// Null when nothing was added: the loss does not depend on the value.
  mlir::Value get(mlir::Value value) const { return gradients.lookup(value); }

private:
  mlir::OpBuilder &builder;
  llvm::DenseSet<mlir::Value> wanted;
  llvm::DenseMap<mlir::Value, mlir::Value> gradients;
};

/// The type of a parameter's gradient: its shape in f32.
mlir::RankedTensorType gradientTypeOf(mlir::Value parameter);

/// Adds to `parameter` (may be absent), one number or one per channel, the sum over all rows of x or of x times `other`.
void addChannelSum(mlir::OpBuilder &builder, Cotangents &cotangents, mlir::Value parameter, mlir::Value x,
                   mlir::Value other = {});

} // namespace archc::mf

#endif // ARCHC_DIALECT_MF_COTANGENTS_H
