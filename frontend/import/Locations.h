//===- Locations.h - Spec lines as MLIR locations -------------------------===//

#ifndef ARCHC_FRONTEND_IMPORT_LOCATIONS_H
#define ARCHC_FRONTEND_IMPORT_LOCATIONS_H

#include "frontend/model/Architecture.h"

#include "mlir/IR/Location.h"

namespace archc {

/// Builds NameLoc(path, FusedLoc[NameLoc(role, line)...]); roles are "block", "rule", "key" and "override".
class LocationBuilder {
public:
  LocationBuilder(const spec::Architecture &architecture, mlir::MLIRContext &context);

  mlir::Location block(const spec::Block &block) const;
  /// A part that one component describes.
  mlir::Location part(const std::string &path, const spec::Component &component) const;
  mlir::Location head(const spec::Head &head) const;
  mlir::Location stage(const spec::Stage &stage) const;
  mlir::Location whole(const std::string &name) const;

private:
  using Lines = llvm::SmallVector<mlir::Location>;
  void add(Lines &lines, llvm::StringRef role, const spec::SourceRange &range) const;
  /// The lines of keys that an `override` of a stage or an `[[override]]` gave to a component of the block at `block`.
  void addOverrides(Lines &lines, const spec::Component &component, const spec::SourceRange &block) const;
  bool isOverride(const spec::SourceRange &key, const spec::SourceRange &block) const;
  mlir::Location named(const std::string &path, const Lines &lines) const;

  mlir::MLIRContext &context;
  std::vector<std::string> files; // relative to the spec's folder
  /// Where the tables of blocks, stages and the head begin: what follows one, up to the next, belongs to it.
  std::vector<spec::SourceRange> tables;
};

} // namespace archc

#endif // ARCHC_FRONTEND_IMPORT_LOCATIONS_H
