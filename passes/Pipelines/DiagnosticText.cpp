#include "passes/Pipelines/DiagnosticText.h"

#include "passes/Emit/Locations.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace archc {

std::string diagnosticText(Diagnostic &diagnostic) {
  std::string text;
  llvm::raw_string_ostream out(text);
  Location location = diagnostic.getLocation();
  if (auto lines = specLines(location); !lines.empty())
    out << lines.front().getFilename().getValue() << ':' << lines.front().getLine() << ':' << lines.front().getColumn() << ": ";
  out << (diagnostic.getSeverity() == DiagnosticSeverity::Warning ? "warning: " : "error: ");
  if (auto paths = namePaths(location); !paths.empty())
    out << paths.front() << ": ";
  out << diagnostic.str() << '\n';
  for (Diagnostic &note : diagnostic.getNotes())
    out << "note: " << note.str() << '\n';
  return text;
}

} // namespace archc
