//===- Contraction.cpp - The GEMM of all kernels --------------------------===//
//
// contract: panels outer, row tiles inner, so that a panel stays in L1/L2 while all rows of the block pass over it.
// tile: MR x NR accumulators in registers, the epilogue on the registers. Each output is one fma chain per segment of K, and the
// segments' sums are added in order: rounding grows with a segment's length and not with K, as in the BLAS libraries that results are
// compared with. Every variant adds the same products in the same order, so results do not depend on how rows are cut into tiles.
// While the tiles of one panel run, they prefetch the next one, a few lines per iteration of the k loop.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/Contraction.h"

namespace archc::cpu {

namespace {

/// Arguments of a tile function, in order.
enum TileArgument { Context, A, ABlockBytes, B, KBlocks, FirstRow, Count, Column, FirstTile, NextPanel, TileArgumentCount };

/// Products that one chain adds up; a multiple of every target's `unroll`.
constexpr int64_t kSegment = 128;

class TileBuilder {
public:
  TileBuilder(Code &code, const BoundChain &chain, unsigned rows, mlir::ValueRange arguments)
      : code(code), chain(chain), rows(rows), arguments(arguments), target(code.target()),
        prefetchesPerChunk(target.panelWidth() / 8) {}

  void build() {
    chunks = code.multiply(arguments[KBlocks], target.vectorLength / target.unroll);
    Value rowBytes = code.integer(code.vectorBytes());
    code.loop(code.integer(0), arguments[Count], 1, [&](Value tile) {
      Value row = code.add(arguments[FirstRow], code.multiply(tile, rows));
      Value a = code.advance(arguments[A], code.multiply(row, rowBytes));
      Values sums = products(a, prefetchStart(code.add(arguments[FirstTile], tile)));
      epilogue(row, sums);
    });
  }

private:
  /// Where tile number `tile` of the panel starts prefetching; past the panel's end the first lines again, which is harmless.
  Value prefetchStart(Value tile) {
    Value offset = code.multiply(code.multiply(chunks, prefetchesPerChunk * 64), tile);
    Value panel = code.multiply(arguments[KBlocks], target.vectorLength * target.panelWidth() * 4);
    return code.advance(arguments[NextPanel], code.select(code.less(offset, panel), offset, code.integer(0)));
  }

  Values products(Value a, Value prefetch) {
    // Within a VL block of k the next chunk is `unroll` floats on; after its last chunk the next block follows.
    const bool twoChunks = target.unroll < target.vectorLength;
    Value within = code.integer(4 * static_cast<int64_t>(target.unroll));
    Value toNext = twoChunks ? code.subtract(arguments[ABlockBytes], within) : arguments[ABlockBytes];
    Values carried{a, arguments[B], prefetch};
    if (twoChunks)
      carried.append({within, toNext});
    size_t first = carried.size();
    for (unsigned i = 0; i < 2 * rows; ++i)
      carried.push_back(code.splat(0.0));
    auto chunk = [&](Value, mlir::ValueRange values) {
      Values next(values.begin(), values.end());
      llvm::MutableArrayRef<Value> sums = llvm::MutableArrayRef<Value>(next).drop_front(first);
      for (unsigned k = 0; k < target.unroll; ++k)
        step(values[0], values[1], k, sums);
      for (int64_t line = 0; line < prefetchesPerChunk; ++line)
        code.prefetch(code.advance(values[2], 64 * line));
      next[0] = code.advance(values[0], twoChunks ? values[3] : toNext);
      next[1] = code.advance(values[1], 4 * target.unroll * target.panelWidth());
      next[2] = code.advance(values[2], 64 * prefetchesPerChunk);
      if (twoChunks)
        std::swap(next[3], next[4]);
      return next;
    };
    Value segment = code.integer(kSegment / static_cast<int64_t>(target.unroll));
    Values results = code.loop(code.integer(0), chunks, segment, carried, [&](Value begin, mlir::ValueRange values) {
      Values start(values.begin(), values.begin() + first);
      start.append(2 * rows, code.splat(0.0));
      Values next = code.loop(begin, code.minimum(code.add(begin, segment), chunks), code.integer(1), start, chunk);
      for (unsigned i = 0; i < 2 * rows; ++i)
        next[first + i] = code.addF(values[first + i], next[first + i]);
      return next;
    });
    return Values(results.begin() + first, results.end());
  }

  void step(Value a, Value b, unsigned k, llvm::MutableArrayRef<Value> sums) {
    Value panel = code.advance(b, 4 * k * target.panelWidth());
    Value columns[2] = {code.load(panel), code.load(code.advance(panel, code.vectorBytes()))};
    for (unsigned row = 0; row < rows; ++row) {
      Value factor = code.splat(code.loadScalar(code.advance(a, row * code.vectorBytes() + 4 * k)));
      for (unsigned v = 0; v < 2; ++v)
        sums[2 * row + v] = code.fma(factor, columns[v], sums[2 * row + v]);
    }
  }

  void epilogue(Value row, llvm::ArrayRef<Value> sums) {
    ChainEmitter emitter(code, chain, arguments[Context]);
    emitter.moveTo(row, arguments[Column], /*vectors=*/2);
    for (unsigned r = 0; r < rows; ++r) {
      if (r)
        emitter.nextRow();
      emitter.emit(sums[2 * r], 0);
      emitter.emit(sums[2 * r + 1], 1);
    }
  }

  Code &code;
  const BoundChain &chain;
  unsigned rows;
  mlir::ValueRange arguments;
  const CpuTarget &target;
  int64_t prefetchesPerChunk;
  Value chunks;
};

/// Arguments of a contraction function: the fields of ContractionArguments in order.
class ContractionBuilder {
public:
  ContractionBuilder(Code &code, const BoundChain &chain, mlir::ValueRange arguments)
      : code(code), chain(chain), in{arguments[0], arguments[1], arguments[2], arguments[3],
                                     arguments[4], arguments[5], arguments[6], arguments[7]} {}

  static std::string tileName(const BoundChain &chain, unsigned rows) {
    return sharedName("tile" + std::to_string(rows), chain.key);
  }

  void build() {
    const CpuTarget &target = code.target();
    Value panelBytes = code.multiply(in.kBlocks, target.vectorLength * target.panelWidth() * 4);
    code.loop(in.firstPanel, in.lastPanel, 1, [&](Value panel) {
      column = code.multiply(panel, target.panelWidth());
      b = code.advance(in.b, code.multiply(panel, panelBytes));
      Value following = code.add(panel, 1);
      // After the last panel the next row block starts with the first one.
      following = code.select(code.less(following, in.lastPanel), following, in.firstPanel);
      next = code.advance(in.b, code.multiply(following, panelBytes));
      int64_t smallest = smallestBalanced();
      if (smallest == 1)
        return balanced();
      code.ifThenElse(
          code.less(in.rows, code.integer(smallest)), [&] { fewRows(smallest); }, [&] { balanced(); });
    });
  }

private:
  /// The variants are contiguous from the tile's rows down to this one; n rows >= it can be balanced.
  int64_t smallestBalanced() {
    const std::vector<unsigned> &variants = code.target().tileVariants;
    size_t i = 0;
    while (i + 1 < variants.size() && variants[i + 1] + 1 == variants[i])
      ++i;
    return variants[i];
  }

  void run(unsigned rows, Value firstRow, Value count, Value firstTile) {
    code.call(tileName(chain, rows), {in.context, in.a, in.aBlockBytes, b, in.kBlocks, firstRow, count, column, firstTile, next});
  }

  /// ceil(rows / MR) tiles whose sizes differ by at most one.
  void balanced() {
    Value tiles = code.divideUp(in.rows, code.integer(code.target().tileRows));
    Value small = code.divide(in.rows, tiles);
    Value large = code.add(small, 1);
    Value largeCount = code.subtract(in.rows, code.multiply(small, tiles));
    dispatch(large, code.integer(0), largeCount, code.integer(0));
    dispatch(small, code.multiply(large, largeCount), code.subtract(tiles, largeCount), largeCount);
  }

  void dispatch(Value size, Value firstRow, Value count, Value firstTile) {
    int64_t smallest = smallestBalanced();
    for (unsigned rows : code.target().tileVariants)
      if (rows >= smallest)
        code.ifThen(code.equal(size, code.integer(rows)), [&] { run(rows, firstRow, count, firstTile); });
  }

  /// Fewer rows than the balanced variants: by the small ones, largest first.
  void fewRows(int64_t smallest) {
    Value row = code.integer(0), tile = code.integer(0);
    for (unsigned rows : code.target().tileVariants) {
      if (rows >= smallest)
        continue;
      Value count = code.divide(code.subtract(in.rows, row), rows);
      run(rows, row, count, tile);
      row = code.add(row, code.multiply(count, rows));
      tile = code.add(tile, count);
    }
  }

  Code &code;
  const BoundChain &chain;
  ContractionArguments in;
  Value column, b, next;
};

} // namespace

static void defineTiles(Code &code, const BoundChain &chain) {
  using K = Code::ArgumentKind;
  static const K kinds[TileArgumentCount] = {K::Pointer, K::Pointer, K::Integer, K::Pointer, K::Integer,
                                             K::Integer, K::Integer, K::Integer, K::Integer, K::Pointer};
  for (unsigned rows : code.target().tileVariants)
    code.defineFunction(ContractionBuilder::tileName(chain, rows), kinds, /*exported=*/false,
                        [&](mlir::ValueRange arguments) { TileBuilder(code, chain, rows, arguments).build(); });
}

void emitContraction(Code &code, const BoundChain &chain, const ContractionArguments &in) {
  std::string name = sharedName("contract", chain.key);
  if (!code.hasFunction(name)) {
    defineTiles(code, chain);
    using K = Code::ArgumentKind;
    code.defineFunction(name, {K::Pointer, K::Pointer, K::Integer, K::Pointer, K::Integer, K::Integer, K::Integer, K::Integer},
                        /*exported=*/false,
                        [&](mlir::ValueRange arguments) { ContractionBuilder(code, chain, arguments).build(); });
  }
  code.call(name, {in.context, in.a, in.aBlockBytes, in.b, in.kBlocks, in.firstPanel, in.lastPanel, in.rows});
}

} // namespace archc::cpu
