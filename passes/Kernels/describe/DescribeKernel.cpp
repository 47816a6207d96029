#include "passes/Kernels/describe/DescribeKernel.h"

#include "dialect/mf/MfOps.h"
#include "passes/Kernels/describe/BatchSums.h"
#include "passes/Kernels/describe/RowsDescriber.h"

using namespace mlir;

namespace archc::kernels {
namespace {

LogicalResult checkAttention(Operation *op, plan::KernelOp kernel) {
  for (Attribute layout : kernel.getLayouts())
    if (cast<plan::LayoutAttr>(layout).getKind() != plan::LayoutKind::Rows)
      return op->emitError("no kernel for attention that gives the result of the network; expected an op behind it");
  return success();
}

FailureOr<KernelBody> describeAttention(mf::AttentionGradOp op, plan::KernelOp kernel, const KernelTarget &target) {
  if (failed(checkAttention(op, kernel)))
    return failure();
  ArrayRef<int64_t> shape = op.getQkv().getType().getShape();
  AttentionGradKernel attention;
  attention.qkvStride = target.padToPanel(shape.back());
  attention.gradientStride = target.padToPanel(mf::channelsOf(op.getDout()));
  attention.tokens = shape[1] * shape[2];
  attention.heads = op.getHeads();
  attention.headDim = op.getHeadDim();
  attention.scale = op.getScale().convertToDouble();
  return KernelBody(attention);
}

FailureOr<KernelBody> describeAttention(mf::AttentionOp op, plan::KernelOp kernel, const KernelTarget &target) {
  if (failed(checkAttention(op, kernel)))
    return failure();
  ArrayRef<int64_t> shape = op.getQkv().getType().getShape();
  AttentionKernel attention;
  attention.qkvStride = target.padToPanel(shape.back());
  attention.outputStride = target.padToPanel(mf::channelsOf(op.getResult()));
  attention.tokens = shape[1] * shape[2];
  attention.heads = op.getHeads();
  attention.headDim = op.getHeadDim();
  attention.scale = op.getScale().convertToDouble();
  return KernelBody(attention);
}

ConvertInputKernel describeInput(mf::NormalizeImageOp op, plan::KernelOp kernel) {
  ConvertInputKernel convert;
  convert.channels = mf::channelsOf(op.getX());
  for (auto [mean, std] : llvm::zip(op.getMean(), op.getStd())) {
    convert.scale.push_back(1.0 / (255.0 * std));
    convert.shift.push_back(-mean / std);
  }
  return convert;
}

} // namespace

FailureOr<KernelDescription> describeKernel(plan::KernelOp kernel, const KernelTarget &target) {
  Operation &first = kernel.getBody().front().front();
  Operation *last = kernel.getBody().front().getTerminator()->getOperand(0).getDefiningOp();
  FailureOr<KernelBody> body = failure();
  if (isa<mf::PackOp>(last)) {
    body = describePrepare(kernel, target);
  } else if (auto attention = dyn_cast<mf::AttentionOp>(first)) {
    body = describeAttention(attention, kernel, target);
  } else if (auto gradient = dyn_cast<mf::AttentionGradOp>(first)) {
    body = describeAttention(gradient, kernel, target);
  } else if (isBatchSum(first)) {
    body = describeBatchSum(kernel, target);
  } else if (auto input = dyn_cast<mf::NormalizeImageOp>(first)) {
    body = KernelBody(describeInput(input, kernel));
  } else if (FailureOr<RowsKernel> rows = RowsDescriber(kernel, target).describe(); succeeded(rows)) {
    body = KernelBody(std::move(*rows));
  }
  if (failed(body))
    return failure();
  return KernelDescription{kernel.getSymName().str(), std::move(*body)};
}

} // namespace archc::kernels
