//===- CapturingRegion.cpp - Region ops that name what they read ----------===//

#include "dialect/mf/CapturingRegion.h"
#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc::mf {

ParseResult parseCapturingRegion(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  FunctionType type;
  SMLoc where = parser.getCurrentLocation();
  if (parser.parseAssignmentList(arguments, operands) || parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseColonType(type) || parser.resolveOperands(operands, type.getInputs(), where, result.operands))
    return failure();
  for (auto [argument, input] : llvm::zip(arguments, type.getInputs()))
    argument.type = input;
  result.addTypes(type.getResults());
  return parser.parseRegion(*result.addRegion(), arguments);
}

void printCapturingRegion(OpAsmPrinter &printer, Operation *op, ArrayRef<StringRef> elided) {
  Region &body = op->getRegion(0);
  printer << '(';
  llvm::interleaveComma(llvm::zip(body.getArguments(), op->getOperands()), printer,
                        [&](auto pair) { printer << std::get<0>(pair) << " = " << std::get<1>(pair); });
  printer << ')';
  printer.printOptionalAttrDictWithKeyword(op->getAttrs(), elided);
  printer << " : ";
  printer.printFunctionalType(op);
  printer << ' ';
  printer.printRegion(body, /*printEntryBlockArgs=*/false);
}

LogicalResult verifyCapturingRegion(Operation *op) {
  Block &body = op->getRegion(0).front();
  if (body.getArgumentTypes() != op->getOperandTypes())
    return op->emitOpError("has block arguments of other types than its operands");
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getValues().getTypes() != op->getResultTypes())
    return op->emitOpError("has results of other types than its `mf.yield`");
  return success();
}

} // namespace archc::mf
