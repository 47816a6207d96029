//===- WeightGradient.cpp - Gradients of linear layers and convolutions ---===//
//
// The result is cut into blocks of tiles (output channels) times panels (input channels); for each, all rows pass by in chunks. What a
// row of x is depends on the layer: its own row; for each tap of a convolution another row, or zeros; a whole window put together in
// scratch where a position has fewer channels than a panel. For the matrix of a spatial product, rows are the channels of images: both
// maps are transposed chunk by chunk.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/GradientKernels.h"
#include "passes/LowerCpu/OuterProduct.h"
#include "passes/LowerCpu/Windows.h"

namespace archc::cpu {

namespace {
struct WeightGradWork {
  WeightGradKernel kernel;
  int64_t spatialChannels = 0; // of a spatial product, whose positions are the kernel's inputs and outputs
};

WeightGradWork workOf(const SpatialGradKernel &spatial) {
  WeightGradWork work;
  work.kernel.windows.input = spatial.x;
  work.kernel.windows.inputChannels = work.kernel.outputs = spatial.positions;
  work.kernel.windows.kernelHeight = work.kernel.windows.kernelWidth = 1;
  work.kernel.dy = spatial.dy;
  work.kernel.output = spatial.output;
  work.spatialChannels = spatial.channels;
  return work;
}

struct WeightGradLayout {
  bool isPointwise = false; // windows of one position, all of them
  bool isGathered = false;  // windows put together in scratch
  OuterProduct product;
  int64_t taps = 1, columns = 0, panels = 0; // of one tap
  int64_t tiles = 0;
  bool splitsTiles = false;                // iterations are tiles, else panels of all taps
  int64_t blockTiles = 0, blockPanels = 0; // at most
  int64_t zeros, tables, factors, packed, sums, window = 0, windows = 0, bytes = 0;
  int64_t transposed[2] = {0, 0}; // dy, x

  WeightGradLayout(const WeightGradWork &work, const CpuTarget &target) {
    const WeightGradKernel &kernel = work.kernel;
    const GatherWindows &w = kernel.windows;
    const int64_t area = w.kernelHeight * w.kernelWidth;
    const bool isRows = w.input.kind == Place::Rows;
    isPointwise = isRows && area == 1 && w.strideHeight == 1 && w.strideWidth == 1 && w.paddingHeight == 0 && w.paddingWidth == 0;
    isGathered = !isRows || (area > 1 && w.inputChannels < target.panelWidth());
    taps = isGathered ? 1 : area;
    columns = isGathered ? w.channels() : w.inputChannels;
    panels = target.padToPanel(columns) / target.panelWidth();
    product.tileRows = OuterProduct::chooseTileRows(target, kernel.outputs);
    tiles = (kernel.outputs + product.tileRows - 1) / product.tileRows;
    splitsTiles = tiles > panels * taps;
    chooseBlocks(target);
    allocateAll(kernel, target);
    for (int64_t &offset : transposed)
      offset = allocate(work.spatialChannels ? 4 * kChunkRows * target.padToPanel(columns) : 0);
  }

  int64_t iterations() const { return splitsTiles ? tiles : panels * taps; }

private:
  /// About 192 x 192 outputs: packed chunks and sums then fit L2, and packing costs a twentieth of the products.
  void chooseBlocks(const CpuTarget &target) {
    const int64_t side = 192;
    blockTiles = std::min(std::max<int64_t>(1, side / product.tileRows), tiles);
    blockPanels = std::min(side / target.panelWidth(), panels);
    int64_t lines = (blockTiles * product.tileRows + blockPanels * target.panelWidth()) / 16;
    int64_t groups = lines * kChunkRows / 16;
    product.prefetches = std::min<int64_t>(4, (groups + blockTiles * blockPanels - 1) / (blockTiles * blockPanels));
  }

  int64_t allocate(int64_t size) {
    int64_t offset = bytes;
    bytes += (size + 63) / 64 * 64;
    return offset;
  }

  void allocateAll(const WeightGradKernel &kernel, const CpuTarget &target) {
    zeros = allocate(4 * target.padToPanel(std::max(kernel.outputs, columns)));
    tables = allocate(4 * 8 * kChunkRows);
    factors = allocate(blockTiles * product.factorBytes(target));
    packed = allocate(blockPanels * product.columnBytes(target));
    sums = allocate(blockTiles * blockPanels * product.sumBytes(target));
    if (!isGathered)
      return;
    window = allocate(gatherScratchBytes(target, kernel.windows));
    windows = allocate(4 * kChunkRows * target.padToPanel(columns));
  }
};

class WeightGradBuilder {
public:
  WeightGradBuilder(Code &code, const WeightGradWork &work, const KernelArguments &in)
      : code(code), work(work), kernel(work.kernel), in(in), target(code.target()), layout(work, code.target()),
        product(layout.product) {}

  void build() {
    x = operand(kernel.windows.input.index);
    dy = operand(kernel.dy.index);
    result = operand(kernel.output);
    rows = code.multiply(in.batch, kernel.height * kernel.width);
    chunks = work.spatialChannels ? code.multiply(in.batch, chunksPerImage()) : code.divideUp(rows, code.integer(kChunkRows));
    code.loop(code.integer(0), code.integer(4 * target.padToPanel(std::max(kernel.outputs, layout.columns))), code.vectorBytes(),
              [&](Value offset) { code.store(code.splat(0.0), code.advance(at(layout.zeros), offset)); });
    bindWindows();
    Value panels = code.integer(layout.panels), zero = code.integer(0);
    Value firstTap = layout.splitsTiles ? zero : code.divide(in.begin, panels);
    Value lastTap = layout.splitsTiles ? code.integer(layout.taps) : code.divideUp(in.end, panels);
    code.loop(firstTap, lastTap, 1, [&](Value current) {
      tap = current;
      Value start = code.multiply(tap, panels);
      Value first = layout.splitsTiles ? zero : code.maximum(code.subtract(in.begin, start), zero);
      Value last = layout.splitsTiles ? panels : code.minimum(code.subtract(in.end, start), panels);
      forBlocks(first, last, layout.blockPanels, [&](Value panel, Value panelCount) {
        Value firstTile = layout.splitsTiles ? in.begin : zero;
        Value lastTile = layout.splitsTiles ? in.end : code.integer(layout.tiles);
        forBlocks(firstTile, lastTile, layout.blockTiles, [&](Value tile, Value tileCount) {
          block({tile, tileCount, panel, panelCount});
        });
      });
    });
  }

private:
  struct Block {
    Value tile, tiles, panel, panels;
  };
  struct Tables {
    Value dy, x;
  };

  Value operand(unsigned index) { return code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(index))); }
  Value at(int64_t offset) { return code.advance(in.scratch, offset); }

  /// [first, last) in parts of equal size.
  void forBlocks(Value first, Value last, int64_t largest, llvm::function_ref<void(Value first, Value count)> body) {
    Value total = code.subtract(last, first);
    Value parts = code.maximum(code.divideUp(total, code.integer(largest)), code.integer(1));
    Value size = code.maximum(code.divideUp(total, parts), code.integer(1));
    code.loop(first, last, size, [&](Value start) { body(start, code.minimum(size, code.subtract(last, start))); });
  }

  // ---- Rows of a chunk

  int64_t chunksPerImage() const { return (work.spatialChannels + kChunkRows - 1) / kChunkRows; }
  /// The first channel of a chunk of a spatial product.
  Value channelOf(Value chunk) { return code.multiply(code.remainder(chunk, code.integer(chunksPerImage())), kChunkRows); }
  Value rowsOf(Value chunk) {
    Value left = work.spatialChannels ? code.subtract(code.integer(work.spatialChannels), channelOf(chunk))
                                      : code.subtract(rows, code.multiply(chunk, kChunkRows));
    return code.minimum(code.integer(kChunkRows), left);
  }
  Value stepsOf(Value chunk) { return code.divideUp(rowsOf(chunk), code.integer(kStepRows)); }

  /// Addresses of the rows of `chunk` in both maps; a last step is filled up with rows of zeros.
  void fillTables(Value chunk, const Tables &tables) {
    Value first = code.multiply(chunk, kChunkRows), count = rowsOf(chunk);
    auto start = [&](Value base, int64_t stride) { return code.advance(base, code.multiply(first, 4 * stride)); };
    const int64_t scratchStride = target.padToPanel(layout.columns), xStride = kernel.windows.input.stride;
    if (work.spatialChannels) {
      fillPlain(tables.dy, at(layout.transposed[0]), scratchStride, count);
      fillPlain(tables.x, at(layout.transposed[1]), scratchStride, count);
    } else {
      fillPlain(tables.dy, start(dy, kernel.dy.stride), kernel.dy.stride, count);
      if (layout.isGathered)
        fillPlain(tables.x, at(layout.windows), scratchStride, count);
      else if (layout.isPointwise)
        fillPlain(tables.x, start(x, xStride), xStride, count);
      else
        fillTap(tables.x, first, count);
    }
    code.loop(count, code.multiply(stepsOf(chunk), kStepRows), 1, [&](Value row) {
      for (Value table : {tables.dy, tables.x})
        code.storeSlot(at(layout.zeros), code.advance(table, code.multiply(row, 8)));
    });
  }

  void fillPlain(Value table, Value start, int64_t stride, Value count) {
    code.loop(code.integer(0), count, 1, [&](Value row) {
      code.storeSlot(code.advance(start, code.multiply(row, 4 * stride)), code.advance(table, code.multiply(row, 8)));
    });
  }

  /// The input rows under the current tap of the windows of output positions [first, first + count).
  void fillTap(Value table, Value first, Value count) {
    const GatherWindows &w = kernel.windows;
    Value top = code.add(code.divide(tap, w.kernelWidth), -w.paddingHeight);
    Value left = code.add(code.remainder(tap, code.integer(w.kernelWidth)), -w.paddingWidth);
    auto inside = [&](Value coordinate, int64_t extent) {
      return code.both(code.less(code.integer(-1), coordinate), code.less(coordinate, code.integer(extent)));
    };
    code.loop(code.integer(0), count, 1, [&](Value row) {
      Value position = code.add(first, row);
      Value column = code.remainder(position, code.integer(kernel.width)), line = code.divide(position, kernel.width);
      Value y = code.add(code.multiply(code.remainder(line, code.integer(kernel.height)), w.strideHeight), top);
      Value xColumn = code.add(code.multiply(column, w.strideWidth), left);
      Value pixel = code.add(code.multiply(code.divide(line, kernel.height), w.inputHeight), y);
      pixel = code.add(code.multiply(pixel, w.inputWidth), xColumn);
      Value address = code.advance(x, code.multiply(pixel, 4 * w.input.stride));
      Value valid = code.both(inside(y, w.inputHeight), inside(xColumn, w.inputWidth));
      code.storeSlot(code.select(valid, address, at(layout.zeros)), code.advance(table, code.multiply(row, 8)));
    });
  }

  /// The chain that stores gathered windows as rows.
  void bindWindows() {
    if (!layout.isGathered)
      return;
    chain = bindChain({{}, {{0, Place::rows(0, 0)}}}, {});
    context = code.stackSlots(chain.slots.size());
    const unsigned slot = chain.places[0].slot;
    code.storeSlot(at(layout.windows), code.advance(context, 8 * slot));
    code.storeSlot(code.integer(4 * target.padToPanel(layout.columns)), code.advance(context, 8 * slot + 8));
  }

  void gatherWindows(Value chunk) {
    const GatherWindows &w = kernel.windows;
    const bool isDense = w.input.kind == Place::Dense;
    RowInput input{isDense ? BoundPlace::Dense : BoundPlace::Rows, x,
                   code.integer(4 * (isDense ? w.inputChannels : w.input.stride))};
    emitGatherWindows(code, chain, input, {context, rowsOf(chunk), w.channels(), target.padToPanel(w.channels())},
                      {w, kernel.height, kernel.width, code.multiply(chunk, kChunkRows), at(layout.window)});
  }

  /// Channels of an image as rows: [channel of the chunk][position]. Channels beyond the last hold what their lanes hold.
  void transposeChunk(Value chunk, Value map, int64_t stride, Value to) {
    const int64_t positions = layout.columns, rowBytes = 4 * target.padToPanel(positions);
    Value image = code.multiply(code.divide(chunk, chunksPerImage()), positions * 4 * stride);
    Value from = code.advance(code.advance(map, image), code.multiply(channelOf(chunk), 4));
    code.loop(code.integer(0), rowsOf(chunk), code.lanes(), [&](Value channel) {
      code.loop(code.integer(0), code.integer(positions), code.lanes(), [&](Value position) {
        Values vectors;
        for (int64_t i = 0; i < code.lanes(); ++i) {
          Value row = code.minimum(code.add(position, i), code.integer(positions - 1));
          vectors.push_back(
              code.load(code.advance(code.advance(from, code.multiply(row, 4 * stride)), code.multiply(channel, 4))));
        }
        code.transpose(vectors);
        for (int64_t i = 0; i < code.lanes(); ++i) {
          Value target = code.advance(to, code.multiply(code.add(channel, i), rowBytes));
          code.store(vectors[i], code.advance(target, code.multiply(position, 4)));
        }
      });
    });
  }

  // ---- Blocks of the result

  void block(const Block &block) {
    Value sumBytes = code.multiply(code.multiply(block.tiles, block.panels), product.sumBytes(target));
    code.loop(code.integer(0), sumBytes, code.vectorBytes(),
              [&](Value offset) { code.store(code.splat(0.0), code.advance(at(layout.sums), offset)); });
    const int64_t tableBytes = 8 * kChunkRows;
    Value table = at(layout.tables);
    Tables first{table, code.advance(table, tableBytes)};
    Values start{first.dy, first.x, code.advance(table, 2 * tableBytes), code.advance(table, 3 * tableBytes)};
    fillTables(code.integer(0), first);
    code.loop(code.integer(0), chunks, code.integer(1), start, [&](Value chunk, mlir::ValueRange tables) {
      accumulate(block, chunk, {tables[0], tables[1]}, {tables[2], tables[3]});
      return Values{tables[2], tables[3], tables[0], tables[1]};
    });
    writeBlock(block);
  }

  void accumulate(const Block &block, Value chunk, const Tables &tables, const Tables &next) {
    Value steps = stepsOf(chunk);
    Value firstOutput = code.multiply(block.tile, product.tileRows),
          firstColumn = code.multiply(block.panel, target.panelWidth());
    if (layout.isGathered)
      gatherWindows(chunk);
    if (work.spatialChannels) {
      transposeChunk(chunk, dy, kernel.dy.stride, at(layout.transposed[0]));
      transposeChunk(chunk, x, kernel.windows.input.stride, at(layout.transposed[1]));
    }
    emitPackFactors(code, product,
                    {tables.dy, steps, firstOutput, code.integer(kernel.outputs), block.tiles, at(layout.factors)});
    emitPackColumns(code, product, {tables.x, steps, firstColumn, block.panels, at(layout.packed)});
    Value following = code.add(chunk, 1);
    code.ifThen(code.less(following, chunks), [&] { fillTables(following, next); });
    emitAccumulate(code, product,
                   {at(layout.factors), at(layout.packed), at(layout.sums), steps, block.tiles, block.panels, next.dy,
                    firstOutput, next.x, firstColumn});
  }

  void writeBlock(const Block &block) {
    const int64_t width = target.panelWidth();
    Value end = code.minimum(code.integer(kernel.outputs), code.multiply(code.add(block.tile, block.tiles), product.tileRows));
    Value first = code.multiply(block.tile, product.tileRows);
    code.loop(code.integer(0), block.panels, 1, [&](Value panel) {
      Value column = code.multiply(code.add(block.panel, panel), width);
      Value sums = code.advance(at(layout.sums), code.multiply(code.multiply(panel, block.tiles), product.sumBytes(target)));
      Value count = code.minimum(code.integer(width), code.subtract(code.integer(layout.columns), column));
      // Rows of all tiles follow one another.
      code.loop(first, end, 1, [&](Value output) {
        Value from = code.advance(sums, code.multiply(code.subtract(output, first), 4 * width));
        if (layout.taps == 1 && !layout.isGathered)
          writeRow(from, output, column, count);
        else
          writeSpread(from, output, column, count);
      });
    });
  }

  /// Neighbours in the result.
  void writeRow(Value from, Value output, Value column, Value count) {
    Value to = code.advance(result, code.multiply(code.add(code.multiply(output, layout.columns), column), 4));
    code.ifThenElse(
        code.less(count, code.integer(target.panelWidth())),
        [&] {
          code.loop(code.integer(0), code.multiply(count, 4), 4, [&](Value offset) {
            code.storeScalar(code.loadScalar(code.advance(from, offset)), code.advance(to, offset));
          });
        },
        [&] {
          for (int64_t v = 0; v < 2; ++v)
            code.store(code.load(code.advance(from, v * code.vectorBytes())), code.advance(to, v * code.vectorBytes()));
        });
  }

  /// Columns are input channels of one tap, or (kh, kw, ci); the result is [outputs][inputs][taps].
  void writeSpread(Value from, Value output, Value column, Value count) {
    const int64_t inputs = kernel.windows.inputChannels, area = kernel.windows.kernelHeight * kernel.windows.kernelWidth;
    Value to = code.advance(result, code.multiply(output, 4 * inputs * area));
    code.loop(code.integer(0), count, 1, [&](Value i) {
      Value k = code.add(column, i);
      Value channel = layout.isGathered ? code.remainder(k, code.integer(inputs)) : k;
      Value position = layout.isGathered ? code.divide(k, inputs) : tap;
      Value index = code.add(code.multiply(channel, area), position);
      code.storeScalar(code.loadScalar(code.advance(from, code.multiply(i, 4))), code.advance(to, code.multiply(index, 4)));
    });
  }

  Code &code;
  WeightGradWork work;
  const WeightGradKernel &kernel;
  const KernelArguments &in;
  const CpuTarget &target;
  WeightGradLayout layout;
  OuterProduct product;
  BoundChain chain;
  Value x, dy, result, rows, chunks, tap, context;
};
} // namespace

int64_t weightGradScratchBytes(const WeightGradKernel &kernel, const CpuTarget &target) {
  return WeightGradLayout({kernel}, target).bytes;
}
int64_t weightGradScratchBytes(const SpatialGradKernel &kernel, const CpuTarget &target) {
  return WeightGradLayout(workOf(kernel), target).bytes;
}

int64_t weightGradIterations(const WeightGradKernel &kernel, const CpuTarget &target) {
  return WeightGradLayout({kernel}, target).iterations();
}
int64_t weightGradIterations(const SpatialGradKernel &kernel, const CpuTarget &target) {
  return WeightGradLayout(workOf(kernel), target).iterations();
}

void emitWeightGrad(Code &code, const WeightGradKernel &kernel, const KernelArguments &arguments) {
  WeightGradBuilder(code, {kernel}, arguments).build();
}
void emitWeightGrad(Code &code, const SpatialGradKernel &kernel, const KernelArguments &arguments) {
  WeightGradBuilder(code, workOf(kernel), arguments).build();
}

} // namespace archc::cpu
