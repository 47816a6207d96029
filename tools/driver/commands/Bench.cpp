//===- Bench.cpp - archc bench --------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/cost/Costs.h"
#include "runtime/core/AtomicFile.h"
#include "tools/driver/BenchReport.h"
#include "tools/driver/BenchTraining.h"
#include "tools/driver/FmaPeak.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"
#include "tools/driver/RooflinePlot.h"

#include <algorithm>
#include <chrono>
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
  bool perKernel = false, json = false, train = false;
  std::string plot; // an SVG file
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

Status writePlot(const BenchOptions &options, const Model &model, const std::vector<Timing> &timings, const Machine &machine) {
  if (machine.peakGflops == 0)
    return invalid("`--plot` draws the host's roofline, but `", model.device().target(), "` runs the kernels");
  std::vector<PlotSeries> series;
  for (const Timing &timing : timings)
    series.push_back({concat("batch ", timing.batch), kernelRows(model, timing.steps, timing.batch, machine)});
  std::string svg = rooflineSvg(benchTitle(model, machine), machine, series);
  return writeFileAtomically(options.plot, {ByteView(svg)});
}

Status bench(const BenchOptions &options) {
  ARCHRT_ASSIGN(std::shared_ptr<Model> model, openModel(options.model));
  if (options.model.weights.empty() && model->artifact().weights().empty())
    ARCHRT_TRY(initialiseWeights(*model));
  ThreadPool &pool = model->runtime().pool();
  Machine machine;
  double flops = flopsPerImage(*model);
  // What the host can do is no measure of a GPU, real or emulated.
  bool onHost = !model->device().plan() || !isGpuPlan(*model->device().plan());
  if (onHost)
    machine.peakGflops = measureFmaPeak(pool);
  if (onHost && options.perKernel) {
    machine.memory = measureMemoryLevels(pool);
    machine.regionSeconds = measureRegion(pool);
  }
  std::vector<Timing> timings;
  for (int64_t batch : options.batches) {
    ARCHRT_ASSIGN(std::unique_ptr<Session> session, Session::create(model));
    timings.emplace_back();
    timings.back().batch = batch;
    timings.back().flopsPerImage = flops;
    ARCHRT_TRY(measure(*session, options, timings.back()));
  }
  if (onHost)
    machine.peakGflops = std::max(machine.peakGflops, measureFmaPeak(pool)); // the clock may have been lower at first
  if (options.json)
    printJson(benchJson(*model, timings, machine));
  else
    printBench(*model, timings, machine);
  if (!options.plot.empty())
    return writePlot(options, *model, timings, machine);
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
  app.add_flag(
      "--per-kernel", options->perKernel,
      "Also time every kernel, with the bytes that it moves by the plan and the bound that it is measured against: FMA peak "
      "or reading from L2, L3 or memory, all measured in this process (the sum is a little longer than the whole)");
  app.add_option("--plot", options->plot, "Write the roofline of all kernels to this SVG file (implies --per-kernel)");
  app.add_flag(
      "--train", options->train,
      "Measure the training step without the optimizer: prepared weights, loss and all gradients; a spec is compiled with it");
  app.add_flag("--json", options->json, "Print a JSON array, one object per batch size");
  return [options] {
    options->perKernel |= !options->plot.empty();
    options->model.train = options->train;
    Status status = options->train ? benchTraining({options->model, options->batches, options->seconds, options->repeats,
                                                    options->perKernel, options->json})
                                   : bench(*options);
    return status.ok() ? static_cast<int>(ExitOk) : report(status);
  };
}

const bool registered = registerCommand({"bench", "Measure a model and compare with the machine's FMA peak",
                                         "archc bench caformer_s18.archx --batch 1,8 --threads 2", setup});

} // namespace
} // namespace archc::driver
