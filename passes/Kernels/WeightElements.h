//===- WeightElements.h - Elements of weights that `prepare` derives ------===//
//
// Factors, columns and terms of PrepareDescription.h as f64 arithmetic on scalars, for kernels of any target.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_KERNELS_WEIGHTELEMENTS_H
#define ARCHC_PASSES_KERNELS_WEIGHTELEMENTS_H

#include "passes/Kernels/Code.h"
#include "passes/Kernels/PrepareDescription.h"

#include <functional>

namespace archc::kernels {

class WeightElements {
public:
  /// `operands`: gives the address of an operand by its number.
  WeightElements(Code &code, std::function<Value(unsigned)> operands) : code(code), operands(std::move(operands)) {}

  Value operand(unsigned index) { return operands(index); }
  Value element(Value base, Value index) { return code.loadScalar64(code.advance(base, code.multiply(index, 4))); }
  void put(Value number, Value base, Value index) {
    code.storeScalar(code.narrow(number), code.advance(base, code.multiply(index, 4)));
  }

  /// `number` times all factors.
  Value product(Value number, const std::vector<Factor> &factors, Value row, Value column);

  /// Column k = (kh, kw, ci) of row n of a weight: its address as an element number, the input channel, and whether it exists (a
  /// grouped convolution sees its own group's channels only).
  struct Column {
    Value offset, inputChannel, exists;
  };
  Column column(const WeightShape &shape, Value n, Value k);

  Value term(const Term &term, Value row);

private:
  /// Number of the element W[n][own channel of its group][position] in the operand.
  Value element(const WeightShape &shape, Value n, Value channel, Value own, Value position);
  Value value(const Factor &factor, Value row, Value column);

  Code &code;
  std::function<Value(unsigned)> operands;
};

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_WEIGHTELEMENTS_H
