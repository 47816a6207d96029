#include "passes/LowerCuda/RowsPlan.h"

#include "passes/Kernels/PointwiseEmitter.h"
#include "passes/LowerCuda/BuildGpuKernel.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace archc::cuda {

int64_t segmentChannels(const Segment &segment) {
  return std::visit(
      [](const auto &body) -> int64_t {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, GatherWindows> || std::is_same_v<Body, LossRows>)
          return body.channels();
        else if constexpr (std::is_same_v<Body, LineStatistics> || std::is_same_v<Body, LineSums> ||
                           std::is_same_v<Body, TransposedWindows>)
          return 0;
        else
          return body.channels;
      },
      segment.body);
}

namespace {

bool isScratch(const Place &place) { return place.kind == Place::ScratchRows || place.kind == Place::Blocked; }

/// The place that a segment's own computation reads; null when it reads none that may be scratch.
const Place *inputOf(const Segment &segment) {
  return std::visit(
      [](const auto &body) -> const Place * {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, LossRows>)
          return &body.logits;
        else
          return &body.input;
      },
      segment.body);
}

bool readsValue(const Segment &segment, unsigned value) {
  auto isIt = [&](const Place &place) { return isScratch(place) && place.index == value; };
  if (isIt(*inputOf(segment)))
    return true;
  for (const ChainStep &step : segment.chain.steps)
    for (const Source &source : step.operands)
      if (source.kind == Source::Same && isIt(source.place))
        return true;
  return false;
}

class Planner {
public:
  Planner(const RowsKernel &kernel, const GpuTarget &target) : kernel(kernel), target(target) {}

  RowsPlan run() {
    plan.skipped.resize(kernel.segments.size());
    plan.homes.resize(kernel.scratch.size());
    for (size_t i = 0; i < kernel.segments.size(); ++i)
      if (canSkip(i))
        skip(i);
      else
        mergeLayouts(kernel.segments[i]);
    choose();
    return std::move(plan);
  }

private:
  bool onlyCopiesToScratch(const Segment &segment) {
    return segment.chain.steps.empty() && !segment.chain.sinks.empty() &&
           llvm::all_of(segment.chain.sinks, [](const Sink &sink) { return isScratch(sink.place); });
  }

  bool canSkip(size_t index) {
    const Segment &segment = kernel.segments[index];
    if (!onlyCopiesToScratch(segment))
      return false;
    if (std::holds_alternative<LoadRows>(segment.body))
      return true;
    return std::holds_alternative<GatherWindows>(segment.body) && onlyContracted(segment, index);
  }

  /// Whether contractions alone read what the segment writes.
  bool onlyContracted(const Segment &segment, size_t index) {
    for (const Sink &sink : segment.chain.sinks)
      for (size_t reader = index + 1; reader < kernel.segments.size(); ++reader) {
        const Segment &other = kernel.segments[reader];
        bool sameRead = llvm::any_of(other.chain.steps, [&](const ChainStep &step) {
          return llvm::any_of(step.operands, [&](const Source &source) {
            return source.kind == Source::Same && isScratch(source.place) && source.place.index == sink.place.index;
          });
        });
        if (sameRead || (readsValue(other, sink.place.index) && !std::holds_alternative<Contract>(other.body)))
          return false;
      }
    return true;
  }

  void skip(size_t index) {
    const Segment &segment = kernel.segments[index];
    plan.skipped[index] = true;
    for (const Sink &sink : segment.chain.sinks) {
      ScratchHome &home = plan.homes[sink.place.index];
      if (auto *load = std::get_if<LoadRows>(&segment.body)) {
        if (isScratch(load->input)) {
          home = plan.homes[load->input.index];
          aliases.push_back({sink.place.index, load->input.index});
          continue;
        }
        home.kind = ScratchHome::Alias;
        home.place = load->input;
        home.channels = load->channels;
      } else {
        home.kind = ScratchHome::Windows;
        home.segment = index;
      }
    }
  }

  /// Both layouts are rows here: a value that is written in both is one.
  void mergeLayouts(const Segment &segment) {
    for (const Sink &sink : segment.chain.sinks)
      for (const Sink &first : segment.chain.sinks) {
        if (&first == &sink)
          break;
        if (isScratch(first.place) && isScratch(sink.place) && first.value == sink.value) {
          aliases.push_back({sink.place.index, first.place.index});
          break;
        }
      }
  }

  /// Values that are one: a value in both layouts, or a copy of another.
  unsigned original(unsigned value) const {
    for (auto [copy, from] : aliases)
      if (copy == value)
        return original(from);
    return value;
  }

  struct Span {
    unsigned value;
    size_t first, last;
  };

  /// First and last segment of every value in shared memory.
  std::vector<Span> spans() {
    std::vector<Span> all;
    for (size_t i = 0; i < kernel.segments.size(); ++i) {
      if (plan.skipped[i])
        continue;
      for (const Sink &sink : kernel.segments[i].chain.sinks)
        if (isScratch(sink.place) && original(sink.place.index) == sink.place.index)
          all.push_back({sink.place.index, i, i});
    }
    for (Span &span : all)
      for (size_t i = span.first; i < kernel.segments.size(); ++i)
        for (unsigned value = 0; value < kernel.scratch.size(); ++value)
          if (original(value) == span.value && readsValue(kernel.segments[i], value))
            span.last = i;
    return all;
  }

  void choose() {
    const int64_t granule = kernel.axis == RowsAxis::Lines ? kernel.width : 1;
    bool contracts = llvm::any_of(kernel.segments, [](const Segment &s) { return std::holds_alternative<Contract>(s.body); });
    for (int64_t rows = contracts ? kTileRows : kTileRows / 2;; rows /= 2) {
      const int64_t whole = std::max<int64_t>(1, rows / granule) * granule;
      layOut(whole, contracts);
      if (plan.bytes <= kSharedBudget || rows == 1)
        return;
    }
  }

  void layOut(int64_t rows, bool contracts) {
    plan.rows = rows;
    plan.bytes = contracts ? 4 * (kTileRows * kTileStride + kTileDepth * kTileColumns) : 0;
    plan.images = (rows - 1) / (kernel.height * kernel.width) + 2;
    plan.statistics.clear();
    for (const ImageStatistics &statistics : kernel.statistics) {
      plan.statistics.push_back(plan.bytes);
      plan.bytes += (8 * plan.images * statistics.groups + 15) / 16 * 16;
    }
    const int64_t base = plan.bytes;
    std::vector<Span> placed;
    for (const Span &span : spans()) {
      ScratchHome &home = plan.homes[span.value];
      home.stride = target.padToPanel(kernel.scratch[span.value].channels) + 4;
      home.offset = base;
      // The lowest place that is free of all values alive at the same time.
      for (bool moved = true; moved;) {
        moved = false;
        for (const Span &other : placed) {
          const ScratchHome &taken = plan.homes[other.value];
          bool meets = span.first <= other.last && other.first <= span.last && home.offset < taken.offset + sizeOf(taken, rows) &&
                       taken.offset < home.offset + sizeOf(home, rows);
          if (meets) {
            home.offset = taken.offset + sizeOf(taken, rows);
            moved = true;
          }
        }
      }
      placed.push_back(span);
      plan.bytes = std::max(plan.bytes, home.offset + sizeOf(home, rows));
    }
    for (auto [copy, from] : aliases)
      plan.homes[copy] = plan.homes[original(from)];
  }

  static int64_t sizeOf(const ScratchHome &home, int64_t rows) { return 4 * rows * home.stride; }

  const RowsKernel &kernel;
  const GpuTarget &target;
  RowsPlan plan;
  std::vector<std::pair<unsigned, unsigned>> aliases;
};

std::string checkSegment(const RowsKernel &kernel, const Segment &segment) {
  const bool known = std::holds_alternative<LoadRows>(segment.body) || std::holds_alternative<NormalizeRows>(segment.body) ||
                     std::holds_alternative<Contract>(segment.body) || std::holds_alternative<SpatialMatmul>(segment.body) ||
                     std::holds_alternative<GatherWindows>(segment.body) ||
                     std::holds_alternative<DepthwiseWindows>(segment.body) || std::holds_alternative<PoolMix>(segment.body) ||
                     std::holds_alternative<AveragePool>(segment.body) || std::holds_alternative<LineStatistics>(segment.body);
  auto *pool = std::get_if<PoolMix>(&segment.body);
  if (!known || (pool && pool->adjoint))
    return "no GPU kernel for a part of the pass back";
  if (std::holds_alternative<LineStatistics>(segment.body) && kernel.axis != RowsAxis::Lines)
    return "statistics of lines need the line axis";
  for (const ChainStep &step : segment.chain.steps) {
    const PointwiseEmitter *emitter = findPointwise(step.op);
    if (!emitter || emitter->operands != step.operands.size())
      return "no elementwise emitter for `" + step.op + "` of " + std::to_string(step.operands.size()) + " operands";
  }
  for (const Sink &sink : segment.chain.sinks)
    if (sink.place.kind == Place::PaddedImage)
      return "no GPU kernel writes a padded image";
  if (inputOf(segment)->kind == Place::PaddedImage)
    return "no GPU kernel reads a padded image";
  return "";
}

} // namespace

RowsPlan planRows(const RowsKernel &kernel, const GpuTarget &target) { return Planner(kernel, target).run(); }

std::string checkRows(const RowsKernel &kernel, const GpuTarget &target) {
  if (kernel.height < 1 || kernel.width < 1 || kernel.segments.empty() || kernel.axis == RowsAxis::Panels)
    return "a GPU kernel needs rows, positions and segments";
  for (const Segment &segment : kernel.segments)
    if (std::string error = checkSegment(kernel, segment); !error.empty())
      return error;
  RowsPlan plan = planRows(kernel, target);
  if (plan.bytes > kSharedBudget)
    return std::to_string(plan.rows) + " rows need " + std::to_string(plan.bytes) + " bytes of shared memory; expected at most " +
           std::to_string(kSharedBudget);
  return "";
}

} // namespace archc::cuda
