//===- BranchNames.h - timm's names inside a block ------------------------===//

#ifndef ARCHC_FRONTEND_MODEL_BRANCHNAMES_H
#define ARCHC_FRONTEND_MODEL_BRANCHNAMES_H

#include "frontend/model/Architecture.h"

namespace archc::spec {

/// What the parts of one branch are called in the state dict, relative to the block.
struct BranchNames {
  std::string norm;       // "norm1"
  std::string function;   // "token_mixer" or "mlp"
  std::string layerScale; // "layer_scale1"
  std::string resScale;   // "res_scale1"
};

/// One entry per branch. Norms and scales are numbered by branch from 1; a second mixer or channel part in one block, which timm
/// does not have, gets its number too ("token_mixer2").
std::vector<BranchNames> branchNames(const Block &block);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_MODEL_BRANCHNAMES_H
