//===- Alternation.h - Which block stands where ---------------------------===//

#ifndef ARCHC_FRONTEND_RESOLVE_ALTERNATION_H
#define ARCHC_FRONTEND_RESOLVE_ALTERNATION_H

#include "frontend/resolve/ReadTable.h"

namespace archc::spec {

/// A block's name at one place and the part of `blocks` that put it there.
struct Placement {
  std::string use;
  SourceRange rule;
};

/// What a stage says about its blocks.
struct StageBlocks {
  const Node *blocks = nullptr; // null: left to `[alternate]`
  std::optional<int64_t> depth;
  SourceRange depthRange, stageRange;
};

/// The blocks of every stage in order, from each stage's `blocks` and the network-wide `[alternate]` (null when there is none).
/// A stage whose blocks could not be told is empty; the reason has been reported.
std::vector<std::vector<Placement>> placeBlocks(const std::vector<StageBlocks> &stages, const Entry *alternate,
                                                DiagnosticEngine &diagnostics);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_RESOLVE_ALTERNATION_H
