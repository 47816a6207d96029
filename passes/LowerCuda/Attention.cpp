//===- Attention.cpp - Attention without a matrix of scores ---------------===//
//
// A thread block takes 32 queries of one head, a warp four of them. Keys and values come by in tiles of 32, a lane per key for the
// scores, a lane per dimension for the result. The softmax runs along: when a larger score appears, what has been summed up is scaled
// down. Tiles come in ascending order, so bits depend on nothing but the number of tokens.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/PointwiseEmitter.h"
#include "passes/LowerCuda/BuildGpuKernel.h"
#include "passes/LowerCuda/SpecialKernels.h"

#include <cfloat>

namespace archc::cuda {

static constexpr int64_t kKeys = kWarp, kPerWarp = kQueries / kWarps;

int64_t attentionBytes(const AttentionKernel &kernel) {
  return 4 * (kQueries * kernel.headDim + kKeys * (kernel.headDim + 1) + kKeys * kernel.headDim);
}

namespace {
class AttentionBuilder {
public:
  AttentionBuilder(Code &code, const AttentionKernel &kernel, mlir::ValueRange arguments)
      : code(code), kernel(kernel), qkv(arguments[kernel.qkv]), output(arguments[kernel.output]), dim(kernel.headDim),
        perLane((dim + kWarp - 1) / kWarp), parts((kernel.tokens + kQueries - 1) / kQueries) {
    Value of = code.divide(code.block(), parts);
    firstQuery = code.multiply(code.remainder(code.block(), code.integer(parts)), kQueries);
    image = code.divide(of, kernel.heads);
    head = code.remainder(of, code.integer(kernel.heads));
    queries = code.shared(0);
    keys = code.shared(4 * kQueries * dim);
    values = code.shared(4 * (kQueries * dim + kKeys * (dim + 1)));
  }

  void build() {
    stage(firstQuery, 0, queries, dim);
    Values state;
    for (int64_t q = 0; q < kPerWarp; ++q) {
      state.push_back(code.number(-static_cast<double>(FLT_MAX)));
      state.append(1 + perLane, code.number(0));
    }
    state = code.loop(code.integer(0), code.integer(kernel.tokens), code.integer(kKeys), state,
                      [&](Value firstKey, mlir::ValueRange carried) {
                        code.barrier();
                        stage(firstKey, 1, keys, dim + 1);
                        stage(firstKey, 2, values, dim);
                        code.barrier();
                        return addTile(firstKey, carried);
                      });
    for (int64_t q = 0; q < kPerWarp; ++q)
      finish(q, llvm::ArrayRef<Value>(state).slice(q * (2 + perLane), 2 + perLane));
  }

private:
  /// Element 0 of the head's part `part` (query, key, value) of a token.
  Value rowOf(Value token, int64_t part) {
    Value row = code.add(code.multiply(image, kernel.tokens), token);
    Value column = code.add(code.multiply(head, dim), part * kernel.heads * dim);
    return code.element(qkv, code.add(code.multiply(row, kernel.qkvStride), column));
  }

  /// 32 tokens from `first` on; those beyond the last repeat it.
  void stage(Value first, int64_t part, Value to, int64_t stride) {
    code.loop(code.thread(), code.integer(kKeys * dim), kThreads, [&](Value i) {
      Value row = code.divide(i, dim), d = code.remainder(i, code.integer(dim));
      Value token = code.minimum(code.add(first, row), code.integer(kernel.tokens - 1));
      code.storeScalar(code.loadElement(rowOf(token, part), d), code.element(to, code.add(code.multiply(row, stride), d)));
    });
  }

  Value queryRow(int64_t q) {
    return code.element(queries, code.multiply(code.add(code.multiply(code.warp(), kPerWarp), q), dim));
  }
  /// The lane's dimension number `j`; lanes without one repeat the last.
  Value dimension(int64_t j) { return code.minimum(code.add(code.lane(), j * kWarp), code.integer(dim - 1)); }

  /// Of the lane's key with each of the warp's queries.
  Values scores() {
    Values zeros(kPerWarp, code.number(0));
    Value key = code.element(keys, code.multiply(code.lane(), dim + 1));
    return code.loop(code.integer(0), code.integer(dim), code.integer(1), zeros, [&](Value d, mlir::ValueRange sums) {
      Value k = code.loadElement(key, d);
      Values next;
      for (int64_t q = 0; q < kPerWarp; ++q)
        next.push_back(code.fma(code.loadElement(queryRow(q), d), k, sums[q]));
      return next;
    });
  }

  /// `carried` per query: the largest score, the lane's part of the sum of exponentials, the lane's dimensions of the result.
  Values addTile(Value firstKey, mlir::ValueRange carried) {
    Values all = scores(), state(carried.begin(), carried.end()), weights;
    Value exists = code.less(code.add(firstKey, code.lane()), code.integer(kernel.tokens));
    for (int64_t q = 0; q < kPerWarp; ++q) {
      Value *own = &state[q * (2 + perLane)];
      Value score = code.select(exists, all[q], code.number(-static_cast<double>(FLT_MAX)));
      Value largest = code.maximumF(own[0], code.maximumOfWarp(score));
      Value factor = emitScaledExp(code, code.subtractF(own[0], largest), kernel.scale);
      Value weight = emitScaledExp(code, code.subtractF(score, largest), kernel.scale);
      weights.push_back(code.select(exists, weight, code.number(0)));
      own[0] = largest;
      own[1] = code.fma(own[1], factor, weights.back());
      for (int64_t j = 0; j < perLane; ++j)
        own[2 + j] = code.multiplyF(own[2 + j], factor);
    }
    for (int64_t key = 0; key < kKeys; ++key)
      for (int64_t j = 0; j < perLane; ++j) {
        Value value = code.loadElement(values, code.add(dimension(j), key * dim));
        for (int64_t q = 0; q < kPerWarp; ++q) {
          Value &sum = state[q * (2 + perLane) + 2 + j];
          sum = code.fma(code.fromLane(weights[q], key), value, sum);
        }
      }
    return state;
  }

  void finish(int64_t q, llvm::ArrayRef<Value> state) {
    Value factor = code.divideF(code.number(1), code.sumOfWarp(state[1]));
    Value query = code.add(firstQuery, code.add(code.multiply(code.warp(), kPerWarp), q));
    code.ifThen(code.less(query, code.integer(kernel.tokens)), [&] {
      Value row = code.add(code.multiply(image, kernel.tokens), query);
      Value start = code.element(output, code.multiply(row, kernel.outputStride));
      for (int64_t j = 0; j < perLane; ++j) {
        Value d = code.add(code.lane(), j * kWarp);
        code.ifThen(code.less(d, code.integer(dim)), [&] {
          code.storeScalar(code.multiplyF(state[2 + j], factor), code.element(start, code.add(code.multiply(head, dim), d)));
        });
      }
      clearPadding(start);
    });
  }

  /// Columns behind the last head's are read as finite numbers.
  void clearPadding(Value start) {
    const int64_t columns = kernel.heads * dim;
    if (columns == kernel.outputStride)
      return;
    Value column = code.add(code.lane(), columns);
    Value isLast = code.equal(head, code.integer(kernel.heads - 1));
    code.ifThen(code.both(isLast, code.less(column, code.integer(kernel.outputStride))),
                [&] { code.storeScalar(code.number(0), code.element(start, column)); });
  }

  Code &code;
  const AttentionKernel &kernel;
  Value qkv, output;
  int64_t dim, perLane, parts;
  Value firstQuery, image, head, queries, keys, values;
};
} // namespace

void emitAttention(Code &code, const AttentionKernel &kernel, mlir::ValueRange arguments) {
  AttentionBuilder(code, kernel, arguments).build();
}

} // namespace archc::cuda
