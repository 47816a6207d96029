//===- Import.h - A resolved architecture as mf.arch ----------------------===//

#ifndef ARCHC_FRONTEND_IMPORT_IMPORT_H
#define ARCHC_FRONTEND_IMPORT_IMPORT_H

#include "frontend/model/Architecture.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace archc {

/// A module with one `mf.arch` and the state dict in `mf.params`. `architecture` is resolved and checked, its parameters
/// filled in. Each part's location is its path in the state dict around the spec lines it comes from, file names relative
/// to the spec. Loads the dialects it needs into `context`.
mlir::OwningOpRef<mlir::ModuleOp> importArchitecture(const spec::Architecture &architecture, mlir::MLIRContext &context);

} // namespace archc

#endif // ARCHC_FRONTEND_IMPORT_IMPORT_H
