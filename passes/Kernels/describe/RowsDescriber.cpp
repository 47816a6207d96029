#include "passes/Kernels/describe/RowsDescriber.h"

#include "dialect/mf/MfOps.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace archc::kernels {

static llvm::StringMap<OpRule> &rules() {
  static llvm::StringMap<OpRule> table;
  return table;
}

bool registerOpRule(StringRef name, OpRule rule) { return rules().try_emplace(name, rule).second; }

static ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

RowsDescriber::RowsDescriber(plan::KernelOp kernel, const KernelTarget &target) : target(target), kernel(kernel) {
  Block &body = kernel.getBody().front();
  for (BlockArgument argument : body.getArguments())
    arguments[argument] = argument.getArgNumber();
  for (OpOperand &yielded : body.getTerminator()->getOpOperands())
    outputs[yielded.get()] = body.getNumArguments() + yielded.getOperandNumber();
}

FailureOr<RowsKernel> RowsDescriber::describe() {
  Block &body = kernel.getBody().front();
  Value shaped = body.getTerminator()->getOperand(0);
  for (Operation &op : body.without_terminator()) {
    auto fusable = dyn_cast<mf::FusableOpInterface>(op);
    shaped = fusable && fusable.ridesOnMap() ? op.getOperand(0) : op.getResult(0);
  }
  if (shapeOf(shaped).size() == 4) {
    rows.height = shapeOf(shaped)[1];
    rows.width = shapeOf(shaped)[2];
  }
  for (Operation &op : body.without_terminator())
    if (failed(describeOp(op)))
      return failure();
  finish();
  return std::move(rows);
}

LogicalResult RowsDescriber::describeOp(Operation &op) {
  auto rule = rules().find(op.getName().getStringRef());
  if (rule == rules().end())
    return op.emitError() << "no kernel for `" << op.getName() << "`";
  if (rule->second.kind == OpRule::Chain)
    startElementwise(op);
  if (failed(rule->second.describe(op, *this)))
    return failure();
  storeOutput(op.getResult(0));
  return success();
}

/// Elementwise ops continue the current segment when it computed one of their maps; otherwise a new one loads the first.
bool RowsDescriber::startElementwise(Operation &op) {
  for (Value operand : op.getOperands())
    if (auto home = homes.find(operand); home != homes.end() && home->second.segment + 1 == rows.segments.size())
      return false;
  Value map = op.getOperand(0);
  startSegment(LoadRows{rowsOf(map), mf::channelsOf(map)}, Value());
  return true;
}

void RowsDescriber::startSegment(SegmentBody body, Value result) {
  rows.segments.push_back({std::move(body), {}});
  if (result)
    define(result, 0);
}

void RowsDescriber::define(Value result, unsigned value) {
  Home home;
  home.segment = rows.segments.size() - 1;
  home.value = value;
  homes[result] = home;
}

void RowsDescriber::storeOutput(Value result) {
  auto output = outputs.find(result);
  auto home = homes.find(result);
  if (output == outputs.end() || home == homes.end())
    return;
  auto layout = cast<plan::LayoutAttr>(kernel.getLayouts()[output->second]);
  Place place = Place::rows(output->second, target.padToPanel(mf::channelsOf(result)));
  if (layout.getKind() == plan::LayoutKind::Dense)
    place = Place::dense(output->second);
  else if (layout.getKind() == plan::LayoutKind::PaddedImage)
    place = Place::paddedImage(output->second, layout.getPadding());
  rows.segments[home->second.segment].chain.sinks.push_back({home->second.value, place});
}

Source RowsDescriber::current() const { return Source::value(rows.segments.back().chain.steps.size()); }

Source RowsDescriber::addStep(StringRef op, ArrayRef<Source> operands, Value result) {
  Chain &chain = rows.segments.back().chain;
  chain.steps.push_back({op.str(), {operands.begin(), operands.end()}});
  if (result)
    define(result, chain.steps.size());
  return current();
}

void RowsDescriber::sinkCurrent(Place place) {
  rows.segments.back().chain.sinks.push_back({static_cast<unsigned>(rows.segments.back().chain.steps.size()), place});
}

Place RowsDescriber::argumentPlace(Value argument) const {
  unsigned index = arguments.lookup(argument);
  auto layout = cast<plan::LayoutAttr>(kernel.getLayouts()[index]);
  if (layout.getKind() == plan::LayoutKind::Dense)
    return Place::dense(index);
  if (layout.getKind() == plan::LayoutKind::PaddedImage)
    return Place::paddedImage(index, layout.getPadding());
  return Place::rows(index, target.padToPanel(mf::channelsOf(argument)));
}

int RowsDescriber::newScratch(bool blocked, int64_t channels) {
  rows.scratch.push_back({blocked, channels});
  return rows.scratch.size() - 1;
}

Place RowsDescriber::newBlocked(int64_t channels) { return Place::blocked(newScratch(true, channels)); }
Place RowsDescriber::newRows(int64_t channels) { return Place::scratchRows(newScratch(false, channels)); }

Place RowsDescriber::rowsOf(Value map) {
  if (arguments.count(map))
    return argumentPlace(map);
  if (auto output = outputs.find(map); output != outputs.end()) {
    auto layout = cast<plan::LayoutAttr>(kernel.getLayouts()[output->second]);
    if (layout.getKind() == plan::LayoutKind::Rows)
      return Place::rows(output->second, target.padToPanel(mf::channelsOf(map)));
  }
  Home &home = homes.find(map)->second;
  if (home.rows < 0) {
    home.rows = newScratch(false, mf::channelsOf(map));
    rows.segments[home.segment].chain.sinks.push_back({home.value, Place::scratchRows(home.rows)});
  }
  return Place::scratchRows(home.rows);
}

Place RowsDescriber::wholeRowsOf(Value map) {
  if (arguments.count(map) && argumentPlace(map).kind == Place::Dense)
    loadArgument(map);
  return rowsOf(map);
}

/// From here on the argument is a value of this kernel.
void RowsDescriber::loadArgument(Value map) {
  startSegment(LoadRows{argumentPlace(map), mf::channelsOf(map)}, map);
  arguments.erase(map);
}

Place RowsDescriber::blockedOf(Value map) {
  if (!homes.count(map))
    loadArgument(map);
  Home &home = homes.find(map)->second;
  if (home.blocked < 0) {
    home.blocked = newScratch(true, mf::channelsOf(map));
    rows.segments[home.segment].chain.sinks.push_back({home.value, Place::blocked(home.blocked)});
  }
  return Place::blocked(home.blocked);
}

Source RowsDescriber::mapSource(Value map) {
  auto home = homes.find(map);
  bool isRunning = home != homes.end() && home->second.segment + 1 == rows.segments.size();
  if (isRunning)
    return Source::value(home->second.value);
  // The segment of an elementwise op without a running operand loads its first map.
  if (auto *load = std::get_if<LoadRows>(&rows.segments.back().body); load && rows.segments.back().chain.steps.empty()) {
    Place place = rowsOf(map);
    if (place.kind == load->input.kind && place.index == load->input.index)
      return Source::value(0);
  }
  return Source::same(rowsOf(map));
}

Source RowsDescriber::parameterSource(Value vector) {
  auto type = cast<RankedTensorType>(vector.getType());
  return type.getNumElements() == 1 ? Source::scalar(operandOf(vector)) : Source::channel(operandOf(vector));
}

unsigned RowsDescriber::statisticsOf(Value lines, int64_t groups, int64_t channels, double eps) {
  unsigned operand = operandOf(lines);
  for (auto [index, entry] : llvm::enumerate(rows.statistics))
    if (entry.lines == operand && entry.eps == eps && entry.groups == groups)
      return index;
  rows.statistics.push_back({operand, groups, channels, eps});
  return rows.statistics.size() - 1;
}

/// Lines are the axis where a segment needs whole ones, or neighbours on a target that walks along lines.
void RowsDescriber::finish() {
  int64_t width = 0, weights = 0, sparseness = 1;
  for (const ScratchValue &value : rows.scratch)
    width += value.channels;
  for (const Segment &segment : rows.segments) {
    if (auto *contract = std::get_if<Contract>(&segment.body))
      weights += contract->inputChannels * contract->channels * 4;
    if (auto *transposed = std::get_if<TransposedWindows>(&segment.body)) {
      // A tap reaches one row in so many.
      sparseness = transposed->strideHeight * transposed->strideWidth;
      weights += transposed->inputChannels * transposed->channels * 4;
      width += transposed->inputChannels / sparseness;
    }
    bool isWindow = std::holds_alternative<DepthwiseWindows>(segment.body) || std::holds_alternative<PoolMix>(segment.body) ||
                    std::holds_alternative<TransposedWindows>(segment.body);
    bool isSum = std::holds_alternative<LineStatistics>(segment.body) || std::holds_alternative<LineSums>(segment.body);
    if (isSum || (isWindow && target.worksOnLines()))
      rows.axis = RowsAxis::Lines;
  }
  rows.rowBlock = target.rowsPerBlock(std::max<int64_t>(width, 1), weights);
  if (sparseness > 1)
    rows.rowBlock = std::max(rows.rowBlock, 54 * sparseness);
  if (rows.axis == RowsAxis::Lines)
    rows.rowBlock = std::max<int64_t>(1, rows.rowBlock / rows.width) * rows.width;
}

} // namespace archc::kernels
