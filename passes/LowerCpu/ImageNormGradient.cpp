//===- ImageNormGradient.cpp - Gradients of norms over whole images -------===//
//
// Sums per channel over the positions of an image, in chunks added in order; then over the channels of a group in f64. Mean first, as
// the other sums are over deviations from it. What rows then need lies in scratch as four channel vectors, zero beyond the channels.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/OuterProduct.h"
#include "passes/LowerCpu/RowGradients.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace archc::cpu {

static const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;

namespace {
/// Channel vectors in scratch, in order; the sums of one pass follow them.
enum Vector { Mean, Rstd, Shift, Slope, Sums, VectorCount = Sums + 3 };

class ImageNormBuilder {
public:
  ImageNormBuilder(Code &code, double eps, mlir::ValueRange in)
      : code(code), eps(eps), bases{in[0], in[2]}, strides{in[1], in[3]}, positions(in[4]), channels(in[5]), groups(in[6]),
        columns(in[7]), scratch(in[8]) {}

  void build() {
    groupSize = code.divide(channels, groups);
    count = code.toDouble(code.multiply(positions, groupSize));
    clear(Mean, Sums);
    sumOver(1, [&](Value x, Value, Value, llvm::MutableArrayRef<Value> sums) { sums[0] = code.addF(sums[0], x); });
    forGroups([&](Value group) {
      Value mean = code.narrow(code.divideF(groupSum(group, 0), count));
      spread(group, Mean, mean);
    });
    sumOver(3, [&](Value x, Value g, Value mean, llvm::MutableArrayRef<Value> sums) {
      Value d = code.subtractF(x, mean);
      sums[0] = code.fma(d, d, sums[0]);
      sums[1] = code.addF(sums[1], g);
      sums[2] = code.fma(g, d, sums[2]);
    });
    forGroups([&](Value group) {
      Value variance = code.divideF(groupSum(group, 0), count), mean = code.divideF(groupSum(group, 1), count);
      Value rstd = code.divideF(code.number64(1), code.squareRoot(code.addF(variance, code.number64(eps))));
      Value correlation = code.divideF(groupSum(group, 2), count);
      Value slope = code.multiplyF(code.multiplyF(rstd, rstd), code.subtractF(code.number64(0), correlation));
      spread(group, Rstd, code.narrow(rstd));
      spread(group, Shift, code.narrow(mean));
      spread(group, Slope, code.narrow(slope));
    });
  }

private:
  Value vector(int64_t number) { return code.advance(scratch, code.multiply(columns, 4 * number)); }

  void clear(int64_t first, int64_t last) {
    Value end = code.multiply(columns, 4 * (last - first));
    code.loop(code.integer(0), end, code.vectorBytes(),
              [&](Value offset) { code.store(code.splat(0.0), code.advance(vector(first), offset)); });
  }

  /// Adds `count` sums per channel over all positions, a panel of channels and a chunk of positions at a time.
  void sumOver(int64_t sumCount, llvm::function_ref<void(Value x, Value g, Value mean, llvm::MutableArrayRef<Value> sums)> add) {
    clear(Sums, Sums + sumCount);
    code.loop(code.integer(0), positions, kChunkRows, [&](Value first) {
      Value last = code.minimum(code.add(first, kChunkRows), positions);
      code.loop(code.integer(0), code.multiply(columns, 4), 2 * code.vectorBytes(), [&](Value offset) {
        Value means[2];
        for (int64_t v = 0; v < 2; ++v)
          means[v] = code.load(code.advance(code.advance(vector(Mean), offset), v * code.vectorBytes()));
        Values sums(2 * sumCount, code.splat(0.0));
        sums = code.loop(first, last, code.integer(1), sums, [&](Value row, mlir::ValueRange carried) {
          Values next(carried.begin(), carried.end());
          Value x = code.advance(code.advance(bases[0], code.multiply(row, strides[0])), offset);
          Value g = code.advance(code.advance(bases[1], code.multiply(row, strides[1])), offset);
          for (int64_t v = 0; v < 2; ++v)
            add(code.load(code.advance(x, v * code.vectorBytes())), code.load(code.advance(g, v * code.vectorBytes())), means[v],
                llvm::MutableArrayRef<Value>(next).slice(v * sumCount, sumCount));
          return next;
        });
        for (int64_t i = 0; i < 2 * sumCount; ++i) {
          Value at = code.advance(vector(Sums + i % sumCount), offset);
          at = code.advance(at, i / sumCount * code.vectorBytes());
          code.store(code.addF(code.load(at), sums[i]), at);
        }
      });
    });
  }

  void forGroups(llvm::function_ref<void(Value firstChannel)> body) {
    code.loop(code.integer(0), groups, 1, [&](Value group) { body(code.multiply(group, groupSize)); });
  }

  void forChannels(Value first, llvm::function_ref<void(Value offset)> body) {
    code.loop(first, code.add(first, groupSize), 1, [&](Value channel) { body(code.multiply(channel, 4)); });
  }

  Value groupSum(Value first, int64_t number) {
    return code.loop(first, code.add(first, groupSize), code.integer(1), {code.number64(0)},
                     [&](Value channel, mlir::ValueRange carried) {
                       Value sum = code.loadScalar64(code.advance(vector(Sums + number), code.multiply(channel, 4)));
                       return Values{code.addF(carried[0], sum)};
                     })[0];
  }

  void spread(Value first, int64_t number, Value value) {
    forChannels(first, [&](Value offset) { code.storeScalar(value, code.advance(vector(number), offset)); });
  }

  Code &code;
  double eps;
  Value bases[2], strides[2], positions, channels, groups, columns, scratch;
  Value groupSize, count;
};
} // namespace

int64_t imageNormGradScratchBytes(const CpuTarget &target, int64_t channels) {
  return 4 * VectorCount * target.padToPanel(channels);
}

void emitImageNormSums(Code &code, const RowInput &input, const RowInput &gradient, const ImageNormSums &a) {
  std::string key;
  llvm::raw_string_ostream(key) << llvm::format("%a", a.eps);
  std::string name = sharedName("image_norm_sums", key);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, I, P, I, I, I, I, I, P}, /*exported=*/false,
                        [&](mlir::ValueRange in) { ImageNormBuilder(code, a.eps, in).build(); });
  code.call(name, {input.base, input.stride, gradient.base, gradient.stride, code.integer(a.positions), code.integer(a.channels),
                   code.integer(a.groups), code.integer(code.target().padToPanel(a.channels)), a.scratch});
}

static void defineImageNormGrad(Code &code, const BoundChain &chain, mlir::ValueRange in) {
  Value context = in[0], columns = in[5], first = in[6], last = in[7], scratch = in[8];
  code.loop(first, last, 1, [&](Value row) {
    Value x = code.advance(in[1], code.multiply(row, in[2])), g = code.advance(in[3], code.multiply(row, in[4]));
    ChainEmitter emitter(code, chain, context);
    emitter.moveTo(row, code.integer(0));
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      Value offset = code.multiply(column, 4);
      auto vector = [&](int64_t number) {
        return code.load(code.advance(code.advance(scratch, code.multiply(columns, 4 * number)), offset));
      };
      Value d = code.subtractF(code.load(code.advance(x, offset)), vector(Mean));
      Value centred = code.subtractF(code.load(code.advance(g, offset)), vector(Shift));
      ChainEmitter here = emitter;
      here.moveToColumn(column);
      here.emit(code.multiplyF(code.fma(d, vector(Slope), centred), vector(Rstd)));
    });
  });
}

void emitImageNormGrad(Code &code, const BoundChain &chain, const RowInput &input, const RowInput &gradient,
                       const ImageNormGradArguments &a) {
  std::string name = sharedName("image_norm_grad", chain.key);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, P, I, I, I, I, P}, /*exported=*/false,
                        [&](mlir::ValueRange in) { defineImageNormGrad(code, chain, in); });
  code.call(name, {a.range.context, input.base, input.stride, gradient.base, gradient.stride, code.integer(a.range.columns),
                   a.first, a.range.rows, a.scratch});
}

} // namespace archc::cpu
