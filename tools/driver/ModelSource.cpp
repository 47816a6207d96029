#include "tools/driver/ModelSource.h"

#include "runtime/device/cpu/CpuModel.h"
#include "tools/driver/CompilerLibrary.h"
#include "tools/driver/PhaseTimes.h"
#include "tools/driver/RunSource.h"

#include <cstring>
#include <fstream>
#include <iostream>

using namespace archrt;

namespace archc::driver {

void addArtifactOptions(CLI::App &app, ModelOptions &options) {
  app.add_option("ARTIFACT", options.source,
                 "An .archx file; or a spec, the name of a shipped spec, or the folder of a run, compiled on the way")
      ->required();
  app.add_option("--set", options.sets, "Change a key of the spec: `--set stage.3.depth=9`; may be given more than once")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--target", options.target,
                 "Use this plan of the artifact, or compile the spec for it (default: the best that this machine runs)");
}

void addModelOptions(CLI::App &app, ModelOptions &options) {
  addArtifactOptions(app, options);
  app.add_option(
         "--device", options.device,
         "cpu; cuda or cuda:N: a GPU; emu: the GPU's kernels on the emulator, with checks; reference: slow and obvious; null: "
         "check the plan and print it")
      ->capture_default_str();
  app.add_option("--driver-library", options.driverLibrary, "Use this library instead of libcuda.so.1, or of the emulator's");
  app.add_option("--emu-seed", options.emulatorSeed, "Draws the order in which `emu` runs blocks and warps (0: ascending)")
      ->capture_default_str();
  app.add_option("--emu-fault", options.emulatorFault, "Draws a fault that `emu` puts into the kernels: is it noticed? (0: none)")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads to use (default: all CPUs given to this process)")
      ->check(CLI::Range(0, 1024));
  app.add_option("--weights", options.weights, "A safetensors file");
  app.add_option("--names", options.names, "How the file names its tensors: auto, timm, sail_metaformer, sail_poolformer")
      ->capture_default_str();
  app.add_option(
         "--cache-dir", options.cacheDir,
         "Keep packed weights in this folder, so that the next start need not pack them; its files may be deleted at any time")
      ->envname("ARCHC_CACHE_DIR");
  app.add_flag("--partial", options.partial, "Accept weights that do not fit exactly; what is missing gets its initial values");
}

int report(const Status &status) {
  if (!status.message().empty())
    std::cerr << "error: " << status.message() << "\n";
  return static_cast<int>(status.code());
}

static bool isArtifact(const std::string &path) {
  char magic[sizeof(abi::kMagic)] = {};
  std::ifstream file(path, std::ios::binary);
  return file.read(magic, sizeof(magic)) && std::memcmp(magic, abi::kMagic, sizeof(magic)) == 0;
}

static bool endsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

static bool namesArtifact(const std::string &source) { return isArtifact(source) || endsWith(source, ".archx"); }

Result<std::shared_ptr<const Artifact>> openArtifact(const ModelOptions &options) {
  if (namesArtifact(options.source)) {
    if (!options.sets.empty())
      return invalid("`--set` changes a spec, but `", options.source, "` is an artifact; compile the spec with it");
    return Artifact::open(options.source);
  }
  std::string bytes, errors;
  // PTX of the oldest chip runs on every later one.
  const bool emulated = options.device == "emu", onGpu = emulated || options.device.rfind("cuda", 0) == 0;
  std::string target = !options.target.empty() ? options.target : onGpu ? "cuda:sm_80" : "cpu:host";
  if (ExitCode failed = compileToArtifact({options.source, options.sets, target, options.train, emulated}, bytes, errors)) {
    std::cerr << errors;
    return Status(static_cast<ErrorCode>(failed), "");
  }
  return Artifact::fromBytes(ByteView(bytes));
}

Result<std::vector<const abi::TargetPlan *>> selectPlans(const Artifact &artifact, const ModelOptions &options) {
  if (options.target.empty() || !namesArtifact(options.source))
    return artifact.plans();
  if (options.target == "cpu:host") {
    ARCHRT_ASSIGN(const abi::TargetPlan *best, choosePlan(artifact, "", hostIsaLevel()));
    return std::vector<const abi::TargetPlan *>{best};
  }
  std::string names;
  for (const abi::TargetPlan *plan : artifact.plans()) {
    if (textOf(plan->target()) == options.target || textOf(plan->target()) == "cpu:" + options.target)
      return std::vector<const abi::TargetPlan *>{plan};
    names += concat(names.empty() ? "`" : ", `", textOf(plan->target()), "`");
  }
  return invalid("the artifact has no plan for `", options.target, "`; expected one of ", names);
}

static void printRows(const char *what, const std::vector<ImportReport::Row> &rows) {
  constexpr size_t shown = 5;
  if (rows.empty())
    return;
  std::cerr << "note: " << rows.size() << " " << what << ": ";
  for (size_t i = 0; i < std::min(shown, rows.size()); ++i)
    std::cerr << (i ? ", " : "") << "`" << rows[i].name << "`" << (rows[i].detail.empty() ? "" : " (" + rows[i].detail + ")");
  std::cerr << (rows.size() > shown ? ", ...\n" : "\n");
}

Status loadWeights(Model &model, const ModelOptions &options) {
  auto file = SafetensorsFile::open(options.weights);
  if (!file.ok())
    return file.status();
  ImportReport rows;
  ARCHRT_TRY(model.setWeights(*file, {options.partial, options.names}, rows).in(options.weights));
  printRows("parameters keep their initial values", rows.missing);
  printRows("tensors are not used", rows.unused);
  printRows("tensors were reshaped", rows.reshaped);
  printRows("tensors were converted", rows.cast);
  return {};
}

/// Where the source is a run: its spec, its weights.
static Status followRun(ModelOptions &options) {
  ARCHRT_ASSIGN(std::optional<RunSource> run, findRun(options.source));
  if (!run)
    return {};
  if (!options.sets.empty())
    return invalid("`--set` changes a spec, but `", options.source, "` is a run; its weights fit its own spec only");
  options.source = run->spec;
  if (options.weights.empty()) {
    options.weights = run->weights;
    options.names = "timm";
  }
  return {};
}

Result<std::shared_ptr<Model>> openModel(const ModelOptions &given) {
  ModelOptions options = given;
  ARCHRT_TRY(followRun(options));
  ARCHRT_ASSIGN(std::shared_ptr<const Artifact> artifact, openArtifact(options));
  markPhase("open the artifact");
  auto note = [](const std::string &message) { std::cerr << "note: " << message << "\n"; };
  ARCHRT_ASSIGN(std::shared_ptr<Runtime> runtime, Runtime::create(options.threads, note));
  markPhase("start threads");
  // A spec was compiled for the target, which may be a list or `cpu:host`: no name of a plan.
  std::string plan = namesArtifact(options.source) && options.target != "cpu:host" ? options.target : "";
  ARCHRT_ASSIGN(std::shared_ptr<Model> model, Model::load(std::move(runtime), std::move(artifact),
                                                          {options.device, plan, options.cacheDir, options.driverLibrary,
                                                           options.emulatorSeed, options.emulatorFault}));
  markPhase("load the plan");
  if (!options.weights.empty())
    ARCHRT_TRY(loadWeights(*model, options));
  markPhase("weights");
  return model;
}

} // namespace archc::driver
