//===- Locations.h - Name paths and spec lines of ops ---------------------===//
//
// Every op carries NameLoc("stages.2.blocks.3.mlp.fc1", FusedLoc[lines]); passes merge locations with FusedLoc.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_EMIT_LOCATIONS_H
#define ARCHC_PASSES_EMIT_LOCATIONS_H

#include "runtime/abi/artifact_generated.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <memory>
#include <string>
#include <vector>

namespace archc {

/// All name paths of `loc` in order of appearance, each once: more than one after fusion.
llvm::SmallVector<std::string> namePaths(mlir::Location loc);

/// The spec lines behind `loc`, each once.
llvm::SmallVector<mlir::FileLineColLoc> specLines(mlir::Location loc);

/// Numbers locations by their first name path; the table becomes `Model.locations`.
class LocationTable {
public:
  uint32_t intern(mlir::Location loc);
  /// A location known by its path alone.
  uint32_t internPath(llvm::StringRef path);
  std::vector<std::unique_ptr<archrt::abi::LocationT>> take() { return std::move(entries); }

private:
  /// The entry of `path`; a new one has no lines.
  std::pair<uint32_t, bool> entryFor(llvm::StringRef path);

  llvm::StringMap<uint32_t> indices;
  std::vector<std::unique_ptr<archrt::abi::LocationT>> entries;
};

} // namespace archc

#endif // ARCHC_PASSES_EMIT_LOCATIONS_H
