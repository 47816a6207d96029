//===- RowsLayout.cpp - Scratch and legality of kernels made of segments --===//

#include "passes/LowerCpu/RowsKernel.h"

#include "passes/LowerCpu/RowGradients.h"
#include "passes/LowerCpu/Windows.h"

namespace archc::cpu {

int64_t segmentChannels(const Segment &segment) {
  if (std::holds_alternative<LineStatistics>(segment.body) || std::holds_alternative<TransposedWindows>(segment.body) ||
      std::holds_alternative<LineSums>(segment.body))
    return 0;
  return std::visit(
      [](const auto &body) -> int64_t {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, GatherWindows> || std::is_same_v<Body, LossRows>)
          return body.channels();
        else
          return body.channels;
      },
      segment.body);
}

static int64_t workBytes(const Segment &segment, const RowsKernel &kernel, const CpuTarget &target) {
  if (auto *gather = std::get_if<GatherWindows>(&segment.body))
    return gatherScratchBytes(target, *gather);
  if (auto *pool = std::get_if<PoolMix>(&segment.body))
    return poolScratchBytes(target, pool->channels, kernel.width, pool->size);
  if (auto *spatial = std::get_if<SpatialMatmul>(&segment.body))
    return 4 * target.padToPanel(spatial->channels) * target.padToVector(kernel.height * kernel.width);
  if (auto *norm = std::get_if<ImageNormGrad>(&segment.body))
    return imageNormGradScratchBytes(target, norm->channels);
  if (auto *transposed = std::get_if<TransposedWindows>(&segment.body))
    return transposedScratchBytes(target, *transposed, kernel);
  return 0;
}

RowsLayout layOutRows(const RowsKernel &kernel, const CpuTarget &target) {
  RowsLayout layout;
  auto allocate = [&](int64_t bytes) {
    int64_t offset = layout.bytes;
    layout.bytes += (bytes + 63) / 64 * 64;
    return offset;
  };
  // A tile reads VL * rows floats on at every step over k blocks. With an odd number of cache lines in between, the blocks of a long K
  // spread over all sets of L1.
  const int64_t perLine = 16 / target.vectorLength;
  layout.rows = (kernel.rowBlock + perLine - 1) / perLine;
  layout.rows = (layout.rows | 1) * perLine;
  layout.zeros = allocate(4 * target.vectorLength);
  for (const ScratchValue &value : kernel.scratch)
    layout.values.push_back(allocate(4 * layout.rows * target.padToPanel(value.channels)));
  for (const ImageStatistics &statistics : kernel.statistics) {
    int64_t bytes = statistics.groups == 1 ? 4 : 4 * target.padToPanel(statistics.channels);
    layout.means.push_back(allocate(bytes));
    layout.rstds.push_back(allocate(bytes));
  }
  for (const Segment &segment : kernel.segments) {
    layout.work.push_back(allocate(workBytes(segment, kernel, target)));
    layout.offsets.emplace_back();
    for (const Sink &sink : segment.chain.sinks)
      layout.offsets.back().push_back(allocate(sink.place.kind == Place::PaddedImage ? 8 * kernel.rowBlock : 0));
    int64_t scalars = 0;
    for (const ChainStep &step : segment.chain.steps)
      for (const Source &source : step.operands)
        scalars += source.kind == Source::ImageScalar;
    layout.imageScalars.push_back(allocate(4 * kernel.rowBlock * scalars));
  }
  return layout;
}

// ---- Legality ----------------------------------------------------------------------------------------------------------

static std::string checkPlace(const RowsKernel &kernel, const Place &place) {
  if (place.kind != Place::ScratchRows && place.kind != Place::Blocked)
    return "";
  if (place.index >= kernel.scratch.size())
    return "no scratch value " + std::to_string(place.index);
  if (kernel.scratch[place.index].blocked != (place.kind == Place::Blocked))
    return "scratch value " + std::to_string(place.index) + " is used in two layouts";
  return "";
}

static bool needsLines(const Segment &segment) {
  return std::holds_alternative<DepthwiseWindows>(segment.body) || std::holds_alternative<PoolMix>(segment.body) ||
         std::holds_alternative<LineStatistics>(segment.body) || std::holds_alternative<TransposedWindows>(segment.body) ||
         std::holds_alternative<LineSums>(segment.body);
}

/// Windows and images reach over the rows of a block, which are all that scratch holds.
static bool reachesOverBlock(const RowsKernel &kernel, const Segment &segment) {
  auto isScratch = [](const auto *body) { return body && body->input.kind == Place::ScratchRows; };
  return isScratch(std::get_if<GatherWindows>(&segment.body)) || isScratch(std::get_if<DepthwiseWindows>(&segment.body)) ||
         isScratch(std::get_if<PoolMix>(&segment.body)) || isScratch(std::get_if<SpatialMatmul>(&segment.body)) ||
         isScratch(std::get_if<AveragePool>(&segment.body)) || isScratch(std::get_if<SpreadImages>(&segment.body)) ||
         isScratch(std::get_if<TransposedWindows>(&segment.body)) ||
         (kernel.height * kernel.width > 1 && isScratch(std::get_if<ImageNormGrad>(&segment.body)));
}

static std::string checkSegment(const RowsKernel &kernel, const Segment &segment) {
  if (reachesOverBlock(kernel, segment))
    return "a segment that reads other rows than the block's needs them in an operand";
  if (needsLines(segment) && kernel.axis != RowsAxis::Lines)
    return "a segment over image lines needs the line axis";
  std::string error = checkChain(segment.chain);
  auto place = [&](const Place &checked) {
    if (error.empty())
      error = checkPlace(kernel, checked);
  };
  for (const ChainStep &step : segment.chain.steps)
    for (const Source &source : step.operands) {
      if (source.kind == Source::Same)
        place(source.place);
      if ((source.kind == Source::Mean || source.kind == Source::Rstd) && source.index >= kernel.statistics.size())
        return "no image statistics " + std::to_string(source.index);
    }
  for (const Sink &sink : segment.chain.sinks) {
    place(sink.place);
    bool scratch = sink.place.kind == Place::ScratchRows || sink.place.kind == Place::Blocked;
    if (error.empty() && scratch && kernel.scratch[sink.place.index].channels < segmentChannels(segment))
      return "scratch value " + std::to_string(sink.place.index) + " is too narrow for what is written to it";
  }
  if (auto *transposed = std::get_if<TransposedWindows>(&segment.body)) {
    place(Place::scratchRows(transposed->output));
    if (error.empty() && kernel.scratch[transposed->output].channels < transposed->channels)
      return "scratch value " + std::to_string(transposed->output) + " is too narrow for what is written to it";
  }
  if (auto *contract = std::get_if<Contract>(&segment.body)) {
    place(contract->input);
    if (error.empty() && contract->input.kind != Place::Blocked)
      return "a contraction reads a blocked scratch value";
  }
  return error;
}

std::string checkRowsKernel(const RowsKernel &kernel, const CpuTarget &target) {
  if (kernel.rowBlock < 1 || kernel.height < 1 || kernel.width < 1 || kernel.segments.empty())
    return "a kernel needs rows, positions and segments";
  if (kernel.axis == RowsAxis::Lines && kernel.rowBlock % kernel.width != 0)
    return "row block " + std::to_string(kernel.rowBlock) + " is no whole number of lines of " + std::to_string(kernel.width);
  if (kernel.axis == RowsAxis::Panels && !std::holds_alternative<Contract>(kernel.segments.back().body))
    return "on the panel axis the last segment must be a contraction";
  for (const ImageStatistics &statistics : kernel.statistics)
    if (statistics.groups < 1 || statistics.channels % statistics.groups != 0)
      return std::to_string(statistics.groups) + " groups do not divide " + std::to_string(statistics.channels) + " channels";
  for (const Segment &segment : kernel.segments)
    if (std::string error = checkSegment(kernel, segment); !error.empty())
      return error;
  return "";
}

} // namespace archc::cpu
