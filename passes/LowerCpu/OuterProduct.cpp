//===- OuterProduct.cpp - The GEMM of weight gradients --------------------===//

#include "passes/LowerCpu/OuterProduct.h"

namespace archc::cpu {

static const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;

int64_t OuterProduct::chooseTileRows(const CpuTarget &target, int64_t count) {
  int64_t tiles = (count + target.tileRows - 1) / target.tileRows;
  return (count + tiles - 1) / tiles;
}

// ---- Packing -----------------------------------------------------------------------------------------------------------

/// Calls `each(row in the chunk, its address)` for the rows of each step, after `step` has begun.
static void forSteps(Code &code, Value table, Value steps,
                     llvm::function_ref<void(Value firstRow, llvm::ArrayRef<Value> addresses)> body) {
  code.loop(code.integer(0), steps, 1, [&](Value step) {
    Value first = code.multiply(step, kStepRows);
    Value entries = code.advance(table, code.multiply(first, 8));
    Values addresses;
    for (int64_t row = 0; row < kStepRows; ++row)
      addresses.push_back(code.loadPointer(code.advance(entries, 8 * row)));
    body(first, addresses);
  });
}

/// A vector is stored for each row of a tile. What it has beyond the tile's numbers is overwritten by the next row, or lies in the room
/// behind the tile.
static void definePackFactors(Code &code, const OuterProduct &product, mlir::ValueRange in) {
  Value table = in[0], steps = in[1], start = in[2], end = in[3], tiles = in[4], to = in[5];
  forSteps(code, table, steps, [&](Value firstRow, llvm::ArrayRef<Value> rows) {
    code.loop(code.integer(0), tiles, 1, [&](Value tile) {
      Value first = code.add(start, code.multiply(tile, product.tileRows));
      Value offset = code.multiply(first, 4);
      Value target = code.advance(to, code.multiply(tile, product.factorBytes(code.target())));
      target = code.advance(target, code.multiply(firstRow, 4 * product.tileRows));
      auto copy = [&](llvm::function_ref<Value(Value)> load) {
        for (size_t row = 0; row < rows.size(); ++row)
          code.store(load(code.advance(rows[row], offset)), code.advance(target, 4 * product.tileRows * row));
      };
      code.ifThenElse(
          code.less(end, code.add(first, code.lanes())),
          [&] {
            Value mask = code.laneMask(code.integer(0), code.subtract(end, first));
            copy([&](Value from) { return code.loadMasked(from, mask); });
          },
          [&] { copy([&](Value from) { return code.load(from); }); });
    });
  });
}

void emitPackFactors(Code &code, const OuterProduct &product, const PackFactors &a) {
  std::string name = "pack_factors" + std::to_string(product.tileRows);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, I, I, I, I, P}, /*exported=*/false,
                        [&](mlir::ValueRange in) { definePackFactors(code, product, in); });
  code.call(name, {a.table, a.steps, a.start, a.end, a.tiles, a.to});
}

static void definePackColumns(Code &code, const OuterProduct &product, mlir::ValueRange in) {
  Value table = in[0], steps = in[1], start = in[2], panels = in[3], to = in[4];
  const int64_t rowBytes = 4 * code.target().panelWidth();
  forSteps(code, table, steps, [&](Value firstRow, llvm::ArrayRef<Value> rows) {
    code.loop(code.integer(0), panels, 1, [&](Value panel) {
      Value offset = code.add(code.multiply(start, 4), code.multiply(panel, rowBytes));
      Value target = code.advance(to, code.multiply(panel, product.columnBytes(code.target())));
      target = code.advance(target, code.multiply(firstRow, rowBytes));
      for (size_t row = 0; row < rows.size(); ++row) {
        Value from = code.advance(rows[row], offset);
        for (int64_t vector = 0; vector < 2; ++vector)
          code.store(code.load(code.advance(from, vector * code.vectorBytes())),
                     code.advance(target, rowBytes * row + vector * code.vectorBytes()));
      }
    });
  });
}

void emitPackColumns(Code &code, const OuterProduct &product, const PackColumns &a) {
  const char *name = "pack_columns";
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, I, I, I, P}, /*exported=*/false,
                        [&](mlir::ValueRange in) { definePackColumns(code, product, in); });
  code.call(name, {a.table, a.steps, a.start, a.panels, a.to});
}

// ---- Products ----------------------------------------------------------------------------------------------------------

namespace {
/// One panel of columns with all tiles of factors.
class OuterTileBuilder {
public:
  OuterTileBuilder(Code &code, const OuterProduct &product, mlir::ValueRange in)
      : code(code), product(product), target(code.target()), factors(in[0]), columns(in[1]), sums(in[2]), steps(in[3]),
        tiles(in[4]), panels(in[5]), firstTile(in[6]), tables{in[7], in[9]}, starts{in[8], in[10]} {}

  void build() {
    // Lines of 64 bytes that a row has in the two maps; a start need not be the start of a line.
    Value factorBytes = code.multiply(tiles, 4 * product.tileRows);
    lines[0] = code.divide(code.add(factorBytes, 63 + 60), 64);
    lines[1] = code.divide(code.multiply(panels, 4 * target.panelWidth()), 64);
    code.loop(code.integer(0), tiles, 1, [&](Value tile) {
      Value to = code.advance(sums, code.multiply(tile, product.sumBytes(target)));
      Values results =
          products(code.advance(factors, code.multiply(tile, product.factorBytes(target))), code.add(firstTile, tile));
      for (size_t i = 0; i < results.size(); ++i) {
        Value at = code.advance(to, i * code.vectorBytes());
        code.store(code.addF(code.load(at), results[i]), at);
      }
    });
  }

private:
  struct Prefetch {
    Value table, offset;
  };

  /// Group number `group` of the next chunk: one line of each of 16 rows. Past the last group the first one again, which is harmless.
  Prefetch prefetchOf(Value group) {
    const int64_t groups = kChunkRows / 16;
    Value line = code.divide(group, groups), rows = code.multiply(code.remainder(group, code.integer(groups)), 16 * 8);
    Value isFactor = code.less(line, lines[0]);
    Value column = code.subtract(line, lines[0]);
    column = code.select(code.less(column, lines[1]), column, code.integer(0));
    Value offset = code.add(code.multiply(code.select(isFactor, starts[0], starts[1]), 4),
                            code.multiply(code.select(isFactor, line, column), 64));
    return {code.advance(code.select(isFactor, tables[0], tables[1]), rows), offset};
  }

  Values products(Value a, Value tile) {
    Values carried{a, columns};
    Values offsets;
    for (int64_t i = 0; i < product.prefetches; ++i) {
      Prefetch prefetch = prefetchOf(code.add(code.multiply(tile, product.prefetches), i));
      carried.push_back(prefetch.table);
      offsets.push_back(prefetch.offset);
    }
    const size_t first = carried.size();
    carried.append(2 * product.tileRows, code.splat(0.0));
    Values results = code.loop(code.integer(0), steps, code.integer(1), carried, [&](Value, mlir::ValueRange values) {
      Values next(values.begin(), values.end());
      llvm::MutableArrayRef<Value> sums = llvm::MutableArrayRef<Value>(next).drop_front(first);
      for (int64_t row = 0; row < kStepRows; ++row)
        step(values[0], values[1], row, sums);
      for (size_t i = 0; i < offsets.size(); ++i) {
        code.prefetch(code.advance(code.loadPointer(values[2 + i]), offsets[i]));
        next[2 + i] = code.advance(values[2 + i], 8);
      }
      next[0] = code.advance(values[0], 4 * kStepRows * product.tileRows);
      next[1] = code.advance(values[1], 4 * kStepRows * target.panelWidth());
      return next;
    });
    return Values(results.begin() + first, results.end());
  }

  void step(Value a, Value b, int64_t row, llvm::MutableArrayRef<Value> sums) {
    Value panel = code.advance(b, 4 * row * target.panelWidth());
    Value vectors[2] = {code.load(panel), code.load(code.advance(panel, code.vectorBytes()))};
    for (int64_t i = 0; i < product.tileRows; ++i) {
      Value factor = code.splat(code.loadScalar(code.advance(a, 4 * (row * product.tileRows + i))));
      for (unsigned v = 0; v < 2; ++v)
        sums[2 * i + v] = code.fma(factor, vectors[v], sums[2 * i + v]);
    }
  }

  Code &code;
  const OuterProduct &product;
  const CpuTarget &target;
  Value factors, columns, sums, steps, tiles, panels, firstTile;
  Value tables[2], starts[2], lines[2]; // of the factors, of the columns
};
} // namespace

void emitAccumulate(Code &code, const OuterProduct &product, const AccumulateArguments &a) {
  std::string name = "outer" + std::to_string(product.tileRows) + "." + std::to_string(product.prefetches);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, P, I, I, I, I, P, I, P, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { OuterTileBuilder(code, product, in).build(); });
  code.loop(code.integer(0), a.panels, 1, [&](Value panel) {
    Value columns = code.advance(a.columns, code.multiply(panel, product.columnBytes(code.target())));
    Value sums = code.advance(a.sums, code.multiply(code.multiply(panel, a.tiles), product.sumBytes(code.target())));
    code.call(name, {a.factors, columns, sums, a.steps, a.tiles, a.panels, code.multiply(panel, a.tiles), a.nextFactors,
                     a.factorStart, a.nextColumns, a.columnStart});
  });
}

} // namespace archc::cpu
