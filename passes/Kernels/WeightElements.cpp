#include "passes/Kernels/WeightElements.h"

namespace archc::kernels {

Value WeightElements::value(const Factor &factor, Value row, Value column) {
  if (factor.kind == Factor::Number)
    return code.number64(factor.number);
  Value index = factor.index == Factor::Row ? row : factor.index == Factor::Column ? column : code.integer(0);
  Value number = element(operand(factor.operand), index);
  if (factor.kind == Factor::Element)
    return number;
  return code.divideF(code.number64(1), code.squareRoot(code.addF(number, code.number64(factor.number))));
}

Value WeightElements::product(Value number, const std::vector<Factor> &factors, Value row, Value column) {
  for (const Factor &factor : factors)
    number = code.multiplyF(number, value(factor, row, column));
  return number;
}

Value WeightElements::element(const WeightShape &shape, Value n, Value channel, Value own, Value position) {
  const int64_t perGroup = shape.inputs / shape.groups, area = shape.kernelHeight * shape.kernelWidth;
  if (!shape.adjoint)
    return code.add(code.multiply(code.add(code.multiply(n, perGroup), own), area), position);
  const int64_t outputs = shape.outputs / shape.groups; // of a group
  Value row = code.add(code.multiply(channel, outputs), code.remainder(n, code.integer(outputs)));
  return code.add(code.multiply(row, area), code.subtract(code.integer(area - 1), position));
}

WeightElements::Column WeightElements::column(const WeightShape &shape, Value n, Value k) {
  const int64_t perGroup = shape.inputs / shape.groups, area = shape.kernelHeight * shape.kernelWidth;
  Value position = code.divide(k, shape.inputs), channel = code.remainder(k, code.integer(shape.inputs));
  Value group = code.divide(n, shape.outputs / shape.groups);
  Value own = code.subtract(channel, code.multiply(group, perGroup));
  Value offset = element(shape, n, channel, own, position);
  return {offset, channel, code.both(code.less(code.integer(-1), own), code.less(own, code.integer(perGroup)))};
}

Value WeightElements::term(const Term &term, Value row) {
  Value number = product(code.number64(1), term.factors, row, row);
  if (!term.weight)
    return number;
  const WeightShape &shape = *term.weight;
  const int64_t perGroup = shape.inputs / shape.groups, area = shape.kernelHeight * shape.kernelWidth;
  Value weight = operand(shape.operand);
  Value firstChannel = code.multiply(code.divide(row, shape.outputs / shape.groups), perGroup);
  Value sum = code.loop(code.integer(0), code.integer(perGroup), code.integer(1), {code.number64(0)},
                        [&](Value own, mlir::ValueRange carried) {
                          Value start = code.multiply(code.add(code.multiply(row, perGroup), own), area);
                          Value channel = code.add(firstChannel, own);
                          Value taps = code.loop(code.integer(0), code.integer(area), code.integer(1), {code.number64(0)},
                                                 [&](Value tap, mlir::ValueRange inner) {
                                                   return Values{code.addF(inner[0], element(weight, code.add(start, tap)))};
                                                 })[0];
                          return Values{code.addF(carried[0], product(taps, term.columns, row, channel))};
                        })[0];
  return code.multiplyF(number, sum);
}

} // namespace archc::kernels
