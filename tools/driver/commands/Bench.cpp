//===- Bench.cpp - archc bench --------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/cost/Costs.h"
#include "runtime/device/cpu/HostIsa.h"
#include "runtime/graph/Describe.h"
#include "tools/driver/FmaPeak.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>

using namespace archrt;
using Clock = std::chrono::steady_clock;

namespace archc::driver {
namespace {

struct BenchOptions {
  ModelOptions model;
  std::vector<int64_t> batches = {1};
  double seconds = 1.0;
  int repeats = 10;
  bool perKernel = false, json = false;
};

struct Timing {
  int64_t batch = 0;
  std::vector<double> milliseconds; // sorted
  std::vector<StepTime> steps;
  double at(double part) const {
    return milliseconds[static_cast<size_t>(part * static_cast<double>(milliseconds.size() - 1) + 0.5)];
  }
};

/// What all batches are measured against.
struct Machine {
  double peakGflops = 0, readBandwidth = 0; // GFLOP/s, bytes/s
  double flopsPerImage = 0;                 // 2 x MACs
};

/// 2 x MACs as `archc summary` counts them, from the spec inside the artifact; what the plan says where there is none.
double flopsPerImage(const Model &model) {
  spec::LoadOptions load;
  load.spec = std::string(textOf(model.artifact().model().name())) + ".toml";
  load.text = std::string(textOf(model.artifact().model().spec()));
  spec::Architecture architecture;
  spec::DiagnosticEngine diagnostics;
  if (!load.text->empty() && spec::loadArchitecture(load, architecture, diagnostics))
    return 2.0 * static_cast<double>(spec::totalsOf(architecture).cost.macs);
  double flops = 0;
  const abi::PlanFunction *forward = model.device().plan() ? findFunction(*model.device().plan(), "forward_f32") : nullptr;
  for (size_t i = 0; forward && i < sizeOf(forward->steps()); ++i)
    flops += static_cast<double>(evaluate(forward->steps()->Get(i)->flops(), 1));
  return flops;
}

/// Weights of the initialiser, so that timing needs no file; the speed of f32 kernels does not depend on the numbers.
Status initialiseWeights(Model &model) {
  std::string empty = *serializeSafetensors({});
  ARCHRT_ASSIGN(SafetensorsFile file, SafetensorsFile::parse(ByteView(empty)));
  ImportOptions partial;
  partial.partial = true;
  ImportReport report;
  return model.setWeights(file, partial, report);
}

Status measure(Session &session, const BenchOptions &options, Timing &timing) {
  const Model &model = session.model();
  ARCHRT_TRY(session.reserve(timing.batch));
  // Inputs change between calls, so that nothing is measured twice on the same data.
  constexpr int inputs = 4;
  size_t elements = static_cast<size_t>(timing.batch * model.inputElements());
  ARCHRT_ASSIGN(AlignedBuffer memory, AlignedBuffer::allocate(inputs * (elements + 16) * sizeof(float)));
  ARCHRT_ASSIGN(AlignedBuffer output, AlignedBuffer::allocate(timing.batch * model.outputWidth() * sizeof(float)));
  size_t stride = (elements + 15) / 16 * 16;
  uint32_t state = 1;
  for (size_t i = 0; i < inputs * stride; ++i) {
    state = state * 1664525u + 1013904223u;
    memory.as<float>()[i] = static_cast<float>(static_cast<int32_t>(state) >> 8) * 0x1p-22f;
  }
  auto runOnce = [&](int round) {
    return session.run({memory.as<float>() + (round % inputs) * stride, InputKind::F32, Layout::NHWC, timing.batch},
                       output.as<float>());
  };
  for (int round = 0; round < 2; ++round)
    ARCHRT_TRY(runOnce(round));
  session.device().setProfiling(options.perKernel);
  auto begin = Clock::now();
  for (int round = 0; round < options.repeats || std::chrono::duration<double>(Clock::now() - begin).count() < options.seconds;
       ++round) {
    auto start = Clock::now();
    ARCHRT_TRY(runOnce(round));
    timing.milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::sort(timing.milliseconds.begin(), timing.milliseconds.end());
  timing.steps = session.device().stepTimes();
  session.device().setProfiling(false);
  return {};
}

nlohmann::ordered_json kernelJson(const Model &model, const StepTime &time, const Timing &timing, const Machine &machine) {
  const abi::TargetPlan &plan = *model.device().plan();
  double flops = static_cast<double>(evaluate(time.step->flops(), timing.batch)),
         bytes = static_cast<double>(evaluate(time.step->bytes(), timing.batch));
  double fmaSeconds = machine.peakGflops > 0 ? flops / (machine.peakGflops * 1e9) : 0;
  double memorySeconds = machine.readBandwidth > 0 ? bytes / machine.readBandwidth : 0;
  double total = 0;
  for (const StepTime &other : timing.steps)
    total += other.totalSeconds;
  return {{"kernel", std::string(textOf(plan.kernels()->Get(time.step->kernel())->name()))},
          {"path", std::string(pathOf(model.artifact(), *time.step))},
          {"min_ms", time.minSeconds * 1e3},
          {"share", total > 0 ? time.totalSeconds / total : 0},
          {"gflops", flops / time.minSeconds * 1e-9},
          {"bytes", bytes},
          {"bound", fmaSeconds >= memorySeconds ? "fma" : "memory"},
          {"percent_of_bound", 100 * std::max(fmaSeconds, memorySeconds) / time.minSeconds}};
}

nlohmann::ordered_json timingJson(const Model &model, const Timing &timing, const Machine &machine) {
  double minimum = timing.milliseconds.front();
  double percent = machine.peakGflops > 0 ? 100 * machine.flopsPerImage * timing.batch / (minimum * 1e6) / machine.peakGflops : 0;
  nlohmann::ordered_json out = {{"model", std::string(textOf(model.artifact().model().name()))},
                                {"target", model.device().target()},
                                {"cpu", hostCpuName()},
                                {"batch", timing.batch},
                                {"threads", model.runtime().pool().threads()},
                                {"runs", timing.milliseconds.size()},
                                {"min_ms", minimum},
                                {"median_ms", timing.at(0.5)},
                                {"p95_ms", timing.at(0.95)},
                                {"images_per_s", 1e3 * timing.batch / timing.at(0.5)},
                                {"percent_of_peak", percent},
                                {"peak_gflops", machine.peakGflops}};
  for (const StepTime &time : timing.steps)
    if (time.runs > 0)
      out["kernels"].push_back(kernelJson(model, time, timing, machine));
  return out;
}

void printTable(const nlohmann::ordered_json &rows) {
  const auto &first = rows.front();
  std::printf("%s, %s, %s, %d threads, FMA peak %.1f GFLOP/s\n", first["model"].get<std::string>().c_str(),
              first["target"].get<std::string>().c_str(), first["cpu"].get<std::string>().c_str(), first["threads"].get<int>(),
              first["peak_gflops"].get<double>());
  std::printf("%6s %10s %10s %10s %10s %10s\n", "batch", "min ms", "median ms", "p95 ms", "images/s", "% of peak");
  for (const auto &row : rows) {
    std::printf("%6d %10.3f %10.3f %10.3f %10.1f %10.1f\n", row["batch"].get<int>(), row["min_ms"].get<double>(),
                row["median_ms"].get<double>(), row["p95_ms"].get<double>(), row["images_per_s"].get<double>(),
                row["percent_of_peak"].get<double>());
    if (!row.contains("kernels"))
      continue;
    std::printf("%12s %8s %10s %8s %10s  %s\n", "min ms", "share %", "GFLOP/s", "bound", "% of bound", "kernel");
    for (const auto &kernel : row["kernels"])
      std::printf("%12.4f %8.1f %10.1f %8s %10.1f  %s  %s\n", kernel["min_ms"].get<double>(), 100 * kernel["share"].get<double>(),
                  kernel["gflops"].get<double>(), kernel["bound"].get<std::string>().c_str(),
                  kernel["percent_of_bound"].get<double>(), kernel["kernel"].get<std::string>().c_str(),
                  kernel["path"].get<std::string>().c_str());
  }
}

Status bench(const BenchOptions &options) {
  ARCHRT_ASSIGN(std::shared_ptr<Model> model, openModel(options.model));
  if (options.model.weights.empty() && model->artifact().weights().empty())
    ARCHRT_TRY(initialiseWeights(*model));
  ThreadPool &pool = model->runtime().pool();
  Machine machine;
  machine.flopsPerImage = flopsPerImage(*model);
  machine.peakGflops = measureFmaPeak(pool);
  if (options.perKernel)
    machine.readBandwidth = measureReadBandwidth(pool);
  std::vector<Timing> timings;
  for (int64_t batch : options.batches) {
    ARCHRT_ASSIGN(std::unique_ptr<Session> session, Session::create(model));
    timings.emplace_back();
    timings.back().batch = batch;
    ARCHRT_TRY(measure(*session, options, timings.back()));
  }
  machine.peakGflops = std::max(machine.peakGflops, measureFmaPeak(pool)); // the clock may have been lower at first
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Timing &timing : timings)
    rows.push_back(timingJson(*model, timing, machine));
  if (options.json)
    printJson(rows);
  else
    printTable(rows);
  return {};
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<BenchOptions>();
  addModelOptions(app, options->model);
  app.add_option("--batch", options->batches, "Batch sizes, separated by commas")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(1, 65536));
  app.add_option("--seconds", options->seconds, "Least time to measure each batch size for")->capture_default_str();
  app.add_option("--repeats", options->repeats, "Least number of measured runs")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  app.add_flag("--per-kernel", options->perKernel, "Also time every kernel (its sum is a little longer than the whole)");
  app.add_flag("--json", options->json, "Print a JSON array, one object per batch size");
  return [options] {
    Status status = bench(*options);
    return status.ok() ? static_cast<int>(ExitOk) : report(status);
  };
}

const bool registered = registerCommand({"bench", "Measure a model and compare with the machine's FMA peak",
                                         "archc bench caformer_s18.archx --batch 1,8 --threads 2", setup});

} // namespace
} // namespace archc::driver
