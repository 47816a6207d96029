//===- ResolveBlocks.h - [block.NAME] tables to blocks --------------------===//

#ifndef ARCHC_FRONTEND_RESOLVE_RESOLVEBLOCKS_H
#define ARCHC_FRONTEND_RESOLVE_RESOLVEBLOCKS_H

#include "frontend/resolve/ReadTable.h"

#include <map>

namespace archc::spec {

class BlockResolver {
public:
  /// `blocks` is the table of all [block.NAME]; null when the spec has none.
  BlockResolver(const Entry *blocks, DiagnosticEngine &diagnostics)
      : blocks(blocks), diagnostics(diagnostics), reader(diagnostics) {}

  /// The block `name` with `stageOverride` (may be null) merged over it, its path still empty. Empty, and reported, when the block
  /// is unknown (at `where`) or anything in it is wrong.
  std::optional<Block> resolve(const std::string &name, const Node *stageOverride, SourceRange where);

  /// Reports what is wrong in blocks that no stage uses. They may be bases of others, so they need not be complete. To be called first.
  void checkAll();

private:
  enum class Completeness { Required, Optional };

  const Node *inheritedTable(const std::string &name, SourceRange where);
  bool inherit(const std::string &name, const Entry &entry, Node &table);
  void reportUnknown(const std::string &name, SourceRange where);
  std::optional<Block> resolveTable(const std::string &name, const Node &table, Completeness completeness);
  std::optional<Branch> resolveBranch(const std::string &name, const Node &table, const Component &block);
  std::optional<Component> readMerged(const std::string &key, Slot slot, const Node &block, const Node &branch);
  bool readShared(const Node &table);

  const Entry *blocks;
  bool refused = false; // too many blocks: said once, not at every use
  DiagnosticEngine &diagnostics;
  TableReader reader;
  std::map<std::string, std::optional<Node>> tables;      // with their inheritance; empty: wrong
  std::vector<std::pair<std::string, SourceRange>> chain; // the blocks being inherited and where `extends` named them
};

} // namespace archc::spec

#endif // ARCHC_FRONTEND_RESOLVE_RESOLVEBLOCKS_H
