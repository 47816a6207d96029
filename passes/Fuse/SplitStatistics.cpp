#include "passes/Fuse/SplitStatistics.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc {
namespace {

/// A norm over images, whichever op says it.
struct ImageNorm {
  Operation *op;
  Value map, source, weight, bias;
  int64_t groups = 1;
  FloatAttr eps;
  bool center = true;
};

std::optional<ImageNorm> imageNormOf(Operation *op) {
  if (auto norm = dyn_cast<mf::GroupNormOp>(op))
    return ImageNorm{
        op, norm.getX(), norm.getX(), norm.getWeight(), norm.getBias(), int64_t(norm.getGroups()), norm.getEpsAttr()};
  if (auto norm = dyn_cast<mf::LayerNormChwOp>(op))
    return ImageNorm{op, norm.getX(), norm.getX(), norm.getWeight(), norm.getBias(), 1, norm.getEpsAttr()};
  if (auto scale = dyn_cast<mf::NormScaleOp>(op))
    return ImageNorm{op, scale.getX(), scale.getSource(), scale.getWeight(), Value(), 1, scale.getEpsAttr(), false};
  return std::nullopt;
}

class Splitter {
public:
  explicit Splitter(MLIRContext *context) : builder(context) {}

  void split(const ImageNorm &norm) {
    Value lines = linesOf(norm);
    builder.setInsertionPoint(norm.op);
    auto applied =
        mf::NormalizeOp::create(builder, norm.op->getLoc(), norm.map.getType(), norm.map, lines, norm.weight, norm.bias,
                                builder.getI64IntegerAttr(norm.groups), norm.eps, builder.getBoolAttr(norm.center));
    applied->setDiscardableAttrs(llvm::to_vector(norm.op->getDiscardableAttrs()));
    norm.op->getResult(0).replaceAllUsesWith(applied.getY());
    norm.op->erase();
  }

private:
  /// Statistics are the norm's: the last name of a factor behind a mixer (`mf-cancel-norm-shift`).
  static Location nameOf(const ImageNorm &norm) {
    auto fused = dyn_cast<FusedLoc>(norm.op->getLoc());
    return fused && isa<mf::NormScaleOp>(norm.op) ? fused.getLocations().back() : norm.op->getLoc();
  }

  /// Statistics stand right behind the map, so that they can ride on the kernel that computes it.
  Value linesOf(const ImageNorm &norm) {
    Value &known = lines[{norm.source, norm.groups}];
    if (known)
      return known;
    builder.setInsertionPointAfterValue(norm.source);
    ArrayRef<int64_t> shape = cast<RankedTensorType>(norm.source.getType()).getShape();
    const int64_t lineCount = shape.size() == 4 ? shape[1] : 1; // pooled vectors are one line of one position
    auto type = RankedTensorType::get({shape[0], lineCount, norm.groups, 2}, builder.getF32Type());
    known = mf::ImageStatsOp::create(builder, nameOf(norm), type, norm.source, norm.groups);
    return known;
  }

  OpBuilder builder;
  llvm::DenseMap<std::pair<Value, int64_t>, Value> lines;
};

/// Fewer positions are not worth a kernel that adds up lines.
constexpr int64_t kLeastWidth = 4;

/// The sums of lines, which can be taken where the map is computed and on many threads, and the sum of those.
void splitSum(mf::ChannelSumOp sum) {
  ArrayRef<int64_t> shape = sum.getX().getType().getShape();
  if (shape.size() != 4 || shape[2] < kLeastWidth)
    return;
  OpBuilder builder(sum);
  auto type = RankedTensorType::get({shape[0], shape[1], 1, shape[3]}, builder.getF32Type());
  auto lines = mf::LineSumsOp::create(builder, sum.getLoc(), type, sum.getX(), sum.getOther());
  auto total = mf::ChannelSumOp::create(builder, sum.getLoc(), sum.getSum().getType(), lines, /*other=*/Value());
  sum.getSum().replaceAllUsesWith(total.getSum());
  sum.erase();
}

} // namespace

void splitStatistics(func::FuncOp forward) {
  Splitter splitter(forward.getContext());
  SmallVector<Operation *> norms;
  forward.walk([&](Operation *op) {
    if (imageNormOf(op))
      norms.push_back(op);
  });
  for (Operation *op : norms) // read only now: its map may be the result of a norm that has just been replaced
    splitter.split(*imageNormOf(op));
  for (auto sum : llvm::to_vector(forward.getOps<mf::ChannelSumOp>()))
    splitSum(sum);
}

} // namespace archc
