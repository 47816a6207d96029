//===- RowsKernel.cpp - Kernels made of segments --------------------------===//

#include "passes/LowerCpu/RowsKernel.h"

#include "passes/LowerCpu/Contraction.h"
#include "passes/LowerCpu/ImageTables.h"
#include "passes/LowerCpu/RowGradients.h"
#include "passes/LowerCpu/Windows.h"

#include "runtime/abi/KernelArgs.h"

#include <cstddef>

namespace archc::cpu {

namespace {
class RowsBuilder {
public:
  RowsBuilder(Code &code, const RowsKernel &kernel, Value arguments, Value begin, Value end)
      : code(code), kernel(kernel), target(code.target()), layout(layOutRows(kernel, target)),
        positions(kernel.height * kernel.width), begin(begin), end(end) {
    buffers = code.loadPointer(code.advance(arguments, offsetof(archrt_kernel_args, buffers)));
    scratch = code.loadPointer(code.advance(arguments, offsetof(archrt_kernel_args, scratch)));
    Value symbols = code.loadPointer(code.advance(arguments, offsetof(archrt_kernel_args, symbols)));
    batch = code.loadInteger(code.advance(symbols, 8 * ARCHRT_SYMBOL_BATCH));
  }

  void build() {
    bindSegments();
    code.store(code.splat(0.0), code.advance(scratch, layout.zeros));
    Value first = begin, last = end;
    if (kernel.axis == RowsAxis::Lines) {
      first = code.multiply(begin, kernel.width);
      last = code.multiply(end, kernel.width);
    } else if (kernel.axis == RowsAxis::Panels) {
      first = code.integer(0);
      last = code.multiply(batch, positions);
    }
    if (!blocksPerImage())
      return blocks(first, last, {});
    Value count = code.integer(positions);
    code.loop(code.divide(first, count), code.divideUp(last, count), 1, [&](Value image) {
      Value start = code.multiply(image, positions);
      prepareImage(image);
      blocks(code.maximum(first, start), code.minimum(last, code.add(start, positions)), start);
    });
  }

private:
  // ---- Addresses

  Value operand(unsigned index) { return code.loadPointer(code.advance(buffers, 8 * static_cast<int64_t>(index))); }
  Value scratchAt(int64_t offset) { return code.advance(scratch, offset); }

  static BoundPlace::Kind boundKind(const Place &place) {
    switch (place.kind) {
    case Place::Dense:
      return BoundPlace::Dense;
    case Place::Blocked:
      return BoundPlace::Blocked;
    case Place::PaddedImage:
      return BoundPlace::Image;
    default:
      return BoundPlace::Rows;
    }
  }

  /// Bytes between rows (flat places) or vector blocks (Blocked, PaddedImage).
  int64_t strideBytes(const Place &place, int64_t channels) {
    switch (place.kind) {
    case Place::Rows:
      return 4 * place.stride;
    case Place::Dense:
      return 4 * channels;
    case Place::ScratchRows:
      return 4 * target.padToPanel(kernel.scratch[place.index].channels);
    case Place::Blocked:
      return layout.rows * code.vectorBytes();
    case Place::Scattered:
      return 0;
    case Place::PaddedImage:
      return kernel.height * (kernel.width + 2 * place.padding) * code.vectorBytes();
    }
    return 0;
  }

  /// Address of row `firstRow` of the kernel (of the operand itself when null).
  Value baseOf(const Place &place, int64_t channels, Value firstRow) {
    if (place.kind == Place::ScratchRows || place.kind == Place::Blocked)
      return scratchAt(layout.values[place.index]);
    Value base = operand(place.index);
    if (place.kind == Place::PaddedImage || !firstRow)
      return base;
    return code.advance(base, code.multiply(firstRow, strideBytes(place, channels)));
  }

  RowInput input(const Place &place, int64_t channels, Value firstRow) {
    return {boundKind(place), baseOf(place, channels, firstRow), code.integer(strideBytes(place, channels))};
  }

  // ---- Contexts

  void bindSegments() {
    std::vector<int64_t> groups;
    for (const ImageStatistics &statistics : kernel.statistics)
      groups.push_back(statistics.groups);
    for (const Segment &segment : kernel.segments) {
      chains.push_back(bindChain(segment.chain, groups));
      contexts.push_back(code.stackSlots(std::max<size_t>(chains.back().slots.size(), 1)));
    }
    for (size_t i = 0; i < chains.size(); ++i)
      fillSlots(i, /*firstRow=*/{}, /*imageRow=*/{});
  }

  /// Slots that stay for the whole call (firstRow null), or those that move with the block.
  void fillSlots(size_t segment, Value firstRow, Value imageRow) {
    const int64_t channels = segmentChannels(kernel.segments[segment]);
    unsigned offsetTable = 0, scalarTable = 0;
    for (size_t i = 0; i < chains[segment].slots.size(); ++i) {
      const SlotFill &fill = chains[segment].slots[i];
      Value value = firstRow ? movingSlot(fill, channels, firstRow, imageRow) : fixedSlot(fill, segment, channels, offsetTable);
      if (fill.kind == SlotFill::ImageScalars && !firstRow)
        value = scalarTableOf(segment, scalarTable++);
      if (value)
        code.storeSlot(value, code.advance(contexts[segment], 8 * i));
    }
  }

  static bool moves(const Place &place) { return place.kind == Place::Rows || place.kind == Place::Dense; }

  Value movingSlot(const SlotFill &fill, int64_t channels, Value firstRow, Value imageRow) {
    switch (fill.kind) {
    case SlotFill::PlaceBase:
      return moves(fill.place) ? baseOf(fill.place, channels, firstRow) : Value();
    case SlotFill::PositionRows:
      return code.advance(operand(fill.index), code.multiply(imageRow, 4 * fill.place.stride));
    case SlotFill::PositionScalars:
      return code.advance(operand(fill.index), code.multiply(imageRow, 4));
    default:
      return {};
    }
  }

  Value fixedSlot(const SlotFill &fill, size_t segment, int64_t channels, unsigned &offsetTable) {
    switch (fill.kind) {
    case SlotFill::PlaceBase:
      return moves(fill.place) ? Value() : baseOf(fill.place, channels, {});
    case SlotFill::PlaceStride:
      return code.integer(strideBytes(fill.place, channels));
    case SlotFill::PlaceChannels:
      return code.integer(channels);
    case SlotFill::PlaceOffsets: {
      // Sinks are bound in order; the tables of those that are padded images follow one another.
      const std::vector<Sink> &sinks = kernel.segments[segment].chain.sinks;
      while (sinks[offsetTable].place.kind != Place::PaddedImage)
        ++offsetTable;
      return scratchAt(layout.offsets[segment][offsetTable++]);
    }
    case SlotFill::Operand:
      return operand(fill.index);
    case SlotFill::Statistic:
      return scratchAt(fill.rstd ? layout.rstds[fill.index] : layout.means[fill.index]);
    default:
      return {};
    }
  }

  // ---- Factors per image: a table of one float per row, so that a block may reach over images

  Value scalarTableOf(size_t segment, unsigned number) {
    return scratchAt(layout.imageScalars[segment] + 4 * kernel.rowBlock * number);
  }

  void fillImageScalars(size_t segment, Value firstRow, Value rows) {
    unsigned number = 0;
    for (const SlotFill &fill : chains[segment].slots) {
      if (fill.kind != SlotFill::ImageScalars)
        continue;
      Value table = scalarTableOf(segment, number++);
      Value factors = code.advance(operand(fill.index), 4 * fill.site);
      Value image = code.divide(firstRow, positions), position = code.remainder(firstRow, code.integer(positions));
      code.loop(code.integer(0), rows, code.integer(1), {image, position}, [&](Value row, mlir::ValueRange at) {
        Value factor = code.loadScalar(code.advance(factors, code.multiply(at[0], 4 * fill.place.stride)));
        code.storeScalar(factor, code.advance(table, code.multiply(row, 4)));
        Value next = code.add(at[1], 1), ends = code.equal(next, code.integer(positions));
        return Values{code.select(ends, code.add(at[0], 1), at[0]), code.select(ends, code.integer(0), next)};
      });
    }
  }

  // ---- Images

  bool blocksPerImage() {
    for (const Segment &segment : kernel.segments) {
      if (std::holds_alternative<SpatialMatmul>(segment.body) ||
          (positions > 1 && std::holds_alternative<ImageNormGrad>(segment.body)))
        return true;
      for (const ChainStep &step : segment.chain.steps)
        for (const Source &source : step.operands)
          if (source.kind == Source::Position || source.kind == Source::RowScalar || source.kind == Source::Mean ||
              source.kind == Source::Rstd)
            return true;
    }
    return false;
  }

  void prepareImage(Value image) {
    for (size_t i = 0; i < kernel.statistics.size(); ++i) {
      const ImageStatistics &s = kernel.statistics[i];
      Value lines = code.advance(operand(s.lines), code.multiply(image, kernel.height * s.groups * 8));
      emitCombineStatistics(code, {lines, scratchAt(layout.means[i]), scratchAt(layout.rstds[i]), kernel.height, kernel.width,
                                   s.channels, target.padToPanel(s.channels), s.groups, s.eps});
    }
    for (size_t i = 0; i < kernel.segments.size(); ++i)
      if (auto *norm = std::get_if<ImageNormGrad>(&kernel.segments[i].body)) {
        Value first = code.multiply(image, positions);
        sumImage(*norm, input(norm->input, norm->channels, first), input(norm->gradient, norm->channels, first), i);
      }
    for (size_t i = 0; i < kernel.segments.size(); ++i)
      if (auto *spatial = std::get_if<SpatialMatmul>(&kernel.segments[i].body))
        emitPackRows(code, input(spatial->input, spatial->channels, code.multiply(image, positions)), positions,
                     target.padToPanel(spatial->channels), scratchAt(layout.work[i]));
  }

  void sumImage(const ImageNormGrad &norm, const RowInput &x, const RowInput &g, size_t segment) {
    emitImageNormSums(code, x, g, {norm.channels, norm.groups, positions, norm.eps, scratchAt(layout.work[segment])});
  }

  // ---- Blocks

  /// Blocks of equal size, in whole lines where the axis is lines.
  void blocks(Value first, Value last, Value imageStart) {
    const int64_t granule = kernel.axis == RowsAxis::Lines ? kernel.width : 1;
    Value rows = code.subtract(last, first);
    Value largest = code.integer(kernel.rowBlock);
    Value count = code.maximum(code.divideUp(rows, largest), code.integer(1));
    Value size = code.multiply(code.divideUp(code.divideUp(rows, count), code.integer(granule)), granule);
    size = code.maximum(code.minimum(size, largest), code.integer(1));
    code.loop(first, last, size, [&](Value row) {
      block(row, code.minimum(size, code.subtract(last, row)), imageStart ? code.subtract(row, imageStart) : Value());
    });
  }

  void block(Value firstRow, Value rows, Value imageRow) {
    for (size_t i = 0; i < kernel.segments.size(); ++i) {
      const Segment &segment = kernel.segments[i];
      fillSlots(i, firstRow, imageRow);
      fillImageScalars(i, firstRow, rows);
      for (size_t s = 0; s < segment.chain.sinks.size(); ++s) {
        const Place &place = segment.chain.sinks[s].place;
        if (place.kind == Place::PaddedImage)
          emitPaddedImage(code, {operand(place.index), firstRow, rows, scratchAt(layout.offsets[i][s]), kernel.height,
                                 kernel.width, place.padding, target.padToPanel(segmentChannels(segment))});
      }
      current = i;
      std::visit([&](const auto &body) { emit(body, firstRow, rows, imageRow); }, segment.body);
    }
  }

  RowRange range(Value rows, int64_t channels) { return {contexts[current], rows, channels, target.padToPanel(channels)}; }
  LineRange lines(Value firstRow) { return {code.divide(firstRow, kernel.width), kernel.height, kernel.width}; }

  void emit(const LoadRows &load, Value firstRow, Value rows, Value) {
    emitLoadRows(code, chains[current], input(load.input, load.channels, firstRow), range(rows, load.channels));
  }

  void emit(const NormalizeRows &norm, Value firstRow, Value rows, Value) {
    emitNormalizeRows(code, chains[current], input(norm.input, norm.channels, firstRow), range(rows, norm.channels),
                      {norm.eps, norm.rms, norm.exactMean});
  }

  void emit(const Contract &contract, Value, Value rows, Value) {
    const bool split = kernel.axis == RowsAxis::Panels && current + 1 == kernel.segments.size();
    Value all = code.integer(target.padToPanel(contract.channels) / target.panelWidth());
    emitContraction(code, chains[current],
                    {contexts[current], baseOf(contract.input, 0, {}), code.integer(strideBytes(contract.input, 0)),
                     operand(contract.weights), code.integer(target.padToVector(contract.inputChannels) / code.lanes()),
                     split ? begin : code.integer(0), split ? end : all, rows});
  }

  void emit(const SpatialMatmul &spatial, Value, Value rows, Value imageRow) {
    Value matrix = code.advance(operand(spatial.matrix), code.multiply(imageRow, code.vectorBytes()));
    emitContraction(code, chains[current],
                    {contexts[current], matrix, code.integer(positions * code.vectorBytes()), scratchAt(layout.work[current]),
                     code.integer(target.padToVector(positions) / code.lanes()), code.integer(0),
                     code.integer(target.padToPanel(spatial.channels) / target.panelWidth()), rows});
  }

  void emit(const GatherWindows &gather, Value firstRow, Value rows, Value) {
    emitGatherWindows(code, chains[current], input(gather.input, gather.inputChannels, {}), range(rows, gather.channels()),
                      {gather, kernel.height, kernel.width, firstRow, scratchAt(layout.work[current])});
  }

  void emit(const DepthwiseWindows &depthwise, Value firstRow, Value rows, Value) {
    emitDepthwiseWindows(code, chains[current], input(depthwise.input, depthwise.channels, {}), range(rows, depthwise.channels),
                         {depthwise, lines(firstRow), operand(depthwise.taps), scratchAt(layout.zeros)});
  }

  void emit(const PoolMix &pool, Value firstRow, Value rows, Value) {
    emitPoolMix(code, chains[current], input(pool.input, pool.channels, {}), range(rows, pool.channels),
                {pool.size, pool.adjoint, lines(firstRow), scratchAt(layout.work[current])});
  }

  void emit(const AveragePool &pool, Value firstRow, Value rows, Value) {
    emitAveragePool(code, chains[current], input(pool.input, pool.channels, code.multiply(firstRow, pool.positions)),
                    range(rows, pool.channels), pool.positions);
  }

  void emit(const LineStatistics &statistics, Value firstRow, Value rows, Value) {
    Value output =
        code.advance(operand(statistics.output), code.multiply(code.divide(firstRow, kernel.width), statistics.groups * 8));
    emitLineStatistics(code, input(statistics.input, statistics.channels, firstRow),
                       {rows, output, kernel.width, statistics.channels, statistics.groups});
  }

  void emit(const TransposedWindows &transposed, Value firstRow, Value rows, Value) {
    Place output = Place::scratchRows(transposed.output);
    emitTransposedWindows(code, input(transposed.input, transposed.inputChannels, {}),
                          {transposed, kernel, firstRow, rows, operand(transposed.weights), baseOf(output, 0, {}),
                           code.integer(strideBytes(output, 0)), scratchAt(layout.work[current])});
  }

  void emit(const LineSums &sums, Value firstRow, Value rows, Value) {
    const int64_t columns = target.padToPanel(sums.channels);
    Value line = code.divide(firstRow, kernel.width);
    std::optional<RowInput> other;
    if (sums.other)
      other = input(*sums.other, sums.channels, firstRow);
    emitLineSums(code, input(sums.input, sums.channels, firstRow), other,
                 {code.divide(rows, kernel.width), kernel.width, columns,
                  code.advance(operand(sums.output), code.multiply(line, 4 * columns))});
  }

  void emit(const SpreadImages &spread, Value firstRow, Value rows, Value) {
    emitSpreadImages(code, chains[current], input(spread.input, spread.channels, {}), range(rows, spread.channels),
                     {firstRow, positions});
  }

  void emit(const NormalizeGradRows &norm, Value firstRow, Value rows, Value) {
    emitNormalizeGradRows(code, chains[current], input(norm.input, norm.channels, firstRow),
                          input(norm.gradient, norm.channels, firstRow), {range(rows, norm.channels), {norm.eps, norm.rms}});
  }

  void emit(const ImageNormGrad &norm, Value firstRow, Value rows, Value) {
    RowInput x = input(norm.input, norm.channels, firstRow), g = input(norm.gradient, norm.channels, firstRow);
    auto apply = [&](Value first, Value last) {
      emitImageNormGrad(code, chains[current], x, g, {range(last, norm.channels), first, scratchAt(layout.work[current])});
    };
    if (positions > 1)
      return apply(code.integer(0), rows);
    // Images of one row may be values of the block.
    auto rowOf = [&](const RowInput &map, Value row) {
      return RowInput{map.kind, code.advance(map.base, code.multiply(row, map.stride)), map.stride};
    };
    code.loop(code.integer(0), rows, 1, [&](Value row) {
      sumImage(norm, rowOf(x, row), rowOf(g, row), current);
      apply(row, code.add(row, 1));
    });
  }

  void emit(const LossRows &loss, Value firstRow, Value rows, Value) {
    emitLossRows(code, chains[current], input(loss.logits, loss.classes, firstRow), input(loss.targets, loss.classes, firstRow),
                 {range(rows, loss.channels()), loss.kind, loss.classes, loss.gradient});
  }

  Code &code;
  const RowsKernel &kernel;
  const CpuTarget &target;
  RowsLayout layout;
  int64_t positions;
  Value begin, end, buffers, scratch, batch;
  std::vector<BoundChain> chains;
  std::vector<Value> contexts;
  size_t current = 0;
};
} // namespace

void emitRowsKernel(Code &code, const RowsKernel &kernel, Value arguments, Value begin, Value end) {
  RowsBuilder(code, kernel, arguments, begin, end).build();
}

} // namespace archc::cpu
