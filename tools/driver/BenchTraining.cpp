#include "tools/driver/BenchTraining.h"

#include "frontend/Frontend.h"
#include "frontend/cost/Costs.h"
#include "runtime/graph/Describe.h"
#include "runtime/train/GradientStep.h"
#include "tools/driver/FmaPeak.h"
#include "tools/driver/PrintJson.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace archrt;
using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

namespace archc::driver {

/// 3 passes of 2 x MACs as `archc summary` counts them, from the spec inside the artifact; 0 where there is none.
static double flopsPerImage(const abi::Model &model) {
  spec::LoadOptions load;
  load.spec = std::string(textOf(model.name())) + ".toml";
  load.text = std::string(textOf(model.spec()));
  spec::Architecture architecture;
  spec::DiagnosticEngine diagnostics;
  bool isLoaded = !load.text->empty() && spec::loadArchitecture(load, architecture, diagnostics);
  return isLoaded ? 3 * 2.0 * static_cast<double>(spec::totalsOf(architecture).cost.macs) : 0;
}

namespace {

/// Memory of a caller that trains: images that change from step to step, one-hot targets, and room for what comes back.
struct StepMemory {
  static constexpr int kInputs = 4;
  AlignedBuffer memory;
  float *images = nullptr, *targets = nullptr, *losses = nullptr, *logits = nullptr, *gradients = nullptr;
  size_t stride = 0; // from one batch of images to the next

  Status allocate(const Artifact &artifact, int64_t batch);
};

struct StepTiming {
  int64_t batch = 0;
  std::vector<double> milliseconds; // sorted
  std::vector<StepTime> steps;
};

} // namespace

Status StepMemory::allocate(const Artifact &artifact, int64_t batch) {
  auto rounded = [](size_t count) { return (count + 15) / 16 * 16; };
  const abi::InputInfo &input = *artifact.model().input();
  const auto count = static_cast<size_t>(batch);
  const size_t classes = artifact.forward().values()->Get(artifact.forward().outputs()->Get(0))->shape()->Get(1)->constant();
  const size_t wide = rounded(count * classes), parameters = train::ParamLayout::of(artifact.model()).total;
  stride = rounded(count * input.height() * input.width() * input.channels());
  ARCHRT_ASSIGN(memory, AlignedBuffer::allocate((kInputs * stride + 3 * wide + parameters) * sizeof(float)));
  images = memory.as<float>();
  targets = images + kInputs * stride;
  losses = targets + wide;
  logits = losses + wide;
  gradients = logits + wide;
  uint32_t state = 1;
  for (size_t i = 0; i < kInputs * stride; ++i) {
    state = state * 1664525u + 1013904223u;
    images[i] = static_cast<float>(static_cast<int32_t>(state) >> 8) * 0x1p-22f;
  }
  for (size_t image = 0; image < count; ++image)
    targets[image * classes + image % classes] = 1;
  return {};
}

/// Weights are prepared in each round, as after each update.
static Status measure(train::GradientStep &step, const Artifact &artifact, const TrainingBench &bench, StepTiming &timing) {
  std::shared_ptr<const ParamStore> initial = ParamStore::fromSources(artifact.model(), {}, nullptr);
  ARCHRT_ASSIGN(std::shared_ptr<ParamStore> params, initial->materialize());
  ARCHRT_TRY(step.reserve(timing.batch));
  StepMemory memory;
  ARCHRT_TRY(memory.allocate(artifact, timing.batch));
  auto runOnce = [&](int round) -> Status {
    ARCHRT_TRY(step.setParameters(params));
    return step.run({memory.images + (round % StepMemory::kInputs) * memory.stride, memory.targets, nullptr, timing.batch},
                    {memory.gradients, memory.losses, memory.logits});
  };
  for (int round = 0; round < 2; ++round)
    ARCHRT_TRY(runOnce(round));
  step.setProfiling(bench.perKernel);
  auto begin = Clock::now();
  for (int round = 0; round < bench.repeats || std::chrono::duration<double>(Clock::now() - begin).count() < bench.seconds;
       ++round) {
    auto start = Clock::now();
    ARCHRT_TRY(runOnce(round));
    timing.milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::sort(timing.milliseconds.begin(), timing.milliseconds.end());
  timing.steps = step.stepTimes();
  return {};
}

static ordered_json kernelsJson(const Artifact &artifact, const abi::TargetPlan &plan, const StepTiming &timing) {
  double total = 0;
  for (const StepTime &time : timing.steps)
    total += time.totalSeconds;
  ordered_json rows;
  for (const StepTime &time : timing.steps) {
    if (time.runs == 0)
      continue;
    const abi::Kernel &kernel = *plan.kernels()->Get(time.step->kernel());
    auto flops = static_cast<double>(evaluate(time.step->flops(), timing.batch));
    rows.push_back({{"kernel", std::string(textOf(kernel.name()))},
                    {"path", std::string(pathOf(artifact, *time.step))},
                    {"ops", std::string(textOf(kernel.description()))},
                    {"min_ms", time.minSeconds * 1e3},
                    {"share", total > 0 ? time.totalSeconds / total : 0},
                    {"gflops", flops / time.minSeconds * 1e-9},
                    {"bytes", evaluate(time.step->bytes(), timing.batch)}});
  }
  return rows;
}

static void printRow(const ordered_json &row) {
  std::printf("%6d %10.3f %10.3f %10.1f %10.1f\n", row["batch"].get<int>(), row["min_ms"].get<double>(),
              row["median_ms"].get<double>(), row["images_per_s"].get<double>(), row["percent_of_peak"].get<double>());
  if (!row.contains("kernels"))
    return;
  std::printf("%12s %8s %10s %10s  %s\n", "min ms", "share %", "GFLOP/s", "GB/s", "kernel");
  for (const auto &kernel : row["kernels"]) {
    double milliseconds = kernel["min_ms"].get<double>();
    std::printf("%12.4f %8.1f %10.1f %10.1f  %s  %s: %s\n", milliseconds, 100 * kernel["share"].get<double>(),
                kernel["gflops"].get<double>(), kernel["bytes"].get<double>() / milliseconds * 1e-6,
                kernel["kernel"].get<std::string>().c_str(), kernel["path"].get<std::string>().c_str(),
                kernel["ops"].get<std::string>().c_str());
  }
}

Status benchTraining(const TrainingBench &bench) {
  ARCHRT_ASSIGN(std::shared_ptr<const Artifact> artifact, openArtifact(bench.model));
  ARCHRT_ASSIGN(std::unique_ptr<ThreadPool> pool, ThreadPool::create(bench.model.threads));
  ARCHRT_ASSIGN(std::unique_ptr<train::GradientStep> step, train::createGradientStep(artifact, *pool, bench.model.device, ""));
  double peak = measureFmaPeak(*pool);
  std::vector<StepTiming> timings;
  for (int64_t batch : bench.batches) {
    timings.push_back({batch, {}, {}});
    ARCHRT_TRY(measure(*step, *artifact, bench, timings.back()));
  }
  peak = std::max(peak, measureFmaPeak(*pool)); // the clock may have been lower at first
  ordered_json rows = ordered_json::array();
  for (const StepTiming &timing : timings) {
    double least = timing.milliseconds.front(), median = timing.milliseconds[timing.milliseconds.size() / 2];
    double flops = flopsPerImage(artifact->model()) * static_cast<double>(timing.batch);
    rows.push_back({{"model", std::string(textOf(artifact->model().name()))},
                    {"batch", timing.batch},
                    {"threads", pool->threads()},
                    {"runs", timing.milliseconds.size()},
                    {"min_ms", least},
                    {"median_ms", median},
                    {"images_per_s", 1e3 * static_cast<double>(timing.batch) / median},
                    {"percent_of_peak", peak > 0 ? 100 * flops / (least * 1e6) / peak : 0},
                    {"peak_gflops", peak}});
    if (step->plan() && bench.perKernel)
      rows.back()["kernels"] = kernelsJson(*artifact, *step->plan(), timing);
  }
  if (bench.json) {
    printJson(rows);
    return {};
  }
  std::printf("%s, training step, %d threads, FMA peak %.1f GFLOP/s\n", textOf(artifact->model().name()).data(), pool->threads(),
              peak);
  std::printf("%6s %10s %10s %10s %10s\n", "batch", "min ms", "median ms", "images/s", "% of peak");
  for (const auto &row : rows)
    printRow(row);
  return {};
}

} // namespace archc::driver
