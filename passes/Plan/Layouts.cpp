#include "passes/Plan/Layouts.h"

#include "dialect/mf/Markers.h"
#include "passes/Kernels/KernelTarget.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace archc {

/// The columns of padding that all readers behind `use` want of a map in channel blocks; nothing when one wants rows.
static std::optional<int64_t> blockPadding(OpOperand &use) {
  auto fused = dyn_cast<mf::FusedOp>(use.getOwner());
  if (!fused)
    return std::nullopt;
  std::optional<int64_t> padding;
  for (OpOperand &inner : fused.getBody().getArgument(use.getOperandNumber()).getUses()) {
    auto reader = dyn_cast<mf::PlacedOpInterface>(inner.getOwner());
    std::optional<int64_t> wanted = reader ? reader.getBlockPadding(inner) : std::nullopt;
    if (!wanted || (padding && *padding != *wanted))
      return std::nullopt;
    padding = wanted;
  }
  return padding;
}

plan::LayoutAttr layoutOfMap(Value map, const kernels::KernelTarget &target) {
  MLIRContext *context = map.getContext();
  auto make = [&](plan::LayoutKind kind, int64_t padding = 0) { return plan::LayoutAttr::get(context, kind, padding); };
  auto producer = map.getDefiningOp<mf::FusedOp>();
  bool isStatic = cast<RankedTensorType>(map.getType()).hasStaticShape();
  bool isReturned = llvm::any_of(map.getUsers(), [](Operation *user) { return isa<func::ReturnOp>(user); });
  if (!producer || isReturned || isStatic)
    return make(plan::LayoutKind::Dense);
  Value yielded = producer.getBody().front().getTerminator()->getOperand(cast<OpResult>(map).getResultNumber());
  auto placed = yielded.getDefiningOp<mf::PlacedOpInterface>();
  mf::Placement placement = placed ? placed.getPlacement() : mf::Placement::Any;
  if (placement == mf::Placement::Lines)
    return make(plan::LayoutKind::Lines);
  const bool isObserved = yielded.getDefiningOp()->hasAttr(mf::kObservedAttrName);
  if (placement == mf::Placement::Rows || isObserved || !target.worksOnLines())
    return make(plan::LayoutKind::Rows);
  std::optional<int64_t> padding;
  for (OpOperand &use : map.getUses()) {
    std::optional<int64_t> wanted = blockPadding(use);
    if (!wanted || (padding && *padding != *wanted))
      return make(plan::LayoutKind::Rows);
    padding = wanted;
  }
  return padding ? make(plan::LayoutKind::PaddedImage, *padding) : make(plan::LayoutKind::Rows);
}

/// The layout in which the ops of the fused op behind `use` read a parameter.
static mf::Layout layoutOfParameter(OpOperand &use) {
  auto fused = cast<mf::FusedOp>(use.getOwner());
  OpOperand &inner = *fused.getBody().getArgument(use.getOperandNumber()).use_begin();
  auto reader = dyn_cast<mf::PlacedOpInterface>(inner.getOwner());
  return reader ? reader.getParameterLayout(inner) : mf::plainLayoutOf(inner.get());
}

int64_t rowStride(RankedTensorType type, plan::LayoutAttr layout, const kernels::KernelTarget &target) {
  if (layout.getKind() == plan::LayoutKind::Rows)
    return target.padToPanel(type.getShape().back());
  return layout.getKind() == plan::LayoutKind::Dense ? type.getShape().back() : 0;
}

int64_t mapBytes(RankedTensorType type, plan::LayoutAttr layout, const kernels::KernelTarget &target) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t channels = shape.back(), elementBytes = type.getElementTypeBitWidth() / 8;
  if (type.hasStaticShape())
    return type.getNumElements() * elementBytes;
  if (layout.getKind() == plan::LayoutKind::PaddedImage)
    return kernels::paddedImageBytes(target, channels, shape[1], shape[2], layout.getPadding());
  int64_t positions = 1;
  for (int64_t size : shape.drop_front().drop_back())
    positions *= size;
  int64_t stride = layout.getKind() == plan::LayoutKind::Rows ? target.padToPanel(channels) : channels;
  return positions * stride * elementBytes;
}

int64_t packedBytes(RankedTensorType type, mf::Layout layout, const kernels::KernelTarget &target) {
  ArrayRef<int64_t> shape = type.getShape();
  switch (layout) {
  case mf::Layout::Vector:
    return target.padToPanel(shape[0]) * 4;
  case mf::Layout::Position:
    return target.padToPanel(shape[shape.size() - 3]) * shape[shape.size() - 2] * shape.back() * 4;
  case mf::Layout::Taps:
    return kernels::tapBytes(target, shape[0], shape[2] * shape[3]);
  case mf::Layout::Matrix:
    return kernels::blockedMatrixBytes(target, shape[0]);
  case mf::Layout::TapPanels:
    return kernels::tapPanelBytes(target, shape[0], shape[1], shape[2] * shape[3]);
  case mf::Layout::Panels:
  case mf::Layout::ConvPanels:
    break;
  }
  return kernels::panelBytes(target, shape[0], type.getNumElements() / shape[0]);
}

/// Makes `packed` what the kernels behind `uses` read.
static void readPacked(Value argument, ArrayRef<OpOperand *> uses) {
  for (OpOperand *use : uses) {
    use->set(argument);
    cast<mf::FusedOp>(use->getOwner()).getBody().getArgument(use->getOperandNumber()).setType(argument.getType());
  }
}

void packResults(func::FuncOp prepare, func::FuncOp function) {
  auto returned = cast<func::ReturnOp>(prepare.getBody().front().getTerminator());
  OpBuilder builder(returned);
  Block &body = function.getBody().front();
  const unsigned count = returned.getNumOperands(), first = body.getNumArguments() - count;
  SmallVector<Value> results;
  for (unsigned i = 0; i < count; ++i) { // what is wanted in a second layout comes behind the others
    BlockArgument argument = body.getArgument(first + i);
    llvm::MapVector<mf::Layout, SmallVector<OpOperand *>> wanted;
    SmallVector<OpOperand *> uses(llvm::make_pointer_range(argument.getUses()));
    for (OpOperand *use : llvm::reverse(uses)) // MLIR lists the last use first
      wanted[layoutOfParameter(*use)].push_back(use);
    for (auto &[layout, readers] : wanted) {
      auto packed = mf::PackOp::create(builder, argument.getLoc(), returned.getOperand(i), layout);
      bool isFirst = &readers == &wanted.front().second;
      if (isFirst)
        argument.setType(packed.getType());
      readPacked(isFirst ? argument : body.addArgument(packed.getType(), argument.getLoc()), readers);
      results.insert(isFirst ? results.begin() + i : results.end(), packed);
    }
  }
  returned.getOperandsMutable().assign(results);
  prepare.setFunctionType(builder.getFunctionType({}, ValueRange(results).getTypes()));
  function.setFunctionType(builder.getFunctionType(body.getArgumentTypes(), function.getResultTypes()));
}

} // namespace archc
