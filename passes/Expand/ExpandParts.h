//===- ExpandParts.h - Blocks and heads in tensor ops ---------------------===//

#ifndef ARCHC_PASSES_EXPAND_EXPANDPARTS_H
#define ARCHC_PASSES_EXPAND_EXPANDPARTS_H

#include "passes/Expand/Expander.h"

namespace archc {

/// Each returns the value that replaces the part's result, x being its operand; null after reporting an error.
mlir::Value expandBlock(mlir::OpBuilder &builder, mf::BlockOp block, mlir::Value x);
mlir::Value expandHead(mlir::OpBuilder &builder, mf::HeadOp head, mlir::Value x);

} // namespace archc

#endif // ARCHC_PASSES_EXPAND_EXPANDPARTS_H
