//===- AttentionGradient.cpp - Gradient of the core of attention ----------===//
//
// Per (image, head), with p = softmax(scale q k^T): for each block of queries the scores and dp = dout v^T by the GEMM tile into rows,
// then p and ds = p (dp - rowsum(p dp)) in place; dq = ds k again by the GEMM tile; dv += p^T dout and dk += ds^T q as outer products
// over the queries of the block. The scale is in the argument of the exponential, and in ds.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/PointwiseEmitter.h"
#include "passes/LowerCpu/Contraction.h"
#include "passes/LowerCpu/HeadPanels.h"
#include "passes/LowerCpu/OuterProduct.h"
#include "passes/LowerCpu/SpecialKernels.h"

#include <cfloat>

namespace archc::cpu {

namespace {
struct AttentionGradLayout {
  int64_t dims, dimColumns;     // head dimension rounded to VL, NR
  int64_t tokens, tokenColumns; // tokens rounded to VL, NR
  int64_t queries, rows;        // per block; room for in blocked values
  OuterProduct product;
  int64_t tiles, panels; // of tokens, of dimensions
  int64_t zeros, tables, query, gradient, queryRows, gradientRows, keys, values, keyRows, scores, products, blocked, factors,
      columns, sums, bytes = 0;

  AttentionGradLayout(const AttentionGradKernel &kernel, const CpuTarget &target) {
    dims = target.padToVector(kernel.headDim);
    dimColumns = target.padToPanel(kernel.headDim);
    tokens = target.padToVector(kernel.tokens);
    tokenColumns = target.padToPanel(kernel.tokens);
    // Scores, products and their blocked copy of a block take a quarter of L2.
    const int64_t tile = target.tileRows;
    queries = std::max<int64_t>(1, target.secondLevelBytes / 4 / (12 * tokenColumns * tile)) * tile;
    queries = std::min({queries, (kernel.tokens + tile - 1) / tile * tile, kChunkRows / tile * tile});
    const int64_t perLine = 16 / target.vectorLength;
    rows = ((queries + perLine - 1) / perLine | 1) * perLine;
    product.tileRows = OuterProduct::chooseTileRows(target, kernel.tokens);
    tiles = (kernel.tokens + product.tileRows - 1) / product.tileRows;
    panels = dimColumns / target.panelWidth();
    allocateAll(target);
  }

private:
  int64_t allocate(int64_t floats) {
    int64_t offset = bytes;
    bytes += (4 * floats + 63) / 64 * 64;
    return offset;
  }

  void allocateAll(const CpuTarget &target) {
    zeros = allocate(std::max(tokenColumns, dimColumns));
    tables = allocate(4 * 2 * kChunkRows); // of addresses
    query = allocate(dims * rows);
    gradient = allocate(dims * rows);
    queryRows = allocate(dimColumns * queries);
    gradientRows = allocate(dimColumns * queries);
    keys = allocate(tokenColumns * dims);
    values = allocate(tokenColumns * dims);
    keyRows = allocate(dimColumns * tokens);
    scores = allocate(tokenColumns * queries);
    products = allocate(tokenColumns * queries);
    blocked = allocate(tokens * rows);
    factors = allocate(tiles * product.factorBytes(target) / 4);
    columns = allocate(panels * product.columnBytes(target) / 4);
    sums = allocate(2 * tiles * panels * product.sumBytes(target) / 4);
  }
};

class AttentionGradBuilder {
public:
  AttentionGradBuilder(Code &code, const AttentionGradKernel &kernel, const KernelArguments &in)
      : code(code), kernel(kernel), in(in), target(code.target()),
        layout(kernel, code.target()), inputs{kernel.tokens, kernel.headDim, 4 * kernel.qkvStride},
        gradients{kernel.tokens, kernel.headDim, 4 * kernel.gradientStride} {
    rowChain = bindChain({{}, {{0, Place::rows(0, 0)}}}, {});
    // Columns of other heads may follow within a panel.
    denseChain = bindChain({{}, {{0, Place::dense(0)}}}, {});
  }

  void build() {
    scoreContext = contextOf(rowChain, at(layout.scores), 4 * layout.tokenColumns);
    productContext = contextOf(rowChain, at(layout.products), 4 * layout.tokenColumns);
    queryContext = contextOf(denseChain, in.scratch, 4 * kernel.qkvStride);
    clear(at(layout.zeros), code.integer(4 * std::max(layout.tokenColumns, layout.dimColumns)));
    qkv = operand(kernel.qkv);
    dout = operand(kernel.gradient);
    result = operand(kernel.output);
    code.loop(in.begin, in.end, 1, [&](Value index) { head(index); });
  }

private:
  // ---- Addresses and contexts

  Value operand(unsigned index) { return code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(index))); }
  Value at(int64_t offset) { return code.advance(in.scratch, offset); }
  Value table(int64_t number) { return at(layout.tables + 8 * kChunkRows * number); }

  Value contextOf(const BoundChain &chain, Value base, int64_t stride) {
    Value context = code.stackSlots(chain.slots.size());
    const int64_t slot = 8 * chain.places[0].slot;
    code.storeSlot(base, code.advance(context, slot));
    code.storeSlot(code.integer(stride), code.advance(context, slot + 8));
    if (chain.places[0].kind == BoundPlace::Dense)
      code.storeSlot(code.integer(kernel.headDim), code.advance(context, slot + 16));
    return context;
  }

  void clear(Value start, Value bytes) {
    code.loop(code.integer(0), bytes, code.vectorBytes(),
              [&](Value offset) { code.store(code.splat(0.0), code.advance(start, offset)); });
  }

  // ---- One head

  void head(Value index) {
    Value image = code.divide(index, kernel.heads), head = code.remainder(index, code.integer(kernel.heads));
    Value firstRow = code.multiply(image, kernel.tokens);
    const int64_t width = 4 * kernel.headDim, part = kernel.heads * width;
    Value offset = code.add(code.multiply(firstRow, inputs.rowBytes), code.multiply(head, width));
    Value query = code.advance(qkv, offset), output = code.advance(result, offset);
    Value gradient = code.advance(dout, code.add(code.multiply(firstRow, gradients.rowBytes), code.multiply(head, width)));
    packTokenPanels(code, inputs, code.advance(query, part), at(layout.keys));
    packTokenPanels(code, inputs, code.advance(query, 2 * part), at(layout.values));
    packDimPanels(code, inputs, code.advance(query, part), at(layout.keyRows));
    clear(at(layout.sums), code.integer(2 * sumBytes()));
    if (kernel.qkvStride > 3 * kernel.heads * kernel.headDim)
      code.ifThen(code.equal(head, code.integer(kernel.heads - 1)), [&] {
        clearColumns(code, inputs, code.advance(output, 2 * part + width), kernel.qkvStride - 3 * kernel.heads * kernel.headDim);
      });
    code.loop(code.integer(0), code.integer(kernel.tokens), layout.queries, [&](Value first) {
      Value rows = code.minimum(code.integer(layout.queries), code.subtract(code.integer(kernel.tokens), first));
      block(code.advance(query, code.multiply(first, inputs.rowBytes)),
            code.advance(gradient, code.multiply(first, gradients.rowBytes)),
            code.advance(output, code.multiply(first, inputs.rowBytes)), rows);
    });
    writeSums(code.advance(output, part), 0);
    writeSums(code.advance(output, 2 * part), 1);
  }

  int64_t sumBytes() { return layout.tiles * layout.panels * layout.product.sumBytes(target); }

  void block(Value query, Value gradient, Value output, Value rows) {
    copyRows(inputs, query, rows, {at(layout.query), at(layout.queryRows)});
    copyRows(gradients, gradient, rows, {at(layout.gradient), at(layout.gradientRows)});
    contract(rowChain, scoreContext, {layout.query, layout.keys, layout.dims, layout.tokenColumns}, rows);
    contract(rowChain, productContext, {layout.gradient, layout.values, layout.dims, layout.tokenColumns}, rows);
    code.loop(code.integer(0), rows, 1, [&](Value row) { softmaxGradient(row); });
    code.storeSlot(output, code.advance(queryContext, 8 * denseChain.places[0].slot));
    contract(denseChain, queryContext, {layout.blocked, layout.keyRows, layout.tokens, layout.dimColumns}, rows);
    accumulate(layout.products, layout.queryRows, 0, rows);
    accumulate(layout.scores, layout.gradientRows, 1, rows);
  }

  struct Copies {
    Value blocked, rows;
  };

  void copyRows(const HeadRows &head, Value from, Value rows, const Copies &to) {
    code.loop(code.integer(0), rows, 1, [&](Value row) {
      Value start = code.advance(from, code.multiply(row, head.rowBytes));
      Value blocked = code.advance(to.blocked, code.multiply(row, code.vectorBytes()));
      Value plain = code.advance(to.rows, code.multiply(row, 4 * layout.dimColumns));
      code.loop(code.integer(0), code.integer(layout.dims), code.lanes(), [&](Value dim) {
        Value value = loadDims(code, head, start, dim);
        Value step = code.multiply(code.divide(dim, code.lanes()), layout.rows * code.vectorBytes());
        code.store(value, code.advance(blocked, step));
        code.store(value, code.advance(plain, code.multiply(dim, 4)));
      });
      code.loop(code.integer(layout.dims), code.integer(layout.dimColumns), code.lanes(),
                [&](Value dim) { code.store(code.splat(0.0), code.advance(plain, code.multiply(dim, 4))); });
    });
  }

  struct Product {
    int64_t a, b, k, columns; // offsets of the operands; extents
  };

  void contract(const BoundChain &chain, Value context, const Product &product, Value rows) {
    emitContraction(code, chain,
                    {context, at(product.a), code.integer(layout.rows * code.vectorBytes()), at(product.b),
                     code.integer(product.k / code.lanes()), code.integer(0), code.integer(product.columns / target.panelWidth()),
                     rows});
  }

  /// Scores and dp of a row become p and scale * ds; that also goes to its blocked copy.
  void softmaxGradient(Value row) {
    Value scores = code.advance(at(layout.scores), code.multiply(row, 4 * layout.tokenColumns));
    Value products = code.advance(at(layout.products), code.multiply(row, 4 * layout.tokenColumns));
    Value zero = code.splat(0.0);
    const int64_t last = layout.tokens - code.lanes();
    Value mask = code.laneMask(code.integer(0), code.integer(kernel.tokens - last));
    auto each = [&](Value start, llvm::function_ref<Value(Value offset, bool isLast, Value carried)> step) {
      Value carried = code.loop(code.integer(0), code.integer(4 * last), code.integer(code.vectorBytes()), {start},
                                [&](Value offset, mlir::ValueRange values) { return Values{step(offset, false, values[0])}; })[0];
      return step(code.integer(4 * last), true, carried);
    };
    auto load = [&](Value from, Value offset) { return code.load(code.advance(from, offset)); };
    Value lowest = code.splat(-static_cast<double>(FLT_MAX));
    Value largest = each(lowest, [&](Value offset, bool isLast, Value carried) {
      Value score = load(scores, offset);
      return code.maximumF(carried, isLast ? code.select(mask, score, lowest) : score);
    });
    largest = code.splat(code.maximumOfLanes(largest));
    Value sum = each(zero, [&](Value offset, bool isLast, Value carried) {
      Value e = emitScaledExp(code, code.subtractF(load(scores, offset), largest), kernel.scale);
      e = isLast ? code.select(mask, e, zero) : e;
      code.store(e, code.advance(scores, offset));
      return code.addF(carried, e);
    });
    Value factor = code.splat(code.divideF(code.number(1), code.sumOfLanes(sum)));
    Value mean = each(zero, [&](Value offset, bool, Value carried) {
      Value p = code.multiplyF(load(scores, offset), factor);
      code.store(p, code.advance(scores, offset));
      return code.fma(p, load(products, offset), carried);
    });
    mean = code.splat(code.sumOfLanes(mean));
    Value blocked = code.advance(at(layout.blocked), code.multiply(row, code.vectorBytes()));
    each(zero, [&](Value offset, bool, Value carried) {
      Value ds = code.multiplyF(load(scores, offset), code.subtractF(load(products, offset), mean));
      ds = code.multiplyF(ds, code.splat(kernel.scale));
      code.store(ds, code.advance(products, offset));
      Value step = code.multiply(code.divide(offset, code.vectorBytes()), layout.rows * code.vectorBytes());
      code.store(ds, code.advance(blocked, step));
      return carried;
    });
  }

  /// sums[number][token][dim] += sum over the block's rows of left[row][token] * right[row][dim].
  void accumulate(int64_t left, int64_t right, int64_t number, Value rows) {
    Value steps = code.divideUp(rows, code.integer(kStepRows)), zero = code.integer(0);
    code.loop(zero, code.multiply(steps, kStepRows), 1, [&](Value row) {
      Value inside = code.less(row, rows);
      auto fill = [&](Value table, int64_t start, int64_t stride) {
        Value address = code.select(inside, code.advance(at(start), code.multiply(row, 4 * stride)), at(layout.zeros));
        code.storeSlot(address, code.advance(table, code.multiply(row, 8)));
      };
      fill(table(0), left, layout.tokenColumns);
      fill(table(1), right, layout.dimColumns);
    });
    Value tiles = code.integer(layout.tiles), panels = code.integer(layout.panels);
    emitPackFactors(code, layout.product, {table(0), steps, zero, code.integer(kernel.tokens), tiles, at(layout.factors)});
    emitPackColumns(code, layout.product, {table(1), steps, zero, panels, at(layout.columns)});
    emitAccumulate(code, layout.product,
                   {at(layout.factors), at(layout.columns), at(layout.sums + number * sumBytes()), steps, tiles, panels, table(0),
                    zero, table(1), zero});
  }

  void writeSums(Value output, int64_t number) {
    const int64_t width = target.panelWidth();
    code.loop(code.integer(0), code.integer(kernel.tokens), 1, [&](Value token) {
      Value to = code.advance(output, code.multiply(token, inputs.rowBytes));
      Value from = code.advance(at(layout.sums + number * sumBytes()), code.multiply(token, 4 * width));
      code.loop(code.integer(0), code.integer(kernel.headDim), code.lanes(), [&](Value dim) {
        Value panel = code.multiply(code.divide(dim, width), layout.tiles * layout.product.sumBytes(target));
        Value value =
            code.load(code.advance(code.advance(from, panel), code.multiply(code.remainder(dim, code.integer(width)), 4)));
        Value address = code.advance(to, code.multiply(dim, 4));
        if (kernel.headDim % code.lanes() == 0)
          code.store(value, address);
        else
          code.storeMasked(value, address, code.laneMask(code.integer(0), code.subtract(code.integer(kernel.headDim), dim)));
      });
    });
  }

  Code &code;
  const AttentionGradKernel &kernel;
  const KernelArguments &in;
  const CpuTarget &target;
  AttentionGradLayout layout;
  HeadRows inputs, gradients;
  BoundChain rowChain, denseChain;
  Value scoreContext, productContext, queryContext, qkv, dout, result;
};
} // namespace

int64_t attentionGradScratchBytes(const AttentionGradKernel &kernel, const CpuTarget &target) {
  return AttentionGradLayout(kernel, target).bytes;
}

void emitAttentionGrad(Code &code, const AttentionGradKernel &kernel, const KernelArguments &arguments) {
  AttentionGradBuilder(code, kernel, arguments).build();
}

} // namespace archc::cpu
