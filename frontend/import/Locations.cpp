//===- Locations.cpp - Spec lines as MLIR locations -----------------------===//

#include "frontend/import/Locations.h"

#include "mlir/IR/Builders.h"

#include <filesystem>

using namespace mlir;

namespace archc {

LocationBuilder::LocationBuilder(const spec::Architecture &architecture, MLIRContext &context) : context(context) {
  if (architecture.files.empty())
    return;
  std::filesystem::path folder = std::filesystem::path(architecture.files.front()).parent_path();
  for (const std::string &file : architecture.files) {
    std::string relative = std::filesystem::path(file).lexically_relative(folder).generic_string();
    files.push_back(relative.empty() ? file : relative); // `--set` has no folder
  }
  tables.push_back(architecture.head.source);
  for (const spec::Stage &stage : architecture.stages) {
    tables.push_back(stage.source);
    for (const spec::Block &block : stage.blocks)
      tables.push_back(block.blockSource);
  }
}

void LocationBuilder::add(Lines &lines, StringRef role, const spec::SourceRange &range) const {
  if (range.line == 0 || range.file >= files.size())
    return;
  auto line = FileLineColLoc::get(&context, files[range.file], range.line, range.column);
  bool known = llvm::any_of(lines, [&](Location other) { return cast<NameLoc>(other).getChildLoc() == Location(line); });
  if (!known)
    lines.push_back(NameLoc::get(StringAttr::get(&context, role), line));
}

static bool isSamePlace(const spec::SourceRange &a, const spec::SourceRange &b) { return a.file == b.file && a.line == b.line; }

/// A key of another file is inherited when that file was read later: bases come after what extends them.
bool LocationBuilder::isOverride(const spec::SourceRange &key, const spec::SourceRange &block) const {
  if (key.line == 0 || key.file > block.file)
    return false;
  spec::SourceRange table;
  for (const spec::SourceRange &candidate : tables)
    if (candidate.file == key.file && candidate.line <= key.line && candidate.line > table.line)
      table = candidate;
  return !isSamePlace(table, block);
}

void LocationBuilder::addOverrides(Lines &lines, const spec::Component &component, const spec::SourceRange &block) const {
  for (const auto &[key, value] : component.keys) {
    if (isOverride(value.source, block))
      add(lines, "override", value.source);
    if (const auto *nested = std::get_if<spec::ComponentPtr>(&value.data))
      addOverrides(lines, **nested, block);
  }
}

Location LocationBuilder::named(const std::string &path, const Lines &lines) const {
  Location inner = lines.empty() ? Location(UnknownLoc::get(&context)) : FusedLoc::get(&context, lines);
  return NameLoc::get(StringAttr::get(&context, path), inner);
}

Location LocationBuilder::block(const spec::Block &block) const {
  Lines lines;
  add(lines, "block", block.blockSource);
  add(lines, "rule", block.ruleSource);
  for (const spec::Branch &branch : block.branches)
    for (const spec::Component *component : {&branch.function, &branch.norm, &branch.scale})
      addOverrides(lines, *component, block.blockSource);
  return named(block.path, lines);
}

Location LocationBuilder::part(const std::string &path, const spec::Component &component) const {
  Lines lines;
  add(lines, "key", component.source);
  return named(path, lines);
}

Location LocationBuilder::head(const spec::Head &head) const {
  Lines lines;
  add(lines, "key", head.source);
  return named("head", lines);
}

Location LocationBuilder::stage(const spec::Stage &stage) const {
  Lines lines;
  add(lines, "key", stage.source);
  return named("stages." + std::to_string(stage.index), lines);
}

Location LocationBuilder::whole(const std::string &name) const {
  Lines lines;
  add(lines, "key", spec::SourceRange{0, 1, 1, 1, 1});
  return named(name, lines);
}

} // namespace archc
