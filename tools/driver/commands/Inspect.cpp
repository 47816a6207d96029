//===- Inspect.cpp - archc inspect ----------------------------------------===//

#include "runtime/core/Hash.h"
#include "runtime/device/cpu/HostIsa.h"
#include "runtime/graph/Describe.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"

#include <iostream>
#include <memory>
#include <optional>
#include <string_view>

using namespace archrt;
using nlohmann::ordered_json;

namespace archc::driver {
namespace {

struct InspectOptions {
  ModelOptions model;
  bool plan = false, spec = false, json = false;
  std::optional<std::string> ptx; // of this kernel; empty: of all
};

int64_t paramElements(const abi::Model &model) {
  int64_t total = 0;
  for (size_t i = 0; i < sizeOf(model.params()); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    int64_t elements = param.role() == abi::Role::Buffer ? 0 : 1;
    for (size_t d = 0; d < sizeOf(param.shape()); ++d)
      elements *= param.shape()->Get(d);
    total += elements;
  }
  return total;
}

ordered_json sectionsJson(const Artifact &artifact) {
  ordered_json out = ordered_json::array();
  for (const Section &section : artifact.sections())
    out.push_back({{"kind", sectionName(section.kind)},
                   {"offset", section.offset},
                   {"bytes", section.bytes.size},
                   {"xxh3_128", toHex(section.hash)}});
  return out;
}

bool runsHere(const abi::TargetPlan &plan) {
  auto level = isaLevelOf(textOf(plan.target()));
  return level && runsOn(*level, hostIsaLevel());
}

ordered_json planJson(const Artifact &artifact, const abi::TargetPlan &plan) {
  ordered_json functions = ordered_json::array();
  for (size_t i = 0; i < sizeOf(plan.functions()); ++i) {
    const abi::PlanFunction &function = *plan.functions()->Get(i);
    functions.push_back({{"name", std::string(textOf(function.name()))},
                         {"steps", sizeOf(function.steps())},
                         {"arena_bytes", evaluate(function.arena_bytes(), 1)},
                         {"arena_bytes_per_image", function.arena_bytes()->batch()}});
  }
  return {{"target", std::string(textOf(plan.target()))},
          {"runs_here", runsHere(plan)},
          {"kernels", sizeOf(plan.kernels())},
          {"code_bytes", artifact.code(plan).size},
          {"packed_bytes", plan.packed_bytes()},
          {"buffers", sizeOf(plan.buffers())},
          {"functions", functions}};
}

ordered_json describe(const Artifact &artifact) {
  const abi::Model &model = artifact.model();
  const abi::InputInfo &input = *model.input();
  ordered_json out = {{"name", std::string(textOf(model.name()))},
                      {"version", std::string(textOf(model.version()))},
                      {"format_version", abi::kFormatVersion},
                      {"bytes", artifact.bytes().size},
                      {"input", {{"channels", input.channels()}, {"height", input.height()}, {"width", input.width()}}},
                      {"classes", model.classes()},
                      {"labels", sizeOf(model.labels())},
                      {"params", paramElements(model)},
                      {"tensors", sizeOf(model.params())},
                      {"ops", sizeOf(artifact.forward().ops())},
                      {"weights_bytes", artifact.weights().size},
                      {"sections", sectionsJson(artifact)},
                      {"plans", ordered_json::array()}};
  for (const abi::TargetPlan *plan : artifact.plans())
    out["plans"].push_back(planJson(artifact, *plan));
  return out;
}

void printText(const Artifact &artifact, const ordered_json &about) {
  const auto &input = about["input"];
  std::cout << about["name"].get<std::string>() << ": input " << input["channels"] << " x " << input["height"] << " x "
            << input["width"] << ", " << about["classes"] << " classes, " << about["params"] << " parameters in "
            << about["tensors"] << " tensors, " << about["ops"] << " ops\n"
            << "format " << about["format_version"] << ", written by " << about["version"].get<std::string>() << ", "
            << sizeText(about["bytes"].get<double>()) << (about["weights_bytes"] == 0 ? ", without weights" : ", with weights")
            << "\nsections\n"
            << describeSections(artifact);
  if (about["labels"] != 0)
    std::cout << "labels " << textOf(artifact.model().labels()->Get(0)) << ", ...\n";
  for (const auto &plan : about["plans"]) {
    std::cout << "plan " << plan["target"].get<std::string>()
              << (plan["runs_here"].get<bool>() ? "" : " (this machine cannot run it)") << ": " << plan["kernels"]
              << " kernels in " << sizeText(plan["code_bytes"].get<double>()) << " of code, "
              << sizeText(plan["packed_bytes"].get<double>()) << " of packed weights\n";
    for (const auto &function : plan["functions"])
      std::cout << "  " << function["name"].get<std::string>() << ": " << function["steps"] << " steps, "
                << sizeText(function["arena_bytes"].get<double>()) << " of activations at batch 1, "
                << sizeText(function["arena_bytes_per_image"].get<double>()) << " more per image\n";
  }
}

/// The kernel's entry, or all of the text when `kernel` is empty; empty when there is none.
std::string_view entryOf(std::string_view ptx, const std::string &kernel) {
  if (kernel.empty())
    return ptx;
  const size_t begin = ptx.find(".visible .entry " + kernel + "(");
  const size_t end = begin == ptx.npos ? begin : ptx.find("\n}\n", begin);
  return end == ptx.npos ? std::string_view() : ptx.substr(begin, end + 3 - begin);
}

int printPtx(const Artifact &artifact, const InspectOptions &options) {
  auto plans = selectPlans(artifact, options.model);
  if (!plans.ok())
    return report(plans.status());
  bool isAny = false;
  for (const abi::TargetPlan *plan : *plans) {
    ByteView code = artifact.gpuCode(*plan, abi::GpuCodeKind::Ptx);
    std::string_view text = entryOf(code.text(), *options.ptx);
    std::cout << text;
    isAny |= !text.empty();
  }
  if (isAny)
    return ExitOk;
  if (options.ptx->empty())
    return report(
        invalid("`", options.model.source, "` has no PTX; expected an artifact compiled for a target such as `cuda:sm_80`"));
  return report(
      invalid("no kernel `", *options.ptx, "` with PTX in `", options.model.source, "`; `archc inspect --plan` lists them"));
}

int inspect(const InspectOptions &options) {
  auto opened = openArtifact(options.model);
  if (!opened.ok())
    return report(opened.status());
  const Artifact &artifact = **opened;
  if (options.spec) {
    std::cout << textOf(artifact.model().spec());
    return ExitOk;
  }
  if (options.ptx)
    return printPtx(artifact, options);
  ordered_json about = describe(artifact);
  if (options.json)
    printJson(about);
  else
    printText(artifact, about);
  if (!options.plan || options.json)
    return ExitOk;
  auto plans = selectPlans(artifact, options.model);
  if (!plans.ok())
    return report(plans.status());
  for (const abi::TargetPlan *plan : *plans)
    std::cout << describePlan(artifact, *plan);
  return ExitOk;
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<InspectOptions>();
  addArtifactOptions(app, options->model);
  app.add_flag("--plan", options->plan, "Also print every step of the plans");
  app.add_flag("--spec", options->spec, "Print the expanded spec that the artifact was compiled from, and nothing else");
  app.add_option_function<std::vector<std::string>>(
         "--ptx", [options](const std::vector<std::string> &kernels) { options->ptx = kernels.empty() ? "" : kernels.front(); },
         "Print the PTX of a GPU plan, or of one of its kernels, and nothing else")
      ->type_name("[KERNEL]")
      ->expected(0, 1);
  app.add_flag("--json", options->json, "Print one JSON object");
  return [options] { return inspect(*options); };
}

const bool registered = registerCommand({"inspect", "Show what an artifact holds: sections, hashes, targets, plan, memory",
                                         "archc inspect caformer_s18.archx", setup});

} // namespace
} // namespace archc::driver
