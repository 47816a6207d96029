//===- RowGradients.cpp - Gradients of norms over channels, of averages ----===//

#include "passes/LowerCpu/RowGradients.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace archc::cpu {

static const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;

// ---- Averages ----------------------------------------------------------------------------------------------------------

static void defineSpreadImages(Code &code, const BoundChain &chain, mlir::ValueRange in) {
  Value context = in[0], base = in[1], stride = in[2], firstRow = in[3], positions = in[4], columns = in[5], rows = in[6];
  Value image = code.divide(firstRow, positions), position = code.remainder(firstRow, positions);
  code.loop(code.integer(0), rows, code.integer(1), {image, position}, [&](Value row, mlir::ValueRange at) {
    Value from = code.advance(base, code.multiply(at[0], stride));
    ChainEmitter emitter(code, chain, context);
    emitter.moveTo(row, code.integer(0));
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      ChainEmitter here = emitter;
      here.moveToColumn(column);
      here.emit(code.load(code.advance(from, code.multiply(column, 4))));
    });
    Value next = code.add(at[1], 1), ends = code.equal(next, positions);
    return Values{code.select(ends, code.add(at[0], 1), at[0]), code.select(ends, code.integer(0), next)};
  });
}

void emitSpreadImages(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                      const SpreadArguments &arguments) {
  std::string name = sharedName("spread", chain.key);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { defineSpreadImages(code, chain, in); });
  code.call(name, {range.context, input.base, input.stride, arguments.firstRow, code.integer(arguments.positions),
                   code.integer(range.columns), range.rows});
}

// ---- Norms over channels -----------------------------------------------------------------------------------------------

namespace {
/// Two passes over a row for its sums, a third for the result; a few rows at once.
class NormGradBuilder {
public:
  NormGradBuilder(Code &code, const BoundChain &chain, const NormalizeOptions &options, mlir::ValueRange in)
      : code(code), chain(chain), options(options), context(in[0]), bases{in[1], in[3]}, strides{in[2], in[4]}, channels(in[5]),
        columns(in[6]), rows(in[7]) {}

  void build() {
    constexpr int64_t together = 2;
    last = code.multiply(code.divide(code.subtract(channels, code.integer(1)), code.lanes()), code.lanes());
    mask = code.laneMask(code.integer(0), code.subtract(channels, last));
    count = code.toFloat(channels);
    Value full = code.multiply(code.divide(rows, together), together);
    code.loop(code.integer(0), full, together, [&](Value row) { rowsAt(row, together); });
    code.loop(full, rows, 1, [&](Value row) { rowsAt(row, 1); });
  }

private:
  struct Row {
    Value x, g, mean;
  };
  /// Adds a row's vectors to its sums; `keep` replaces lanes beyond the channels by zeros.
  using Add = llvm::function_ref<void(const Row &row, Value column, llvm::function_ref<Value(Value)> keep,
                                      llvm::MutableArrayRef<Value> sums)>;

  Value load(Value start, Value column) { return code.load(code.advance(start, code.multiply(column, 4))); }
  Value deviation(const Row &row, Value column) {
    Value x = load(row.x, column);
    return options.rms ? x : code.subtractF(x, row.mean);
  }

  /// Means over the channels of `perRow` sums for each row.
  Values means(const std::vector<Row> &all, size_t perRow, Add add) {
    auto addAll = [&](Value column, llvm::function_ref<Value(Value)> keep, mlir::ValueRange carried) {
      Values next(carried.begin(), carried.end());
      for (size_t r = 0; r < all.size(); ++r)
        add(all[r], column, keep, llvm::MutableArrayRef<Value>(next).slice(r * perRow, perRow));
      return next;
    };
    Values sums(all.size() * perRow, code.splat(0.0));
    sums = code.loop(code.integer(0), last, code.integer(code.lanes()), sums, [&](Value column, mlir::ValueRange carried) {
      return addAll(
          column, [](Value value) { return value; }, carried);
    });
    sums = addAll(
        last, [&](Value value) { return code.select(mask, value, code.splat(0.0)); }, sums);
    for (Value &sum : sums)
      sum = code.divideF(code.sumOfLanes(sum), count);
    return sums;
  }

  void rowsAt(Value row, int64_t together) {
    std::vector<Row> all;
    for (int64_t r = 0; r < together; ++r) {
      Value index = code.add(row, r);
      all.push_back({code.advance(bases[0], code.multiply(index, strides[0])),
                     code.advance(bases[1], code.multiply(index, strides[1])), code.splat(0.0)});
    }
    if (!options.rms) {
      Values centres = means(all, 1, [&](const Row &row, Value column, auto keep, auto sums) {
        sums[0] = code.addF(sums[0], keep(load(row.x, column)));
      });
      for (int64_t r = 0; r < together; ++r)
        all[r].mean = code.splat(centres[r]);
    }
    Values sums = means(all, 3, [&](const Row &row, Value column, auto keep, auto sums) {
      Value d = keep(deviation(row, column)), g = keep(load(row.g, column));
      sums[0] = code.fma(d, d, sums[0]);
      sums[1] = code.addF(sums[1], g);
      sums[2] = code.fma(g, d, sums[2]);
    });
    for (int64_t r = 0; r < together; ++r)
      writeRow(code.add(row, r), all[r], llvm::ArrayRef<Value>(sums).slice(3 * r, 3));
  }

  /// rstd (g - mean(g) - d rstd^2 mean(g d)), d = x - mean
  void writeRow(Value row, const Row &in, llvm::ArrayRef<Value> means) {
    Value rstd = code.divideF(code.number(1), code.squareRoot(code.addF(means[0], code.number(options.eps))));
    Value slope = code.splat(code.multiplyF(code.multiplyF(rstd, rstd), code.subtractF(code.number(0), means[2])));
    Value factor = code.splat(rstd), shift = code.splat(means[1]);
    ChainEmitter emitter(code, chain, context);
    emitter.moveTo(row, code.integer(0));
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      Value g = load(in.g, column);
      Value centred = options.rms ? g : code.subtractF(g, shift);
      ChainEmitter here = emitter;
      here.moveToColumn(column);
      here.emit(code.multiplyF(code.fma(deviation(in, column), slope, centred), factor));
    });
  }

  Code &code;
  const BoundChain &chain;
  NormalizeOptions options;
  Value context, bases[2], strides[2], channels, columns, rows;
  Value last, mask, count;
};
} // namespace

void emitNormalizeGradRows(Code &code, const BoundChain &chain, const RowInput &input, const RowInput &gradient,
                           const NormalizeGradArguments &a) {
  std::string key;
  llvm::raw_string_ostream(key) << llvm::format("%a", a.options.eps) << a.options.rms << chain.key;
  std::string name = sharedName("norm_grad", key);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, P, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { NormGradBuilder(code, chain, a.options, in).build(); });
  code.call(name, {a.range.context, input.base, input.stride, gradient.base, gradient.stride, code.integer(a.range.channels),
                   code.integer(a.range.columns), a.range.rows});
}

} // namespace archc::cpu
