//===- PackKernels.cpp - Kernels that prepare weights ---------------------===//
//
// Scalar f64 arithmetic, rounded to f32 at the store: speed matters little where it runs once per weight file. Training packs weights in
// every step, but without factors; those of linear layers are moved as vectors.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/PackKernels.h"

#include "passes/Kernels/WeightElements.h"

namespace archc::cpu {

namespace {
class Packer : public WeightElements {
public:
  Packer(Code &code, Value buffers)
      : WeightElements(code,
                       [=, &code](unsigned i) { return code.loadPointer(code.advance(buffers, 8 * static_cast<int64_t>(i))); }),
        code(code) {}

  void clear(Value base, Value from, Value to) {
    code.loop(from, to, 1, [&](Value i) { code.storeScalar(code.number(0), code.advance(base, code.multiply(i, 4))); });
  }

private:
  Code &code;
};
} // namespace

namespace {
/// A panel of a weight without factors, moved as floats: weights are packed anew in every step of training.
class PlainPanel {
public:
  PlainPanel(Code &code, const WeightShape &shape, Value weight)
      : code(code), shape(shape), weight(weight), width(code.target().panelWidth()) {}

  /// Columns n of the panel from `first` on; the panel is [k][NR] at `to`.
  void pack(Value first, Value to) {
    Value count = code.minimum(code.integer(width), code.subtract(code.integer(shape.outputs), first));
    shape.adjoint ? copyRows(first, count, to) : transposeRows(first, to);
  }

  static bool canPack(const PackPanelsKernel &kernel) {
    const WeightShape &shape = kernel.weight;
    return kernel.scale.empty() && shape.groups == 1 && shape.kernelHeight * shape.kernelWidth == 1;
  }

private:
  Value at(Value base, Value index) { return code.advance(base, code.multiply(index, 4)); }

  /// Neighbouring outputs are neighbours in the operand.
  void copyRows(Value first, Value count, Value to) {
    code.loop(code.integer(0), code.integer(width), code.lanes(), [&](Value lane) {
      Value mask = code.laneMask(code.integer(0), code.subtract(count, lane));
      code.loop(code.integer(0), code.integer(shape.inputs), 1, [&](Value k) {
        Value from = at(weight, code.add(code.add(code.multiply(k, shape.outputs), first), lane));
        code.store(code.loadMasked(from, mask), at(to, code.add(code.multiply(k, width), lane)));
      });
      clearRows(lane, to);
    });
  }

  void transposeRows(Value first, Value to) {
    code.loop(code.integer(0), code.integer(width), code.lanes(), [&](Value lane) {
      code.loop(code.integer(0), code.integer(shape.inputs), code.lanes(), [&](Value k) {
        Value mask = code.laneMask(code.integer(0), code.subtract(code.integer(shape.inputs), k));
        Values rows;
        for (int64_t i = 0; i < code.lanes(); ++i) {
          Value n = code.add(code.add(first, lane), i), exists = code.less(n, code.integer(shape.outputs));
          Value row = code.select(exists, n, code.integer(0));
          Value value = code.loadMasked(at(weight, code.add(code.multiply(row, shape.inputs), k)), mask);
          rows.push_back(code.select(exists, value, code.splat(0.0)));
        }
        code.transpose(rows);
        for (int64_t i = 0; i < code.lanes(); ++i)
          code.store(rows[i], at(to, code.add(code.multiply(code.add(k, i), width), lane)));
      });
    });
  }

  /// What K was rounded up by.
  void clearRows(Value lane, Value to) {
    code.loop(code.integer(shape.inputs), code.integer(code.target().padToVector(shape.inputs)), 1,
              [&](Value k) { code.store(code.splat(0.0), at(to, code.add(code.multiply(k, width), lane))); });
  }

  Code &code;
  const WeightShape &shape;
  Value weight;
  int64_t width;
};
} // namespace

void emitPack(Code &code, const PackPanelsKernel &kernel, Value buffers, Value begin, Value end) {
  Packer pack(code, buffers);
  const WeightShape &shape = kernel.weight;
  const CpuTarget &target = code.target();
  const int64_t width = target.panelWidth(), area = shape.kernelHeight * shape.kernelWidth;
  const int64_t k = kernel.byTap ? shape.inputs : shape.inputs * area, padded = target.padToVector(k);
  const int64_t perTap = target.padToPanel(shape.outputs) / width;
  Value weight = pack.operand(shape.operand);
  code.loop(begin, end, 1, [&](Value panel) {
    Value to = code.advance(pack.operand(kernel.output), code.multiply(panel, 4 * width * padded));
    Value first = code.multiply(kernel.byTap ? code.remainder(panel, code.integer(perTap)) : panel, width);
    if (PlainPanel::canPack(kernel))
      return PlainPanel(code, shape, weight).pack(first, to);
    Value firstColumn = kernel.byTap ? code.multiply(code.divide(panel, perTap), shape.inputs) : code.integer(0);
    pack.clear(to, code.integer(0), code.integer(width * padded));
    Value rows = code.minimum(code.integer(width), code.subtract(code.integer(shape.outputs), first));
    code.loop(code.integer(0), code.integer(k), 1, [&](Value index) {
      Value column = code.add(firstColumn, index);
      code.loop(code.integer(0), rows, 1, [&](Value j) {
        Value n = code.add(first, j);
        Packer::Column source = pack.column(shape, n, column);
        code.ifThen(source.exists, [&] {
          Value number = pack.product(pack.element(weight, source.offset), kernel.scale, n, source.inputChannel);
          pack.put(number, to, code.add(code.multiply(index, width), j));
        });
      });
    });
  });
}

void emitPack(Code &code, const PackTapsKernel &kernel, Value buffers, Value, Value) {
  Packer pack(code, buffers);
  Value to = pack.operand(kernel.output), weight = pack.operand(kernel.weight);
  const int64_t lanes = code.lanes();
  pack.clear(to, code.integer(0), code.integer(code.target().padToPanel(kernel.channels) * kernel.taps));
  code.loop(code.integer(0), code.integer(kernel.channels), 1, [&](Value channel) {
    Value block = code.multiply(code.divide(channel, lanes), kernel.taps * lanes);
    Value first = code.add(block, code.remainder(channel, code.integer(lanes)));
    code.loop(code.integer(0), code.integer(kernel.taps), 1, [&](Value tap) {
      Value source = kernel.adjoint ? code.subtract(code.integer(kernel.taps - 1), tap) : tap;
      Value number = pack.element(weight, code.add(code.multiply(channel, kernel.taps), source));
      pack.put(pack.product(number, kernel.scale, channel, channel), to, code.add(first, code.multiply(tap, lanes)));
    });
  });
}

void emitPack(Code &code, const PackMatrixKernel &kernel, Value buffers, Value, Value) {
  Packer pack(code, buffers);
  Value to = pack.operand(kernel.output), matrix = pack.operand(kernel.matrix);
  const int64_t lanes = code.lanes(), size = kernel.size;
  pack.clear(to, code.integer(0), code.integer(code.target().padToVector(size) * size));
  code.loop(code.integer(0), code.integer(size), 1, [&](Value row) {
    code.loop(code.integer(0), code.integer(size), 1, [&](Value column) {
      Value from = kernel.adjoint ? column : row, across = kernel.adjoint ? row : column;
      Value number = pack.element(matrix, code.add(code.multiply(from, size), across));
      Value block = code.add(code.multiply(code.divide(column, lanes), size), row);
      Value at = code.add(code.multiply(block, lanes), code.remainder(column, code.integer(lanes)));
      pack.put(pack.product(number, kernel.scale, row, column), to, at);
    });
  });
}

void emitPack(Code &code, const PackVectorKernel &kernel, Value buffers, Value, Value) {
  Packer pack(code, buffers);
  Value to = pack.operand(kernel.output);
  const int64_t period = kernel.period ? kernel.period : std::max<int64_t>(kernel.size, 1);
  code.loop(code.integer(0), code.integer(kernel.size), 1, [&](Value i) {
    Value row = code.remainder(i, code.integer(period));
    Value sum = code.number64(0);
    for (const Term &term : kernel.terms)
      sum = code.addF(sum, pack.term(term, row));
    pack.put(sum, to, i);
  });
  pack.clear(to, code.integer(kernel.size), code.integer(kernel.padded));
}

void emitPack(Code &code, const PackPositionsKernel &kernel, Value buffers, Value, Value) {
  Packer pack(code, buffers);
  Value to = pack.operand(kernel.output), from = pack.operand(kernel.input);
  code.loop(code.integer(0), code.integer(kernel.positions), 1, [&](Value position) {
    Value row = code.multiply(position, kernel.stride);
    code.loop(code.integer(0), code.integer(kernel.channels), 1, [&](Value channel) {
      Value number = pack.element(from, code.add(code.multiply(channel, kernel.positions), position));
      pack.put(number, to, code.add(row, channel));
    });
    pack.clear(to, code.add(row, kernel.channels), code.add(row, kernel.stride));
  });
}

} // namespace archc::cpu
