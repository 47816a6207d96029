#include "frontend/check/Check.h"
#include "frontend/cost/Costs.h"

#include <algorithm>

namespace archc::spec {

/// Counting saturates at 2^50 in any one layer, so what is below it was counted exactly; and 4096 blocks of it fit 64 bits.
constexpr int64_t largestCount = int64_t(1) << 50;

static void checkPart(const std::string &name, const Totals &totals, SourceRange place, DiagnosticEngine &diagnostics) {
  int64_t most = std::max({totals.params, totals.cost.macs, totals.cost.pointwise, totals.cost.activations});
  if (most >= largestCount)
    diagnostics.error(Code::TooLarge, place,
                      name + " has more than 10^15 parameters or operations; expected sizes that a machine can compute");
}

void checkSizes(const Architecture &architecture, DiagnosticEngine &diagnostics) {
  for (const Stage &stage : architecture.stages) {
    SourceRange place = stage.embed.source.line ? stage.embed.source : stage.source;
    std::string number = std::to_string(stage.index + 1);
    checkPart("the embedding of stage " + number, totalsOf(stage.embedParams, stage.embedCost), place, diagnostics);
    checkPart("the position embedding of stage " + number, totalsOf(stage.positionParams, stage.positionCost), stage.source,
              diagnostics);
    std::vector<std::string> seen;
    for (const Block &block : stage.blocks) {
      if (std::find(seen.begin(), seen.end(), block.use) != seen.end())
        continue;
      seen.push_back(block.use);
      checkPart("block `" + block.use + "` in stage " + number, totalsOf(block), block.blockSource, diagnostics);
    }
  }
  checkPart("the head", totalsOf(architecture.head), architecture.head.source, diagnostics);
}

} // namespace archc::spec
