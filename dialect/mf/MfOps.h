//===- MfOps.h - Ops and interfaces of the mf dialect ---------------------===//

#ifndef ARCHC_DIALECT_MF_MFOPS_H
#define ARCHC_DIALECT_MF_MFOPS_H

#include "dialect/mf/MfDialect.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace archc::mf {

/// How an operand of an elementwise op spreads over the map: one element each, one per channel, or one for all.
enum class Spread { Map, Channel, Scalar };
Spread spreadOf(mlir::Type map, mlir::Type operand);

class Cotangents;

/// Ops of the architecture level: `expand` leaves none.
template <typename ConcreteOp> class Architectural : public mlir::OpTrait::TraitBase<ConcreteOp, Architectural> {};

/// The last extent of a map or of a batch of vectors.
int64_t channelsOf(mlir::Value rows);

/// Elements of one image of a map, and positions: elements without channels.
int64_t elementsPerImage(mlir::Value map);
int64_t positionsPerImage(mlir::Value map);

/// The layout of a parameter that no product reads: one number per channel, or per channel and position.
Layout plainLayoutOf(mlir::Value parameter);

} // namespace archc::mf

#include "dialect/mf/MfInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialect/mf/MfOps.h.inc"

namespace archc::mf {

/// How many operands stand in each operand slot of an op with optional operands, in ODS order; empty for other ops.
llvm::SmallVector<int64_t> operandSegments(mlir::Operation *op);

} // namespace archc::mf

#endif // ARCHC_DIALECT_MF_MFOPS_H
