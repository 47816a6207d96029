//===- DiagnosticText.h - Diagnostics as users read them ------------------===//

#ifndef ARCHC_PASSES_PIPELINES_DIAGNOSTICTEXT_H
#define ARCHC_PASSES_PIPELINES_DIAGNOSTICTEXT_H

#include "mlir/IR/Diagnostics.h"

#include <string>

namespace archc {

/// An error as one line, like those about specs: `s18.toml:12:3: error: stages.0.blocks.1.token_mixer: what is wrong`. Of several
/// spec lines it names the first, which the op's own path was written for. Notes follow as further lines.
std::string diagnosticText(mlir::Diagnostic &diagnostic);

} // namespace archc

#endif // ARCHC_PASSES_PIPELINES_DIAGNOSTICTEXT_H
