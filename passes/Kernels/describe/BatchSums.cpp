//===- BatchSums.cpp - Kernels of one op that sums over a batch -----------===//

#include "passes/Kernels/describe/BatchSums.h"

#include "dialect/mf/MfOps.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace archc::kernels {
namespace {

ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

int64_t positionsOf(Value map) {
  int64_t positions = 1;
  for (int64_t extent : shapeOf(map).drop_front().drop_back())
    positions *= extent;
  return positions;
}

class SumDescriber {
public:
  SumDescriber(plan::KernelOp kernel, const KernelTarget &target) : kernel(kernel), target(target) {}

  FailureOr<KernelBody> describe(Operation &op) {
    return llvm::TypeSwitch<Operation *, FailureOr<KernelBody>>(&op)
        .Case<mf::LinearWeightGradOp, mf::Conv2dWeightGradOp, mf::DepthwiseWeightGradOp, mf::SpatialWeightGradOp,
              mf::ChannelSumOp, mf::BatchSumOp>([&](auto sum) { return describeSum(sum); })
        .Default([](Operation *) -> FailureOr<KernelBody> { return failure(); });
  }

private:
  unsigned output() { return kernel.getBody().getNumArguments(); }

  Place placeOf(Value argument) {
    unsigned index = cast<BlockArgument>(argument).getArgNumber();
    auto layout = cast<plan::LayoutAttr>(kernel.getLayouts()[index]);
    if (layout.getKind() == plan::LayoutKind::Dense)
      return Place::dense(index);
    if (layout.getKind() == plan::LayoutKind::PaddedImage)
      return Place::paddedImage(index, layout.getPadding());
    return Place::rows(index, target.padToPanel(mf::channelsOf(argument)));
  }

  /// Dense rows whose channels fill whole panels are rows.
  FailureOr<Place> rowsOf(Operation *op, Value argument) {
    Place place = placeOf(argument);
    const int64_t channels = mf::channelsOf(argument);
    if (place.kind == Place::Dense && target.padToPanel(channels) == channels)
      return Place::rows(place.index, channels);
    if (place.kind != Place::Rows)
      return op->emitError("no kernel for `") << op->getName() << "` of a dense map of " << channels
                                              << " channels; expected rows padded to " << target.padToPanel(channels);
    return place;
  }

  FailureOr<KernelBody> weightGrad(Operation *op, const GatherWindows &windows, Value dy) {
    FailureOr<Place> gradient = rowsOf(op, dy);
    if (failed(gradient))
      return failure();
    WeightGradKernel sum;
    sum.windows = windows;
    sum.dy = *gradient;
    sum.outputs = mf::channelsOf(dy);
    sum.output = output();
    if (shapeOf(dy).size() == 4) {
      sum.height = shapeOf(dy)[1];
      sum.width = shapeOf(dy)[2];
    }
    return KernelBody(sum);
  }

  GatherWindows windowsOf(Value x) {
    GatherWindows windows;
    windows.input = placeOf(x);
    windows.inputHeight = windows.inputWidth = 1;
    if (shapeOf(x).size() == 4) {
      windows.inputHeight = shapeOf(x)[1];
      windows.inputWidth = shapeOf(x)[2];
    }
    windows.inputChannels = mf::channelsOf(x);
    windows.kernelHeight = windows.kernelWidth = 1;
    return windows;
  }

  FailureOr<KernelBody> describeSum(mf::LinearWeightGradOp op) { return weightGrad(op, windowsOf(op.getX()), op.getDy()); }

  FailureOr<KernelBody> describeSum(mf::Conv2dWeightGradOp op) {
    if (op.getGroups() != 1)
      return op.emitError("no kernel for a convolution of several groups; expected `groups` = 1");
    GatherWindows windows = windowsOf(op.getX());
    windows.kernelHeight = op.getKernel()[0];
    windows.kernelWidth = op.getKernel()[1];
    windows.strideHeight = op.getStride()[0];
    windows.strideWidth = op.getStride()[1];
    windows.paddingHeight = op.getPadding()[0];
    windows.paddingWidth = op.getPadding()[1];
    return weightGrad(op, windows, op.getDy());
  }

  FailureOr<KernelBody> describeSum(mf::DepthwiseWeightGradOp op) {
    for (unsigned axis : {0, 1})
      if (op.getKernel()[axis] != 2 * op.getPadding()[axis] + 1)
        return op.emitError("no kernel for a depthwise convolution that changes the map's size; expected a kernel of ")
               << 2 * op.getPadding()[axis] + 1 << ", twice the padding and one, instead of " << op.getKernel()[axis];
    DepthwiseGradKernel sum;
    for (auto [place, map] : {std::pair(&sum.x, op.getX()), std::pair(&sum.dy, op.getDy())}) {
      *place = placeOf(map);
      if (place->kind == Place::PaddedImage)
        continue;
      FailureOr<Place> rows = rowsOf(op, map);
      if (failed(rows))
        return failure();
      *place = *rows;
    }
    sum.height = shapeOf(op.getX())[1];
    sum.width = shapeOf(op.getX())[2];
    sum.channels = mf::channelsOf(op.getX());
    sum.kernelHeight = op.getKernel()[0];
    sum.kernelWidth = op.getKernel()[1];
    sum.output = output();
    return KernelBody(sum);
  }

  FailureOr<KernelBody> describeSum(mf::SpatialWeightGradOp op) {
    FailureOr<Place> x = rowsOf(op, op.getX()), dy = rowsOf(op, op.getDy());
    if (failed(x) || failed(dy))
      return failure();
    return KernelBody(SpatialGradKernel{*x, *dy, positionsOf(op.getX()), mf::channelsOf(op.getX()), output()});
  }

  FailureOr<KernelBody> describeSum(mf::ChannelSumOp op) {
    ChannelSumKernel sum;
    FailureOr<Place> x = rowsOf(op, op.getX());
    if (failed(x))
      return failure();
    if (Value map = op.getOther()) {
      FailureOr<Place> other = rowsOf(op, map);
      if (failed(other))
        return failure();
      sum.other = *other;
    }
    sum.x = *x;
    sum.positions = positionsOf(op.getX());
    sum.channels = mf::channelsOf(op.getX());
    sum.total = cast<RankedTensorType>(op.getSum().getType()).getNumElements() == 1;
    sum.output = output();
    return KernelBody(sum);
  }

  FailureOr<KernelBody> describeSum(mf::BatchSumOp op) {
    FailureOr<Place> x = rowsOf(op, op.getX());
    if (failed(x))
      return failure();
    const bool isTotal = cast<RankedTensorType>(op.getSum().getType()).getRank() == 1;
    return KernelBody(BatchSumKernel{*x, positionsOf(op.getX()), mf::channelsOf(op.getX()), isTotal, output()});
  }

  plan::KernelOp kernel;
  const KernelTarget &target;
};

} // namespace

bool isBatchSum(Operation &op) {
  return isa<mf::LinearWeightGradOp, mf::Conv2dWeightGradOp, mf::DepthwiseWeightGradOp, mf::SpatialWeightGradOp, mf::ChannelSumOp,
             mf::BatchSumOp>(op);
}

FailureOr<KernelBody> describeBatchSum(plan::KernelOp kernel, const KernelTarget &target) {
  return SumDescriber(kernel, target).describe(kernel.getBody().front().front());
}

} // namespace archc::kernels
