#include "passes/LowerCpu/describe/DescribeKernel.h"

#include "dialect/mf/MfOps.h"
#include "passes/LowerCpu/describe/RowsDescriber.h"

using namespace mlir;

namespace archc::cpu {
namespace {

FailureOr<AttentionKernel> describeAttention(mf::AttentionOp op, plan::KernelOp kernel, const CpuTarget &target) {
  for (Attribute layout : kernel.getLayouts())
    if (cast<plan::LayoutAttr>(layout).getKind() != plan::LayoutKind::Rows)
      return op.emitError("no CPU kernel for attention that gives the result of the network; expected an op behind it");
  ArrayRef<int64_t> shape = op.getQkv().getType().getShape();
  AttentionKernel attention;
  attention.qkvStride = target.padToPanel(shape.back());
  attention.outputStride = target.padToPanel(mf::channelsOf(op.getResult()));
  attention.tokens = shape[1] * shape[2];
  attention.heads = op.getHeads();
  attention.headDim = op.getHeadDim();
  attention.scale = op.getScale().convertToDouble();
  return attention;
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

FailureOr<KernelDescription> describeKernel(plan::KernelOp kernel, const CpuTarget &target) {
  KernelDescription description;
  description.name = kernel.getSymName().str();
  Operation &first = kernel.getBody().front().front();
  Operation *last = kernel.getBody().front().getTerminator()->getOperand(0).getDefiningOp();
  if (isa<mf::PackOp>(last)) {
    description.body = describePrepare(kernel, target);
  } else if (auto attention = dyn_cast<mf::AttentionOp>(first)) {
    FailureOr<AttentionKernel> described = describeAttention(attention, kernel, target);
    if (failed(described))
      return failure();
    description.body = *described;
  } else if (auto input = dyn_cast<mf::NormalizeImageOp>(first)) {
    description.body = describeInput(input, kernel);
  } else {
    FailureOr<RowsKernel> rows = RowsDescriber(kernel, target).describe();
    if (failed(rows))
      return failure();
    description.body = std::move(*rows);
  }
  return description;
}

} // namespace archc::cpu
