//===- MfOps.cpp - Generated definitions of the mf ops --------------------===//

#include "dialect/mf/MfOps.h"

#include "mlir/IR/OpImplementation.h"

#include <cstdio>
#include <cstdlib>

using namespace mlir;
using namespace archc::mf;

#include "dialect/mf/MfInterfaces.cpp.inc"

/// Numbers as people write them: MLIR's own notation of 1e-6 is 9.9999999999999995E-7.
static ParseResult parseReal(OpAsmParser &parser, FloatAttr &value) {
  return parser.parseAttribute(value, parser.getBuilder().getF64Type());
}

static void printReal(OpAsmPrinter &printer, Operation *, FloatAttr value) {
  char text[32];
  double number = value.getValueAsDouble();
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(text, sizeof(text), "%#.*e", digits, number);
    if (std::strtod(text, nullptr) == number)
      break;
  }
  printer << text;
}

#define GET_OP_CLASSES
#include "dialect/mf/MfOps.cpp.inc"

Spread archc::mf::spreadOf(Type map, Type operand) {
  if (map == operand)
    return Spread::Map;
  return cast<RankedTensorType>(operand).getNumElements() == 1 ? Spread::Scalar : Spread::Channel;
}

int64_t archc::mf::channelsOf(Value rows) { return cast<RankedTensorType>(rows.getType()).getShape().back(); }

int64_t archc::mf::elementsPerImage(Value map) {
  int64_t product = 1;
  for (int64_t size : cast<RankedTensorType>(map.getType()).getShape().drop_front())
    product *= size;
  return product;
}

int64_t archc::mf::positionsPerImage(Value map) { return elementsPerImage(map) / channelsOf(map); }

Layout archc::mf::plainLayoutOf(Value parameter) {
  return cast<RankedTensorType>(parameter.getType()).getRank() == 1 ? Layout::Vector : Layout::Position;
}

llvm::SmallVector<int64_t> archc::mf::operandSegments(Operation *op) {
  if (auto sizes = op->getAttrOfType<DenseI32ArrayAttr>("operandSegmentSizes"))
    return llvm::SmallVector<int64_t>(sizes.asArrayRef().begin(), sizes.asArrayRef().end());
  auto tail = dyn_cast<OptionalTailOpInterface>(op);
  if (!tail)
    return {};
  llvm::SmallVector<int64_t> segments(tail.getOperandSlots(), 1);
  segments.back() = op->getNumOperands() == segments.size() ? 1 : 0;
  return segments;
}
