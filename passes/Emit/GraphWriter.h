//===- GraphWriter.h - An mf function as the artifact's op graph ----------===//

#ifndef ARCHC_PASSES_EMIT_GRAPHWRITER_H
#define ARCHC_PASSES_EMIT_GRAPHWRITER_H

#include "passes/Emit/Locations.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

namespace archc {

/// The graph of one function, and where each name path went: its op and the value that op computes.
struct WrittenGraph {
  std::unique_ptr<archrt::abi::FunctionT> function;
  llvm::StringMap<uint32_t> opOfPath, valueOfPath;
};

/// Writes `func` op by op with generic attributes. Tensor dims: dynamic is the batch.
WrittenGraph writeGraph(mlir::func::FuncOp func, LocationTable &locations);

} // namespace archc

#endif // ARCHC_PASSES_EMIT_GRAPHWRITER_H
