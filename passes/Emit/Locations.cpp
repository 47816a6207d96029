#include "passes/Emit/Locations.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace archc {

/// Calls `visit` for every location inside `loc`, outermost first.
static void walkLocation(Location loc, llvm::function_ref<void(Location)> visit) {
  visit(loc);
  if (auto named = dyn_cast<NameLoc>(loc))
    walkLocation(named.getChildLoc(), visit);
  else if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      walkLocation(part, visit);
}

/// A path names an op; a NameLoc directly around a line ("rule", "override") only labels that line.
static bool isPath(Location loc) {
  auto named = dyn_cast<NameLoc>(loc);
  return named && !isa<FileLineColLoc>(named.getChildLoc());
}

llvm::SmallVector<std::string> namePaths(Location loc) {
  llvm::SmallVector<std::string> paths;
  walkLocation(loc, [&](Location part) {
    if (!isPath(part))
      return;
    std::string name = cast<NameLoc>(part).getName().str();
    if (!llvm::is_contained(paths, name))
      paths.push_back(name);
  });
  return paths;
}

llvm::SmallVector<FileLineColLoc> specLines(Location loc) {
  llvm::SmallVector<FileLineColLoc> lines;
  walkLocation(loc, [&](Location part) {
    if (auto line = dyn_cast<FileLineColLoc>(part))
      if (!llvm::is_contained(lines, line))
        lines.push_back(line);
  });
  return lines;
}

/// The role that import gave each line of `loc` ("block", "rule", "key", "override"); a line without one is a "key".
static llvm::StringRef roleOf(Location loc, FileLineColLoc line) {
  llvm::StringRef role = "key";
  walkLocation(loc, [&](Location part) {
    if (auto named = dyn_cast<NameLoc>(part); named && named.getChildLoc() == Location(line))
      role = named.getName().getValue();
  });
  return role;
}

std::pair<uint32_t, bool> LocationTable::entryFor(llvm::StringRef path) {
  auto [entry, isNew] = indices.try_emplace(path, entries.size());
  if (isNew) {
    entries.push_back(std::make_unique<archrt::abi::LocationT>());
    entries.back()->path = path.str();
  }
  return {entry->second, isNew};
}

uint32_t LocationTable::internPath(llvm::StringRef path) { return entryFor(path.empty() ? "-" : path).first; }

uint32_t LocationTable::intern(Location loc) {
  auto paths = namePaths(loc);
  auto [index, isNew] = entryFor(paths.empty() ? "-" : paths.front());
  if (!isNew)
    return index;
  for (FileLineColLoc line : specLines(loc)) {
    auto spec = std::make_unique<archrt::abi::SpecLineT>();
    spec->file = line.getFilename().str();
    spec->line = line.getLine();
    spec->column = line.getColumn();
    spec->role = roleOf(loc, line).str();
    entries[index]->lines.push_back(std::move(spec));
  }
  return index;
}

} // namespace archc
