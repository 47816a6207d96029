//===- BranchNames.cpp - timm's names inside a block ----------------------===//

#include "frontend/model/BranchNames.h"

namespace archc::spec {

std::vector<BranchNames> branchNames(const Block &block) {
  std::vector<BranchNames> names;
  int mixers = 0, channels = 0;
  for (const Branch &branch : block.branches) {
    std::string number = std::to_string(names.size() + 1);
    bool isMixer = branch.name == "mixer";
    int occurrence = isMixer ? ++mixers : ++channels;
    std::string function = isMixer ? "token_mixer" : "mlp";
    if (occurrence > 1)
      function += std::to_string(occurrence);
    names.push_back({"norm" + number, function, "layer_scale" + number, "res_scale" + number});
  }
  return names;
}

} // namespace archc::spec
