//===- RowSegments.cpp - Segments that work on one row at a time ----------===//

#include "passes/LowerCpu/RowSegments.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace archc::cpu {

static const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;

// ---- Load --------------------------------------------------------------------------------------------------------------

static void defineLoadRows(Code &code, const BoundChain &chain, BoundPlace::Kind kind, mlir::ValueRange in) {
  Value context = in[0], base = in[1], stride = in[2], channels = in[3], columns = in[4], rows = in[5];
  code.loop(code.integer(0), rows, 1, [&](Value row) {
    bool blocked = kind == BoundPlace::Blocked;
    Value start = code.advance(base, blocked ? code.multiply(row, code.vectorBytes()) : code.multiply(row, stride));
    ChainEmitter emitter(code, chain, context);
    emitter.moveTo(row, code.integer(0));
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      Value step = blocked ? code.multiply(code.divide(column, code.lanes()), stride) : code.multiply(column, 4);
      Value at = code.advance(start, step);
      Value value = kind == BoundPlace::Dense
                        ? code.loadMasked(at, code.laneMask(code.integer(0), code.subtract(channels, column)))
                        : code.load(at);
      ChainEmitter here = emitter;
      here.moveToColumn(column);
      here.emit(value);
    });
  });
}

void emitLoadRows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range) {
  std::string name = sharedName("load" + std::to_string(input.kind), chain.key);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { defineLoadRows(code, chain, input.kind, in); });
  code.call(name,
            {range.context, input.base, input.stride, code.integer(range.channels), code.integer(range.columns), range.rows});
}

// ---- Norms over channels -----------------------------------------------------------------------------------------------

namespace {
/// Mean and variance in two passes over a row, for a few rows at once: their sums are independent chains. With `exactMean` a pass
/// between them sums the deviations, which are small: what is left of them is the rounding of the mean. It weighs where the
/// channels of a row are almost equal.
class NormBuilder {
public:
  NormBuilder(Code &code, const BoundChain &chain, const NormalizeOptions &options, mlir::ValueRange in)
      : code(code), chain(chain), options(options), context(in[0]), base(in[1]), stride(in[2]), channels(in[3]), columns(in[4]),
        rows(in[5]) {}

  void build() {
    constexpr int64_t together = 4;
    last = code.multiply(code.divide(code.subtract(channels, code.integer(1)), code.lanes()), code.lanes());
    mask = code.laneMask(code.integer(0), code.subtract(channels, last));
    count = code.toFloat(channels);
    Value full = code.multiply(code.divide(rows, together), together);
    code.loop(code.integer(0), full, together, [&](Value row) { normalize(row, together); });
    code.loop(full, rows, 1, [&](Value row) { normalize(row, 1); });
  }

private:
  using Term = llvm::function_ref<Value(Value x, size_t row)>;

  /// The means of term(x) over the channels of each row.
  Values average(const Values &starts, Term term, llvm::function_ref<Value(Value term, Value sum)> combine) {
    Values zeros(starts.size(), code.splat(0.0));
    Values sums =
        code.loop(code.integer(0), last, code.integer(code.lanes()), zeros, [&](Value column, mlir::ValueRange carried) {
          Values next;
          for (size_t r = 0; r < starts.size(); ++r)
            next.push_back(combine(term(code.load(at(starts[r], column)), r), carried[r]));
          return next;
        });
    Values totals;
    for (size_t r = 0; r < starts.size(); ++r) {
      Value tail = term(code.load(at(starts[r], last)), r);
      tail = code.select(mask, tail, code.splat(0.0));
      totals.push_back(code.divideF(code.sumOfLanes(combine(tail, sums[r])), count));
    }
    return totals;
  }

  Value at(Value start, Value column) { return code.advance(start, code.multiply(column, 4)); }

  void normalize(Value row, int64_t together) {
    Values starts;
    for (int64_t r = 0; r < together; ++r)
      starts.push_back(code.advance(base, code.multiply(code.add(row, r), stride)));
    std::vector<Values> shifts; // what each pass so far found the mean to be off
    auto deviation = [&](Value x, size_t r) {
      for (const Values &shift : shifts)
        x = code.subtractF(x, shift[r]);
      return x;
    };
    for (int pass = options.rms ? 2 : options.exactMean ? 0 : 1; pass < 2; ++pass) {
      Values means = average(starts, deviation, [&](Value x, Value sum) { return code.addF(x, sum); });
      for (Value &mean : means)
        mean = code.splat(mean);
      shifts.push_back(means);
    }
    Values variances = average(starts, deviation, [&](Value d, Value sum) { return code.fma(d, d, sum); });
    Values factors;
    std::vector<ChainEmitter> emitters;
    for (int64_t r = 0; r < together; ++r) {
      Value root = code.squareRoot(code.addF(variances[r], code.number(options.eps)));
      factors.push_back(code.splat(code.divideF(code.number(1), root)));
      emitters.emplace_back(code, chain, context);
      emitters.back().moveTo(code.add(row, r), code.integer(0));
    }
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      for (int64_t r = 0; r < together; ++r) {
        ChainEmitter here = emitters[r];
        here.moveToColumn(column);
        here.emit(code.multiplyF(deviation(code.load(at(starts[r], column)), r), factors[r]));
      }
    });
  }

  Code &code;
  const BoundChain &chain;
  NormalizeOptions options;
  Value context, base, stride, channels, columns, rows;
  Value last, mask, count;
};
} // namespace

void emitNormalizeRows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                       const NormalizeOptions &options) {
  std::string key;
  llvm::raw_string_ostream(key) << llvm::format("%a", options.eps) << options.rms << options.exactMean << chain.key;
  std::string name = sharedName("norm", key);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { NormBuilder(code, chain, options, in).build(); });
  code.call(name,
            {range.context, input.base, input.stride, code.integer(range.channels), code.integer(range.columns), range.rows});
}

// ---- Mean over positions -----------------------------------------------------------------------------------------------

/// Positions are dealt to four sums in turn; they are added as a tree, then the rest one by one.
static void defineAveragePool(Code &code, const BoundChain &chain, mlir::ValueRange in) {
  Value context = in[0], base = in[1], stride = in[2], positions = in[3], columns = in[4], rows = in[5];
  Value full = code.multiply(code.divide(positions, 4), 4);
  Value count = code.splat(code.toFloat(positions));
  code.loop(code.integer(0), rows, 1, [&](Value row) {
    Value image = code.advance(base, code.multiply(code.multiply(row, positions), stride));
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      Value start = code.advance(image, code.multiply(column, 4));
      auto value = [&](Value position) { return code.load(code.advance(start, code.multiply(position, stride))); };
      Values zeros(4, code.splat(0.0));
      Values sums = code.loop(code.integer(0), full, code.integer(4), zeros, [&](Value position, mlir::ValueRange carried) {
        Values next;
        for (int64_t i = 0; i < 4; ++i)
          next.push_back(code.addF(carried[i], value(code.add(position, i))));
        return next;
      });
      Value sum = code.addF(code.addF(sums[0], sums[1]), code.addF(sums[2], sums[3]));
      sum = code.loop(full, positions, code.integer(1), {sum}, [&](Value position, mlir::ValueRange carried) {
        return Values{code.addF(carried[0], value(position))};
      })[0];
      ChainEmitter emitter(code, chain, context);
      emitter.moveTo(row, column);
      emitter.emit(code.divideF(sum, count));
    });
  });
}

void emitAveragePool(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range, int64_t positions) {
  std::string name = sharedName("average", chain.key);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { defineAveragePool(code, chain, in); });
  code.call(name, {range.context, input.base, input.stride, code.integer(positions), code.integer(range.columns), range.rows});
}

} // namespace archc::cpu
