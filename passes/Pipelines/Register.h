//===- Register.h - Dialects and passes by name ---------------------------===//

#ifndef ARCHC_PASSES_PIPELINES_REGISTER_H
#define ARCHC_PASSES_PIPELINES_REGISTER_H

namespace mlir {
class DialectRegistry;
}

namespace archc {

/// Every dialect that a phase may produce.
void registerDialects(mlir::DialectRegistry &registry);

/// Every pass of passes/, the phases as pipelines, and MLIR's clean-up passes, by their flags.
void registerPasses();

} // namespace archc

#endif // ARCHC_PASSES_PIPELINES_REGISTER_H
