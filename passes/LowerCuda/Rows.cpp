#include "passes/LowerCuda/Rows.h"

#include "passes/Kernels/PointwiseEmitter.h"

namespace archc::cuda {

Rows::Rows(Code &code, const RowsKernel &kernel, mlir::ValueRange arguments)
    : code(code), kernel(kernel), plan(planRows(kernel, static_cast<const GpuTarget &>(code.target()))),
      positions(kernel.height * kernel.width) {
  for (Value argument : arguments.drop_back(2))
    operands.push_back(argument);
  const int64_t unit = kernel.axis == RowsAxis::Lines ? kernel.width : 1;
  firstRow = code.multiply(code.block(), plan.rows);
  rows = code.minimum(code.integer(plan.rows), code.subtract(code.multiply(arguments.back(), unit), firstRow));
  firstImage = code.divide(firstRow, positions);
}

Value Rows::operandRow(const Place &place, Value row, int64_t channels) {
  const int64_t stride = place.kind == Place::Dense ? channels : place.stride;
  return code.advance(operands[place.index], code.multiply(row, 4 * stride));
}

Value Rows::rowAddress(const Place &place, Value row, int64_t channels) {
  if (place.kind == Place::Rows || place.kind == Place::Dense)
    return operandRow(place, globalRow(row), channels);
  const ScratchHome &home = homeOf(place);
  if (home.kind == ScratchHome::Alias)
    return rowAddress(home.place, row, home.channels);
  return code.advance(code.shared(home.offset), code.multiply(row, 4 * home.stride));
}

Value Rows::load(const Place &place, Value rowStart, Value column, int64_t channels) {
  const bool scratch = place.kind == Place::ScratchRows || place.kind == Place::Blocked;
  if (scratch && homeOf(place).kind == ScratchHome::Alias)
    return load(homeOf(place).place, rowStart, column, homeOf(place).channels);
  if (place.kind == Place::Dense && channels % code.target().panelWidth() != 0)
    column = code.minimum(column, code.integer(channels - 1));
  return code.loadElement(rowStart, column);
}

void Rows::forRows(llvm::function_ref<void(Value)> body) { code.loop(code.warp(), rows, kWarps, body); }

void Rows::forColumns(int64_t channels, llvm::function_ref<void(Value)> body) {
  code.loop(code.lane(), code.integer(padded(channels)), kWarp, body);
}

Value Rows::statistic(unsigned index, Value image, Value column) {
  const ImageStatistics &statistics = kernel.statistics[index];
  Value entry = code.multiply(code.subtract(image, firstImage), statistics.groups);
  if (statistics.groups > 1) {
    // Columns of the padding have no group; the last one's numbers keep them finite.
    Value group = code.divide(column, statistics.channels / statistics.groups);
    entry = code.add(entry, code.minimum(group, code.integer(statistics.groups - 1)));
  }
  return code.advance(code.shared(plan.statistics[index]), code.multiply(entry, 8));
}

// ---- Chains ------------------------------------------------------------------------------------------------------------

ChainEmitter::ChainEmitter(Rows &rows, const Segment &segment)
    : rows(rows), code(rows.code), chain(segment.chain), channels(segmentChannels(segment)) {
  for (const ChainStep &step : chain.steps)
    for (const Source &source : step.operands)
      needsImage |= source.kind == Source::Position || source.kind == Source::RowScalar || source.kind == Source::ImageScalar ||
                    source.kind == Source::Mean || source.kind == Source::Rstd;
}

void ChainEmitter::moveToColumns(llvm::ArrayRef<Value> at) {
  columns.assign(at.begin(), at.end());
  channelValues.clear();
  for (const ChainStep &step : chain.steps)
    for (const Source &source : step.operands) {
      channelValues.emplace_back();
      if (source.kind == Source::Channel)
        for (Value column : columns)
          channelValues.back().push_back(code.loadElement(rows.operand(source.index), column));
      else if (source.kind == Source::Scalar)
        channelValues.back().assign(columns.size(), code.loadScalar(rows.operand(source.index)));
    }
}

void ChainEmitter::moveToRow(Value at) {
  row = at;
  if (!needsImage)
    return;
  image = rows.imageOf(row);
  position = rows.positionOf(row);
}

Value ChainEmitter::resolve(const Source &source, const Values &values, unsigned which) {
  Value column = columns[which];
  switch (source.kind) {
  case Source::Value:
    return values[source.index];
  case Source::Same:
    return rows.load(source.place, rows.rowAddress(source.place, row, channels), column, channels);
  case Source::Constant:
    return code.number(source.number);
  case Source::Position:
    return code.loadElement(rows.operandRow(source.place, position, channels), column);
  case Source::RowScalar:
    return code.loadElement(rows.operand(source.index), position);
  case Source::ImageScalar:
    return code.loadElement(rows.operandRow(source.place, image, channels), code.integer(source.site));
  case Source::Mean:
    return code.loadScalar(rows.statistic(source.index, image, column));
  case Source::Rstd:
    return code.loadScalar(code.advance(rows.statistic(source.index, image, column), 4));
  case Source::Channel:
  case Source::Scalar:
    break;
  }
  return {};
}

void ChainEmitter::store(Value value, const Place &place, unsigned which) {
  auto write = [&] { code.storeScalar(value, code.element(rows.rowAddress(place, row, channels), columns[which])); };
  if (place.kind == Place::Dense && channels % code.target().panelWidth() != 0)
    code.ifThen(code.less(columns[which], code.integer(channels)), write);
  else
    write();
}

void ChainEmitter::emit(Value value, unsigned which) {
  Values values{value};
  unsigned number = 0;
  for (const ChainStep &step : chain.steps) {
    Values operands;
    for (const Source &source : step.operands) {
      const bool known = source.kind == Source::Channel || source.kind == Source::Scalar;
      operands.push_back(known ? channelValues[number][which] : resolve(source, values, which));
      ++number;
    }
    values.push_back(findPointwise(step.op)->emit(code, operands));
  }
  for (const Sink &sink : chain.sinks)
    store(values[sink.value], sink.place, which);
}

// ---- Kernels -----------------------------------------------------------------------------------------------------------

void emitSegment(Rows &rows, const Segment &segment, const Contract &body) { emitContraction(rows, segment, body); }

void emitRows(Code &code, const RowsKernel &kernel, mlir::ValueRange arguments) {
  Rows rows(code, kernel, arguments);
  bool isFirst = true;
  if (!kernel.statistics.empty()) {
    emitCombineStatistics(rows);
    isFirst = false;
  }
  for (size_t i = 0; i < kernel.segments.size(); ++i) {
    if (rows.plan.skipped[i])
      continue;
    if (!isFirst)
      code.barrier();
    isFirst = false;
    const Segment &segment = kernel.segments[i];
    std::visit(
        [&](const auto &body) {
          using Body = std::decay_t<decltype(body)>;
          constexpr bool ofPassBack = std::is_same_v<Body, SpreadImages> || std::is_same_v<Body, NormalizeGradRows> ||
                                      std::is_same_v<Body, ImageNormGrad> || std::is_same_v<Body, LossRows> ||
                                      std::is_same_v<Body, TransposedWindows> || std::is_same_v<Body, LineSums>;
          if constexpr (!ofPassBack) // checkRows() lets none through
            emitSegment(rows, segment, body);
        },
        segment.body);
  }
}

} // namespace archc::cuda
