//===- Explain.cpp - archc explain ----------------------------------------===//

#include "runtime/graph/Describe.h"
#include "runtime/graph/PlanSteps.h"
#include "tools/driver/GpuPrediction.h"
#include "tools/driver/GpuResources.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PlanMemory.h"
#include "tools/driver/PrintJson.h"
#include "tools/driver/StepText.h"

#include <cstdio>
#include <iostream>
#include <map>
#include <memory>

using namespace archrt;
using nlohmann::ordered_json;

namespace archc::driver {
namespace {

struct ExplainOptions {
  ModelOptions model;
  bool json = false, memory = false;
  int64_t batch = 1;
};

std::string axisText(const abi::Step &step) {
  static const std::map<abi::AxisKind, const char *> words = {{abi::AxisKind::Rows, "rows"},
                                                              {abi::AxisKind::Images, "heads"},
                                                              {abi::AxisKind::Whole, "whole"},
                                                              {abi::AxisKind::Panels, "panels"},
                                                              {abi::AxisKind::ImageRows, "lines"}};
  const abi::Extent &extent = *step.axis()->extent();
  return concat(extent.constant() + extent.batch(), " ", words.at(step.axis()->kind()));
}

/// The steps of one run with calls followed, which loading has tried already.
std::vector<const abi::Step *> stepsOf(const abi::TargetPlan &plan) {
  return *flattenSteps(plan, *findFunction(plan, "forward_f32"));
}

/// Costs are notes: a plan may lack them.
abi::Extent costOf(const abi::Extent *cost) { return cost ? *cost : abi::Extent(0, 0); }

ordered_json stepJson(const Artifact &artifact, const abi::TargetPlan &plan, const abi::Step &step) {
  const abi::Kernel &kernel = *plan.kernels()->Get(step.kernel());
  return {{"kernel", std::string(textOf(kernel.name()))},
          {"ops", std::string(textOf(kernel.description()))},
          {"paths", pathsOf(artifact, step)},
          {"spec_lines", specLinesOf(artifact, step)},
          {"axis", abi::EnumNameAxisKind(step.axis()->kind())},
          {"extent_per_image", step.axis()->extent()->batch()},
          {"flops_per_image", costOf(step.flops()).batch()},
          {"activation_bytes_per_image", costOf(step.bytes()).batch()},
          {"weight_bytes", costOf(step.bytes()).constant()},
          {"scratch_bytes_per_worker", step.scratch()},
          {"code_bytes", kernel.size()}};
}

ordered_json remarkJson(const Artifact &artifact, const abi::Remark &remark) {
  const abi::Location *location = locationOf(artifact, remark.location());
  return {{"kind", std::string(textOf(remark.kind()))},
          {"pass", std::string(textOf(remark.pass_name()))},
          {"path", location ? std::string(textOf(location->path())) : std::string()},
          {"message", std::string(textOf(remark.message()))}};
}

ordered_json predictionsJson(const abi::TargetPlan &plan, int64_t batch) {
  std::vector<const abi::Step *> steps = stepsOf(plan);
  ordered_json chips = ordered_json::array();
  for (const GpuChip &chip : chipsOf(std::string(textOf(plan.target())))) {
    std::vector<KernelPrediction> rows = predictKernels(plan, steps, batch, chip);
    ordered_json kernels = ordered_json::array();
    for (const KernelPrediction &row : rows)
      kernels.push_back({{"blocks", row.blocks},
                         {"occupancy", row.occupancy},
                         {"memory_bytes", row.memoryBytes},
                         {"predicted_ms", row.seconds * 1e3},
                         {"bound", row.bound}});
    chips.push_back({{"chip", chip.name},
                     {"source", chip.source},
                     {"batch", batch},
                     {"predicted_ms", totalSeconds(rows) * 1e3},
                     {"steps", kernels}});
  }
  return chips;
}

/// Of kernels with a launch: its shape, and what the assembler made of them, where there is one.
ordered_json launchesJson(const Artifact &artifact, const abi::TargetPlan &plan) {
  ordered_json all = ordered_json::object();
  const auto resources = kernelResources(artifact, plan);
  for (size_t i = 0; i < sizeOf(plan.kernels()); ++i) {
    const abi::Kernel &kernel = *plan.kernels()->Get(i);
    if (!kernel.launch())
      continue;
    std::string name(textOf(kernel.name()));
    ordered_json row = {{"threads", kernel.launch()->threads()},
                        {"iterations_per_block", kernel.launch()->block()},
                        {"shared_bytes", kernel.launch()->shared()}};
    if (auto found = resources.find(name); found != resources.end()) {
      row["registers"] = found->second.registers;
      row["spill_bytes"] = found->second.spillBytes;
    }
    all[name] = row;
  }
  return all;
}

ordered_json planJson(const Artifact &artifact, const abi::TargetPlan &plan, int64_t batch) {
  ordered_json steps = ordered_json::array(), remarks = ordered_json::array();
  for (const abi::Step *step : stepsOf(plan))
    steps.push_back(stepJson(artifact, plan, *step));
  for (size_t i = 0; i < sizeOf(plan.remarks()); ++i)
    remarks.push_back(remarkJson(artifact, *plan.remarks()->Get(i)));
  ActivationMemory memory = activationMemory(plan);
  return {{"target", std::string(textOf(plan.target()))},
          {"kernels", sizeOf(plan.kernels())},
          {"packed_bytes", plan.packed_bytes()},
          {"arena_bytes_per_image", memory.planned},
          {"arena_lower_bound_per_image", memory.lowerBound},
          {"steps", steps},
          {"launches", launchesJson(artifact, plan)},
          {"remarks", remarks},
          {"predictions", predictionsJson(plan, batch)}};
}

void printSteps(const Artifact &artifact, const abi::TargetPlan &plan) {
  std::vector<const abi::Step *> steps = stepsOf(plan);
  std::printf("%s on %s: %zu steps, %zu kernels, %s of activations per image\n",
              std::string(textOf(artifact.model().name())).c_str(), std::string(textOf(plan.target())).c_str(), steps.size(),
              sizeOf(plan.kernels()), sizeText(findFunction(plan, "forward_f32")->arena_bytes()->batch()).c_str());
  std::printf("%5s %-6s %-12s %9s %10s %10s  %s\n", "step", "kernel", "per image", "MFLOP", "reads+writes", "weights", "what");
  for (size_t i = 0; i < steps.size(); ++i) {
    const abi::Step &step = *steps[i];
    abi::Extent bytes = costOf(step.bytes());
    std::printf("%5zu %-6s %-12s %9.1f %10s %10s  %s%s\n", i + 1,
                std::string(textOf(plan.kernels()->Get(step.kernel())->name())).c_str(), axisText(step).c_str(),
                costOf(step.flops()).batch() / 1e6, sizeText(bytes.batch()).c_str(), sizeText(bytes.constant()).c_str(),
                shortened(pathsOf(artifact, step)).c_str(), specLinesText(artifact, step).c_str());
  }
}

void printLaunches(const Artifact &artifact, const abi::TargetPlan &plan) {
  ordered_json launches = launchesJson(artifact, plan);
  if (launches.empty())
    return;
  std::printf("\n%-6s %8s %10s %9s %9s %7s\n", "kernel", "threads", "per block", "shared", "registers", "spilled");
  for (const auto &[name, row] : launches.items()) {
    auto text = [&](const char *key) { return row.contains(key) ? std::to_string(row[key].get<int64_t>()) : std::string("?"); };
    std::printf("%-6s %8s %10s %9s %9s %7s\n", name.c_str(), text("threads").c_str(), text("iterations_per_block").c_str(),
                sizeText(row["shared_bytes"].get<double>()).c_str(), text("registers").c_str(), text("spill_bytes").c_str());
  }
}

/// The whole run on every chip of the plan's architecture, and its kernels on the first.
void printPredictions(const Artifact &artifact, const abi::TargetPlan &plan, int64_t batch) {
  std::vector<const abi::Step *> steps = stepsOf(plan);
  std::vector<GpuChip> chips = chipsOf(std::string(textOf(plan.target())));
  for (const GpuChip &chip : chips)
    std::printf("\n%s, batch %lld: at least %.3f ms, a model from published figures, not a measurement", chip.name,
                static_cast<long long>(batch), totalSeconds(predictKernels(plan, steps, batch, chip)) * 1e3);
  if (chips.empty())
    return;
  std::printf("\n\n%5s %9s %10s %10s %10s %-7s  on %s\n", "step", "blocks", "occupancy", "memory", "us", "bound",
              chips.front().name);
  std::vector<KernelPrediction> rows = predictKernels(plan, steps, batch, chips.front());
  for (size_t i = 0; i < rows.size(); ++i)
    std::printf("%5zu %9lld %8.0f %% %10s %10.2f %-7s  %s\n", i + 1, static_cast<long long>(rows[i].blocks),
                100 * rows[i].occupancy, sizeText(static_cast<int64_t>(rows[i].memoryBytes)).c_str(), rows[i].seconds * 1e6,
                rows[i].bound, shortened(pathsOf(artifact, *steps[i])).c_str());
}

/// What was declined, equal reasons together.
void printDeclined(const Artifact &artifact, const abi::TargetPlan &plan) {
  std::map<std::string, std::vector<std::string>> reasons;
  for (size_t i = 0; i < sizeOf(plan.remarks()); ++i) {
    const abi::Remark &remark = *plan.remarks()->Get(i);
    const abi::Location *location = locationOf(artifact, remark.location());
    if (textOf(remark.kind()) == "missed")
      reasons[concat(textOf(remark.pass_name()), ": ", textOf(remark.message()))].push_back(
          location ? std::string(textOf(location->path())) : std::string());
  }
  std::printf("\nnot done, and why\n");
  for (const auto &[reason, paths] : reasons)
    std::printf("  %s\n      %s%s\n", reason.c_str(), paths.front().c_str(),
                paths.size() > 1 ? concat(" and ", paths.size() - 1, " more").c_str() : "");
}

int explain(const ExplainOptions &options) {
  auto artifact = openArtifact(options.model);
  if (!artifact.ok())
    return report(artifact.status());
  auto plans = selectPlans(**artifact, options.model);
  if (!plans.ok())
    return report(plans.status());
  ordered_json all = ordered_json::array();
  for (const abi::TargetPlan *plan : *plans) {
    if (options.json) {
      all.push_back(planJson(**artifact, *plan, options.batch));
    } else if (options.memory) {
      std::cout << describePlan(**artifact, *plan) << "  " << memoryText(*plan) << "\n";
    } else {
      printSteps(**artifact, *plan);
      printLaunches(**artifact, *plan);
      printPredictions(**artifact, *plan, options.batch);
      printDeclined(**artifact, *plan);
    }
  }
  if (options.json)
    printJson(all);
  return ExitOk;
}

const bool registered = registerCommand(
    {"explain", "Show what was fused and what not, kernel by kernel, with spec lines", "archc explain caformer_s18",
     [](CLI::App &app) -> std::function<int()> {
       auto options = std::make_shared<ExplainOptions>();
       addArtifactOptions(app, options->model);
       app.add_flag("--json", options->json, "Print JSON: one object per target");
       app.add_option("--batch", options->batch, "Images of a run whose time on GPUs is predicted")
           ->check(CLI::Range(int64_t(1), kMaxBatch));
       app.add_flag("--memory", options->memory, "Print the static plan: steps, buffers, arena and the least that it could be");
       return [options] { return explain(*options); };
     }});

} // namespace
} // namespace archc::driver
