//===- Losses.cpp - Losses of rows of logits, and their gradients ----------===//
//
// Classes are few and rows are images, so every load is masked: logits and targets may be dense rows.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/PointwiseEmitter.h"
#include "passes/LowerCpu/RowGradients.h"

#include "llvm/Support/raw_ostream.h"

#include <cfloat>

namespace archc::cpu {

namespace {
class LossBuilder {
public:
  LossBuilder(Code &code, const BoundChain &chain, LossRows::Kind kind, bool gradient, mlir::ValueRange in)
      : code(code), chain(chain), kind(kind), gradient(gradient), context(in[0]), bases{in[1], in[3]}, strides{in[2], in[4]},
        classes(in[5]), columns(in[6]), rows(in[7]) {}

  void build() {
    code.loop(code.integer(0), rows, 1, [&](Value row) {
      for (int64_t map = 0; map < 2; ++map)
        starts[map] = code.advance(bases[map], code.multiply(row, strides[map]));
      emitter.emplace(code, chain, context);
      emitter->moveTo(row, code.integer(0));
      kind == LossRows::CrossEntropy ? crossEntropy() : binary();
    });
  }

private:
  struct Item {
    Value logit, target, mask;
  };
  Item item(Value column) {
    Value mask = code.laneMask(code.integer(0), code.subtract(classes, column)), offset = code.multiply(column, 4);
    return {code.loadMasked(code.advance(starts[0], offset), mask), code.loadMasked(code.advance(starts[1], offset), mask), mask};
  }

  Value kept(const Item &item, Value value) { return code.select(item.mask, value, code.splat(0.0)); }

  /// Sums over the classes; `add` gives what a vector of classes contributes.
  Values sums(size_t count, llvm::function_ref<Values(const Item &item)> add) {
    Values zeros(count, code.splat(0.0));
    Values totals =
        code.loop(code.integer(0), classes, code.integer(code.lanes()), zeros, [&](Value column, mlir::ValueRange carried) {
          Item here = item(column);
          Values more = add(here), next;
          for (size_t i = 0; i < count; ++i)
            next.push_back(code.addF(carried[i], kept(here, more[i])));
          return next;
        });
    for (Value &total : totals)
      total = code.sumOfLanes(total);
    return totals;
  }

  Value largestLogit() {
    Value start = code.splat(-static_cast<double>(FLT_MAX));
    Value largest =
        code.loop(code.integer(0), classes, code.integer(code.lanes()), {start}, [&](Value column, mlir::ValueRange carried) {
          Item here = item(column);
          return Values{code.maximumF(carried[0], code.select(here.mask, here.logit, start))};
        })[0];
    return code.splat(code.maximumOfLanes(largest));
  }

  void crossEntropy() {
    Value largest = largestLogit();
    auto shifted = [&](const Item &item) { return code.subtractF(item.logit, largest); };
    Values totals = sums(3, [&](const Item &item) {
      return Values{emitExp(code, shifted(item)), item.target, code.multiplyF(item.target, shifted(item))};
    });
    if (!gradient)
      return single(code.subtractF(code.multiplyF(totals[1], emitLog(code, totals[0])), totals[2]));
    Value factor = code.splat(code.divideF(totals[1], totals[0]));
    perClass([&](const Item &item) { return code.subtractF(code.multiplyF(emitExp(code, shifted(item)), factor), item.target); });
  }

  void binary() {
    Value count = code.toFloat(classes);
    if (gradient)
      return perClass([&](const Item &item) {
        return code.divideF(code.subtractF(emitSigmoid(code, item.logit), item.target), code.splat(count));
      });
    Value total = sums(1, [&](const Item &item) {
      Value positive = code.maximumF(item.logit, code.splat(0.0));
      Value linear = code.subtractF(positive, code.multiplyF(item.logit, item.target));
      return Values{code.addF(linear, emitSoftplusTail(code, code.absolute(item.logit)))};
    })[0];
    single(code.divideF(total, count));
  }

  void perClass(llvm::function_ref<Value(const Item &item)> value) {
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      Item here = item(column);
      ChainEmitter place = *emitter;
      place.moveToColumn(column);
      place.emit(kept(here, value(here)));
    });
  }

  /// One channel.
  void single(Value loss) {
    Value first = code.laneMask(code.integer(0), code.integer(1));
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      Value isFirst = code.equal(column, code.integer(0));
      ChainEmitter place = *emitter;
      place.moveToColumn(column);
      place.emit(code.select(first, code.splat(code.select(isFirst, loss, code.number(0))), code.splat(0.0)));
    });
  }

  Code &code;
  const BoundChain &chain;
  LossRows::Kind kind;
  bool gradient;
  Value context, bases[2], strides[2], classes, columns, rows;
  Value starts[2];
  std::optional<ChainEmitter> emitter;
};
} // namespace

void emitLossRows(Code &code, const BoundChain &chain, const RowInput &logits, const RowInput &targets, const LossArguments &a) {
  std::string key;
  llvm::raw_string_ostream(key) << a.kind << a.gradient << chain.key;
  std::string name = sharedName("loss", key);
  const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, P, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { LossBuilder(code, chain, a.kind, a.gradient, in).build(); });
  code.call(name, {a.range.context, logits.base, logits.stride, targets.base, targets.stride, code.integer(a.classes),
                   code.integer(a.range.columns), a.range.rows});
}

} // namespace archc::cpu
