//===- CancelNormShift.cpp - mix(norm(x)) = g * rstd * mix(x) -------------===//

#include "dialect/mf/Markers.h"
#include "dialect/mf/MfOps.h"
#include "passes/Simplify/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

namespace archc {
#define GEN_PASS_DEF_CANCELNORMSHIFTPASS
#include "passes/Simplify/Passes.h.inc"
} // namespace archc

using namespace mlir;

namespace archc {
namespace {

constexpr llvm::StringLiteral kPassName = "mf-cancel-norm-shift";

/// Why the statistics of `norm` are not one mean and one variance per image under a weight per channel; empty if they are.
StringRef whyNotPerImage(mf::NormOpInterface norm) {
  if (!norm.subtractsMean())
    return "the norm subtracts no mean";
  if (norm.getStatistics() == mf::Statistics::Image)
    return norm.getWeightOrNull() || norm.getBiasOrNull() ? "the norm's affine part varies over positions" : "";
  if (auto groups = norm->getAttrOfType<IntegerAttr>("groups"); groups && groups.getInt() == 1)
    return "";
  return "the norm's statistics are not over whole images";
}

struct CancelNormShift : impl::CancelNormShiftPassBase<CancelNormShift> {
  void runOnOperation() override {
    SmallVector<mf::TokenMixerInterface> mixers;
    getOperation().walk([&](mf::TokenMixerInterface mixer) {
      if (mixer.cancelsShift() && mixer.commutesWithScale())
        mixers.push_back(mixer);
    });
    for (mf::TokenMixerInterface mixer : mixers)
      if (auto norm = mixer->getOperand(0).getDefiningOp<mf::NormOpInterface>())
        visit(mixer, norm);
  }

private:
  static void visit(mf::TokenMixerInterface mixer, mf::NormOpInterface norm) {
    auto options = remark::RemarkOpts::name(kPassName).category("simplify");
    StringRef reason = whyNotPerImage(norm);
    if (reason.empty() && !norm->hasOneUse())
      reason = "another op reads the normalised map";
    if (reason.empty() && norm->hasAttr(mf::kObservedAttrName))
      reason = "the normalised map is observed";
    if (!reason.empty()) {
      remark::missed(mixer->getLoc(), options) << "norm stays in front of the mixer: " << reason;
      return;
    }
    rewrite(mixer, norm);
    remark::passed(mixer->getLoc(), options) << "norm became a factor behind the mixer; its mean and bias cancel";
  }

  static void rewrite(mf::TokenMixerInterface mixer, mf::NormOpInterface norm) {
    OpBuilder builder(mixer);
    Value source = norm->getOperand(0);
    IRMapping mapping;
    mapping.map(mixer->getOperand(0), source);
    Operation *mixed = builder.clone(*mixer, mapping);
    // The factor ends what the mixer did: its value, and with it the mixer's name and marks, are those of the graph.
    auto scaled = mf::NormScaleOp::create(builder, builder.getFusedLoc({mixer.getLoc(), norm.getLoc()}), mixed->getResult(0),
                                          source, norm.getWeightOrNull(), builder.getF64FloatAttr(norm.getEpsilon()));
    scaled->setDiscardableAttrs(llvm::to_vector(mixer->getDiscardableAttrs()));
    mixed->removeAttr(mf::kObservedAttrName);
    mixed->setAttr(mf::kPartialAttrName, builder.getUnitAttr());
    mixer->replaceAllUsesWith(ArrayRef<Value>(scaled.getY()));
    mixer->erase();
    norm->erase();
  }
};

} // namespace
} // namespace archc
