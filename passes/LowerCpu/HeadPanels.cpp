//===- HeadPanels.cpp - One attention head as panels ----------------------===//

#include "passes/LowerCpu/HeadPanels.h"

namespace archc::cpu {

Value loadDims(Code &code, const HeadRows &head, Value address, Value dim) {
  Value from = code.advance(address, code.multiply(dim, 4));
  if (head.headDim % code.lanes() == 0)
    return code.load(from);
  return code.loadMasked(from, code.laneMask(code.integer(0), code.subtract(code.integer(head.headDim), dim)));
}

void packTokenPanels(Code &code, const HeadRows &head, Value from, Value to) {
  const int64_t width = code.target().panelWidth(), dims = code.target().padToVector(head.headDim);
  code.loop(code.integer(0), code.integer(code.target().padToPanel(head.tokens)), code.lanes(), [&](Value token) {
    Value panel = code.multiply(code.divide(token, width), 4 * width * dims);
    Value target = code.advance(to, code.add(panel, code.multiply(code.remainder(token, code.integer(width)), 4)));
    code.loop(code.integer(0), code.integer(dims), code.lanes(), [&](Value dim) {
      Values rows;
      for (int64_t i = 0; i < code.lanes(); ++i) {
        Value row = code.add(token, i);
        Value inside = code.less(row, code.integer(head.tokens));
        // A token that does not exist: any that does, its row then replaced by zeros.
        Value address = code.advance(from, code.multiply(code.select(inside, row, code.integer(0)), head.rowBytes));
        rows.push_back(code.select(inside, loadDims(code, head, address, dim), code.splat(0.0)));
      }
      code.transpose(rows);
      Value start = code.advance(target, code.multiply(dim, 4 * width));
      for (int64_t i = 0; i < code.lanes(); ++i)
        code.store(rows[i], code.advance(start, 4 * width * i));
    });
  });
}

void packDimPanels(Code &code, const HeadRows &head, Value from, Value to) {
  const int64_t width = code.target().panelWidth(), dims = code.target().padToVector(head.headDim);
  const int64_t tokens = code.target().padToVector(head.tokens), columns = code.target().padToPanel(head.headDim);
  // Vectors of the last panel beyond the dimensions: their products are not stored, but must not trap or slow down.
  code.loop(code.integer(0), code.integer(columns), code.lanes(), [&](Value dim) {
    Value panel = code.multiply(code.divide(dim, width), 4 * width * tokens);
    Value target = code.advance(to, code.add(panel, code.multiply(code.remainder(dim, code.integer(width)), 4)));
    auto at = [&](Value token) { return code.advance(target, code.multiply(token, 4 * width)); };
    Value filled = code.select(code.less(dim, code.integer(dims)), code.integer(head.tokens), code.integer(0));
    code.loop(code.integer(0), filled, 1, [&](Value token) {
      code.store(loadDims(code, head, code.advance(from, code.multiply(token, head.rowBytes)), dim), at(token));
    });
    code.loop(filled, code.integer(tokens), 1, [&](Value token) { code.store(code.splat(0.0), at(token)); });
  });
}

void clearColumns(Code &code, const HeadRows &head, Value begin, int64_t columns) {
  code.loop(code.integer(0), code.integer(head.tokens), 1, [&](Value row) {
    Value to = code.advance(begin, code.multiply(row, head.rowBytes));
    code.loop(code.integer(0), code.integer(4 * columns), 4,
              [&](Value offset) { code.storeScalar(code.number(0), code.advance(to, offset)); });
  });
}

} // namespace archc::cpu
