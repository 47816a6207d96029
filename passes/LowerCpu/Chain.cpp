//===- Chain.cpp - Elementwise chains bound to a context ------------------===//

#include "passes/LowerCpu/Chain.h"

#include "passes/Kernels/PointwiseEmitter.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace archc::cpu {

// ---- Binding -----------------------------------------------------------------------------------------------------------

namespace {
class Binder {
public:
  explicit Binder(const std::vector<int64_t> &groups) : groups(groups) {}

  BoundChain bind(const Chain &chain) {
    for (const ChainStep &step : chain.steps) {
      BoundStep bound{step.op, {}};
      for (const Source &source : step.operands)
        bound.operands.push_back(bindSource(source));
      result.steps.push_back(std::move(bound));
    }
    for (const Sink &sink : chain.sinks)
      result.sinks.push_back({sink.value, bindPlace(sink.place)});
    writeKey();
    return std::move(result);
  }

private:
  unsigned addSlot(const SlotFill &fill) {
    result.slots.push_back(fill);
    return result.slots.size() - 1;
  }

  unsigned bindPlace(const Place &place) {
    static const BoundPlace::Kind kinds[] = {BoundPlace::Rows,    BoundPlace::Dense, BoundPlace::Rows,
                                             BoundPlace::Blocked, BoundPlace::Image, BoundPlace::Scattered};
    BoundPlace bound{kinds[place.kind], addSlot({SlotFill::PlaceBase, 0, place})};
    addSlot({SlotFill::PlaceStride, 0, place});
    if (bound.kind == BoundPlace::Dense)
      addSlot({SlotFill::PlaceChannels, 0, place});
    if (bound.kind == BoundPlace::Image)
      addSlot({SlotFill::PlaceOffsets, 0, place});
    result.places.push_back(bound);
    return result.places.size() - 1;
  }

  BoundSource bindSource(const Source &source) {
    switch (source.kind) {
    case Source::Value:
      return {BoundSource::Value, source.index};
    case Source::Same:
      return {BoundSource::Same, bindPlace(source.place)};
    case Source::Channel:
      return {BoundSource::Channel, addSlot({SlotFill::Operand, source.index, {}})};
    case Source::Scalar:
      return {BoundSource::Scalar, addSlot({SlotFill::Operand, source.index, {}})};
    case Source::Constant:
      return {BoundSource::Constant, 0, source.number};
    case Source::Position: {
      unsigned base = addSlot({SlotFill::PositionRows, source.index, source.place});
      addSlot({SlotFill::PlaceStride, 0, source.place});
      result.places.push_back({BoundPlace::Rows, base});
      return {BoundSource::Same, static_cast<unsigned>(result.places.size() - 1)};
    }
    case Source::RowScalar:
      return {BoundSource::RowScalar, addSlot({SlotFill::PositionScalars, source.index, {}})};
    case Source::ImageScalar:
      return {BoundSource::RowScalar, addSlot({SlotFill::ImageScalars, source.index, source.place, false, source.site})};
    case Source::Mean:
    case Source::Rstd:
      break;
    }
    unsigned slot = addSlot({SlotFill::Statistic, source.index, {}, source.kind == Source::Rstd});
    return {groups[source.index] == 1 ? BoundSource::Scalar : BoundSource::Channel, slot};
  }

  void writeKey() {
    llvm::raw_string_ostream stream(result.key);
    for (const BoundStep &step : result.steps) {
      stream << step.op << '(';
      for (const BoundSource &source : step.operands)
        stream << source.kind << ':' << source.index << ':' << llvm::format("%a", source.number) << ',';
      stream << ')';
    }
    for (const BoundPlace &place : result.places)
      stream << 'p' << place.kind << ':' << place.slot;
    for (const BoundSink &sink : result.sinks)
      stream << 's' << sink.value << ':' << sink.place;
  }

  const std::vector<int64_t> &groups;
  BoundChain result;
};
} // namespace

BoundChain bindChain(const Chain &chain, const std::vector<int64_t> &groupsOfStatistics) {
  return Binder(groupsOfStatistics).bind(chain);
}

std::string checkChain(const Chain &chain) {
  for (size_t i = 0; i < chain.steps.size(); ++i) {
    const ChainStep &step = chain.steps[i];
    const PointwiseEmitter *emitter = findPointwise(step.op);
    if (!emitter)
      return "no elementwise emitter for `" + step.op + "`";
    if (emitter->operands != step.operands.size())
      return "`" + step.op + "` has " + std::to_string(step.operands.size()) + " operands; expected " +
             std::to_string(emitter->operands);
    for (const Source &source : step.operands) {
      if (source.kind == Source::Value && source.index > i)
        return "step " + std::to_string(i) + " of a chain reads the later value " + std::to_string(source.index);
      if (source.kind == Source::Same && source.place.kind == Place::PaddedImage)
        return "a padded image cannot be a chain's source";
    }
  }
  for (const Sink &sink : chain.sinks)
    if (sink.value > chain.steps.size())
      return "a sink reads value " + std::to_string(sink.value) + " of a chain of " + std::to_string(chain.steps.size()) +
             " steps";
  return "";
}

// ---- Emission ----------------------------------------------------------------------------------------------------------

ChainEmitter::ChainEmitter(Code &code, const BoundChain &chain, Value context)
    : code(code), chain(chain), context(context), states(chain.places.size()), channelVectors(chain.slots.size()),
      scalars(chain.slots.size()) {}

Value ChainEmitter::slot(unsigned index, bool pointer) {
  Value address = code.advance(context, 8 * static_cast<int64_t>(index));
  return pointer ? code.loadPointer(address) : code.loadInteger(address);
}

void ChainEmitter::moveTo(Value newRow, Value newColumn, unsigned count) {
  row = newRow;
  for (size_t i = 0; i < states.size(); ++i) {
    PlaceState &state = states[i];
    const BoundPlace &place = chain.places[i];
    state.base = slot(place.slot, /*pointer=*/true);
    state.stride = slot(place.slot + 1, /*pointer=*/false);
    if (place.kind == BoundPlace::Dense)
      state.channels = slot(place.slot + 2, /*pointer=*/false);
    if (place.kind == BoundPlace::Image)
      state.offsets = code.advance(slot(place.slot + 2, /*pointer=*/true), code.multiply(row, 8));
  }
  for (const BoundStep &step : chain.steps)
    for (const BoundSource &source : step.operands)
      if (source.kind == BoundSource::Scalar)
        scalars[source.index] = code.splat(code.loadScalar(slot(source.index, /*pointer=*/true)));
      else if (source.kind == BoundSource::RowScalar)
        scalars[source.index] = code.advance(slot(source.index, /*pointer=*/true), code.multiply(row, 4));
  placeRow();
  moveToColumn(newColumn, count);
}

void ChainEmitter::placeRow() {
  for (size_t i = 0; i < states.size(); ++i) {
    PlaceState &state = states[i];
    switch (chain.places[i].kind) {
    case BoundPlace::Rows:
    case BoundPlace::Dense:
      state.row = code.advance(state.base, code.multiply(row, state.stride));
      break;
    case BoundPlace::Blocked:
      state.row = code.advance(state.base, code.multiply(row, code.vectorBytes()));
      break;
    case BoundPlace::Image:
      state.row = code.advance(state.base, code.loadInteger(state.offsets));
      break;
    case BoundPlace::Scattered:
      state.offsets = code.advance(state.base, code.multiply(row, 8));
      state.row = code.loadPointer(state.offsets);
      break;
    }
  }
}

void ChainEmitter::nextRow() {
  for (size_t i = 0; i < states.size(); ++i) {
    PlaceState &state = states[i];
    switch (chain.places[i].kind) {
    case BoundPlace::Rows:
    case BoundPlace::Dense:
      state.row = code.advance(state.row, state.stride);
      break;
    case BoundPlace::Blocked:
      state.row = code.advance(state.row, code.vectorBytes());
      break;
    case BoundPlace::Image:
      state.offsets = code.advance(state.offsets, 8);
      state.row = code.advance(state.base, code.loadInteger(state.offsets));
      break;
    case BoundPlace::Scattered:
      state.offsets = code.advance(state.offsets, 8);
      state.row = code.loadPointer(state.offsets);
      break;
    }
  }
  for (const BoundStep &step : chain.steps)
    for (const BoundSource &source : step.operands)
      if (source.kind == BoundSource::RowScalar)
        scalars[source.index] = code.advance(scalars[source.index], 4);
}

void ChainEmitter::moveToColumn(Value newColumn, unsigned count) {
  column = newColumn;
  vectors = count;
  Value bytes = code.multiply(column, 4);
  Value block = code.divide(column, code.lanes());
  for (size_t i = 0; i < states.size(); ++i) {
    PlaceState &state = states[i];
    BoundPlace::Kind kind = chain.places[i].kind;
    bool flat = kind == BoundPlace::Rows || kind == BoundPlace::Dense || kind == BoundPlace::Scattered;
    state.columnBytes = flat ? bytes : code.multiply(block, state.stride);
    state.masks.clear();
    if (kind == BoundPlace::Dense)
      for (unsigned v = 0; v < vectors; ++v)
        state.masks.push_back(code.laneMask(code.integer(0), code.subtract(state.channels, code.add(column, v * code.lanes()))));
  }
  for (const BoundStep &step : chain.steps)
    for (const BoundSource &source : step.operands) {
      if (source.kind != BoundSource::Channel)
        continue;
      Value base = code.advance(slot(source.index, /*pointer=*/true), bytes);
      channelVectors[source.index].clear();
      for (unsigned v = 0; v < vectors; ++v)
        channelVectors[source.index].push_back(code.load(code.advance(base, v * code.vectorBytes())));
    }
}

Value ChainEmitter::address(unsigned place, unsigned vector) {
  PlaceState &state = states[place];
  Value at = code.advance(state.row, state.columnBytes);
  if (vector == 0)
    return at;
  BoundPlace::Kind kind = chain.places[place].kind;
  if (kind == BoundPlace::Rows || kind == BoundPlace::Dense || kind == BoundPlace::Scattered)
    return code.advance(at, vector * code.vectorBytes());
  return code.advance(at, code.multiply(state.stride, vector));
}

Value ChainEmitter::read(unsigned place, unsigned vector) {
  if (chain.places[place].kind == BoundPlace::Dense)
    return code.loadMasked(address(place, vector), states[place].masks[vector]);
  return code.load(address(place, vector));
}

Value ChainEmitter::resolve(const BoundSource &source, const std::vector<Value> &values, unsigned vector) {
  switch (source.kind) {
  case BoundSource::Value:
    return values[source.index];
  case BoundSource::Same:
    return read(source.index, vector);
  case BoundSource::Channel:
    return channelVectors[source.index][vector];
  case BoundSource::Scalar:
    return scalars[source.index];
  case BoundSource::Constant:
    return code.likeVector(values[0], source.number);
  case BoundSource::RowScalar:
    return code.splat(code.loadScalar(scalars[source.index]));
  }
  return {};
}

void ChainEmitter::emit(Value value, unsigned vector) {
  std::vector<Value> values{value};
  for (const BoundStep &step : chain.steps) {
    Values operands;
    for (const BoundSource &source : step.operands)
      operands.push_back(resolve(source, values, vector));
    values.push_back(findPointwise(step.op)->emit(code, operands));
  }
  for (const BoundSink &sink : chain.sinks) {
    if (chain.places[sink.place].kind == BoundPlace::Dense)
      code.storeMasked(values[sink.value], address(sink.place, vector), states[sink.place].masks[vector]);
    else
      code.store(values[sink.value], address(sink.place, vector));
  }
}

} // namespace archc::cpu
