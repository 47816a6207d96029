//===- Attention.cpp - The core of multi-head attention -------------------===//
//
// Per (image, head): K is packed transposed and V as it is into panels; then for each block of queries: q into blocked form,
// scores by the GEMM tile straight into the blocked form of the second product, softmax in place, product with V, 1/sum in the epilogue.
// The scale is part of the exponential's argument: in q it would round every element, and on the scores every score and the largest.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/PointwiseEmitter.h"
#include "passes/LowerCpu/Contraction.h"
#include "passes/LowerCpu/HeadPanels.h"
#include "passes/LowerCpu/SpecialKernels.h"

#include <cfloat>

namespace archc::cpu {

namespace {
struct AttentionLayout {
  int64_t dims, dimColumns;     // head dimension rounded to VL, NR
  int64_t tokens, tokenColumns; // tokens rounded to VL, NR
  int64_t queries, rows;        // per block; room for
  int64_t zeros, query, keys, values, scores, factors, bytes;

  AttentionLayout(const AttentionKernel &kernel, const CpuTarget &target) {
    dims = target.padToVector(kernel.headDim);
    dimColumns = target.padToPanel(kernel.headDim);
    tokens = target.padToVector(kernel.tokens);
    tokenColumns = target.padToPanel(kernel.tokens);
    // Scores of a block in L1: they are written once and read three times.
    queries = target.tileRows * std::max<int64_t>(1, 24 * 1024 / (4 * tokenColumns * target.tileRows));
    queries = std::min(queries, (kernel.tokens + target.tileRows - 1) / target.tileRows * target.tileRows);
    const int64_t perLine = 16 / target.vectorLength;
    rows = ((queries + perLine - 1) / perLine | 1) * perLine;
    bytes = 0;
    auto allocate = [&](int64_t floats) {
      int64_t offset = bytes;
      bytes += (4 * floats + 63) / 64 * 64;
      return offset;
    };
    zeros = allocate(target.vectorLength);
    query = allocate(dims * rows);
    keys = allocate(tokenColumns * dims);
    values = allocate(dimColumns * tokens);
    scores = allocate(tokenColumns * rows);
    factors = allocate(rows);
  }
};

class AttentionBuilder {
public:
  AttentionBuilder(Code &code, const AttentionKernel &kernel, const KernelArguments &in)
      : code(code), kernel(kernel), in(in), inputs{kernel.tokens, kernel.headDim, 4 * kernel.qkvStride},
        layout(kernel, code.target()) {
    Chain scores, output;
    scores.sinks = {{0, Place::blocked(0)}};
    scoreChain = bindChain(scores, {});
    // Whole panels may be stored where no other head's columns follow within them.
    whole = kernel.headDim % code.target().panelWidth() == 0;
    output.steps = {{"mf.scale", {Source::value(), Source::rowScalar(0)}}};
    output.sinks = {{1, whole ? Place::rows(0, 0) : Place::dense(0)}};
    outputChain = bindChain(output, {});
  }

  void build() {
    scoreContext = code.stackSlots(scoreChain.slots.size());
    outputContext = code.stackSlots(outputChain.slots.size());
    qkv = code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(kernel.qkv)));
    result = code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(kernel.output)));
    code.store(code.splat(0.0), at(layout.zeros));
    inputBytes = code.integer(4 * kernel.qkvStride);
    fill(scoreContext, scoreChain, at(layout.scores), layout.rows * code.vectorBytes());
    code.loop(in.begin, in.end, 1, [&](Value index) { head(index); });
  }

private:
  Value at(int64_t offset) { return code.advance(in.scratch, offset); }

  /// Slots of a chain whose only place is its sink; a row factor comes first.
  void fill(Value context, const BoundChain &chain, Value base, int64_t stride) {
    const unsigned slot = chain.places[0].slot;
    code.storeSlot(base, code.advance(context, 8 * slot));
    code.storeSlot(code.integer(stride), code.advance(context, 8 * slot + 8));
    if (chain.places[0].kind == BoundPlace::Dense)
      code.storeSlot(code.integer(kernel.headDim), code.advance(context, 8 * slot + 16));
  }

  void head(Value index) {
    Value image = code.divide(index, kernel.heads), head = code.remainder(index, code.integer(kernel.heads));
    Value firstRow = code.multiply(image, kernel.tokens);
    const int64_t width = 4 * kernel.headDim;
    Value query = code.advance(code.advance(qkv, code.multiply(firstRow, 4 * kernel.qkvStride)), code.multiply(head, width));
    Value output =
        code.advance(code.advance(result, code.multiply(firstRow, 4 * kernel.outputStride)), code.multiply(head, width));
    packTokenPanels(code, inputs, code.advance(query, kernel.heads * width), at(layout.keys));
    packDimPanels(code, inputs, code.advance(query, 2 * kernel.heads * width), at(layout.values));
    if (kernel.outputStride > kernel.heads * kernel.headDim)
      code.ifThen(code.equal(head, code.integer(kernel.heads - 1)), [&] {
        clearColumns(code, {kernel.tokens, kernel.headDim, 4 * kernel.outputStride}, code.advance(output, width),
                     kernel.outputStride - kernel.heads * kernel.headDim);
      });
    code.loop(code.integer(0), code.integer(kernel.tokens), layout.queries, [&](Value first) {
      Value rows = code.minimum(code.integer(layout.queries), code.subtract(code.integer(kernel.tokens), first));
      packQueries(code.advance(query, code.multiply(first, inputBytes)), rows);
      emitContraction(code, scoreChain,
                      {scoreContext, at(layout.query), code.integer(layout.rows * code.vectorBytes()), at(layout.keys),
                       code.integer(layout.dims / code.lanes()), code.integer(0),
                       code.integer(layout.tokenColumns / code.target().panelWidth()), rows});
      softmax(rows);
      fill(outputContext, outputChain, code.advance(output, code.multiply(first, 4 * kernel.outputStride)),
           4 * kernel.outputStride);
      code.storeSlot(at(layout.factors), code.advance(outputContext, 0));
      emitContraction(code, outputChain,
                      {outputContext, at(layout.scores), code.integer(layout.rows * code.vectorBytes()), at(layout.values),
                       code.integer(layout.tokens / code.lanes()), code.integer(0),
                       code.integer(layout.dimColumns / code.target().panelWidth()), rows});
    });
  }

  void packQueries(Value from, Value rows) {
    code.loop(code.integer(0), rows, 1, [&](Value row) {
      Value start = code.advance(from, code.multiply(row, inputBytes));
      Value to = code.advance(at(layout.query), code.multiply(row, code.vectorBytes()));
      code.loop(code.integer(0), code.integer(layout.dims), code.lanes(), [&](Value dim) {
        Value block = code.multiply(code.divide(dim, code.lanes()), layout.rows * code.vectorBytes());
        code.store(loadDims(code, inputs, start, dim), code.advance(to, block));
      });
    });
  }

  /// exp(scale * (x - max)) in place and 1/sum, a few rows at once.
  void softmax(Value rows) {
    constexpr int64_t together = 2;
    Value full = code.multiply(code.divide(rows, together), together);
    code.loop(code.integer(0), full, together, [&](Value row) { softmaxRows(row, together); });
    code.loop(full, rows, 1, [&](Value row) { softmaxRows(row, 1); });
  }

  void softmaxRows(Value row, int64_t count) {
    const int64_t blockBytes = layout.rows * code.vectorBytes();
    Value lastBlock = code.integer((layout.tokens / code.lanes() - 1) * blockBytes), zero = code.integer(0);
    Value step = code.integer(blockBytes);
    const int64_t inLast = kernel.tokens - (layout.tokens - code.lanes());
    Value mask = code.laneMask(zero, code.integer(inLast));
    Values starts;
    for (int64_t r = 0; r < count; ++r)
      starts.push_back(code.advance(at(layout.scores), code.multiply(code.add(row, r), code.vectorBytes())));
    Values largest(count, code.splat(-static_cast<double>(FLT_MAX)));
    largest = code.loop(zero, lastBlock, step, largest, [&](Value offset, mlir::ValueRange carried) {
      Values next;
      for (int64_t r = 0; r < count; ++r)
        next.push_back(code.maximumF(carried[r], code.load(code.advance(starts[r], offset))));
      return next;
    });
    Values sums(count, code.splat(0.0));
    for (int64_t r = 0; r < count; ++r) {
      Value tail = code.select(mask, code.load(code.advance(starts[r], lastBlock)), largest[r]);
      largest[r] = code.splat(code.maximumOfLanes(code.maximumF(largest[r], tail)));
    }
    auto exponential = [&](int64_t r, Value offset) {
      Value difference = code.subtractF(code.load(code.advance(starts[r], offset)), largest[r]);
      return emitScaledExp(code, difference, kernel.scale);
    };
    sums = code.loop(zero, lastBlock, step, sums, [&](Value offset, mlir::ValueRange carried) {
      Values next;
      for (int64_t r = 0; r < count; ++r) {
        Value e = exponential(r, offset);
        code.store(e, code.advance(starts[r], offset));
        next.push_back(code.addF(carried[r], e));
      }
      return next;
    });
    for (int64_t r = 0; r < count; ++r) {
      Value e = code.select(mask, exponential(r, lastBlock), code.splat(0.0));
      code.store(e, code.advance(starts[r], lastBlock));
      Value factor = code.divideF(code.number(1), code.sumOfLanes(code.addF(sums[r], e)));
      code.storeScalar(factor, code.advance(at(layout.factors), code.multiply(code.add(row, r), 4)));
    }
  }

  Code &code;
  const AttentionKernel &kernel;
  const KernelArguments &in;
  HeadRows inputs;
  AttentionLayout layout;
  BoundChain scoreChain, outputChain;
  bool whole = false;
  Value scoreContext, outputContext, qkv, result, inputBytes;
};
} // namespace

int64_t attentionScratchBytes(const AttentionKernel &kernel, const CpuTarget &target) {
  return AttentionLayout(kernel, target).bytes;
}

void emitAttention(Code &code, const AttentionKernel &kernel, const KernelArguments &arguments) {
  AttentionBuilder(code, kernel, arguments).build();
}

} // namespace archc::cpu
