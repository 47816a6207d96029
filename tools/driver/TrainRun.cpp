#include "tools/driver/TrainRun.h"

#include "frontend/cost/Costs.h"
#include "frontend/print/Expand.h"
#include "frontend/recipe/LoadRecipe.h"
#include "runtime/core/AtomicFile.h"
#include "tools/driver/FmaPeak.h"
#include "tools/driver/RecipeOptions.h"
#include "tools/driver/SpecCommand.h"
#include "tools/driver/TrainData.h"
#include "tools/driver/TrainReports.h"

#include <cstdio>
#include <filesystem>
#include <iostream>

using namespace archrt;
using namespace archrt::train;

namespace archc::driver {

static Status printedAlready(int code) { return Status(static_cast<ErrorCode>(code), ""); }

// --- Spec and recipe ----------------------------------------------------------------------------------------------------------

Status TrainRun::loadSpec(const std::string &path, const std::vector<std::string> &sets) {
  spec::LoadOptions options;
  options.spec = path;
  options.sets = sets;
  spec::Architecture architecture;
  if (int code = loadOrReport(options, architecture))
    return printedAlready(code);
  specText = spec::expandedSpec(architecture);
  modelName = architecture.name;
  return {};
}

Status TrainRun::loadRecipe(const std::string &path, const std::vector<std::string> &sets) {
  spec::LoadOptions options;
  options.spec = path;
  options.sets = sets;
  if (command.epochs > 0)
    options.sets.push_back(concat("run.epochs=", command.epochs));
  if (command.seed >= 0)
    options.sets.push_back(concat("run.seed=", command.seed));
  spec::DiagnosticEngine diagnostics;
  if (!recipe::loadRecipe(options, recipe, diagnostics)) {
    diagnostics.print(std::cerr);
    return printedAlready(diagnostics.exitCode());
  }
  recipeText = recipe::expandedRecipe(recipe);
  return {};
}

/// Of the command line; when resuming, of the run, to which the command line may say the same once more.
Status TrainRun::loadTexts() {
  std::vector<std::string> specSets, recipeSets;
  for (const std::string &assignment : command.sets)
    (setsRecipe(assignment) ? recipeSets : specSets).push_back(assignment);
  if (!resumes()) {
    if (command.spec.empty() || command.recipe.empty() || command.data.empty())
      return invalid("nothing to train; expected a spec, `--recipe` and `--data`, or `--resume` and the folder of a run");
    ARCHRT_TRY(loadSpec(command.spec, specSets));
    return loadRecipe(command.recipe, recipeSets);
  }
  ARCHRT_ASSIGN(facts, readRunFacts(command.resume));
  std::string ownSpec = command.resume + "/spec.toml", ownRecipe = command.resume + "/recipe.toml";
  ARCHRT_ASSIGN(std::string trainedSpec, readText(ownSpec));
  ARCHRT_ASSIGN(std::string trainedRecipe, readText(ownRecipe));
  ARCHRT_TRY(loadSpec(command.spec.empty() ? ownSpec : command.spec, specSets));
  if (specText != trainedSpec)
    return invalid("the spec is not the one of `", command.resume, "` (its `spec.toml`); leave it out, or begin another run");
  ARCHRT_TRY(loadRecipe(command.recipe.empty() ? ownRecipe : command.recipe, recipeSets));
  if (recipeText != trainedRecipe)
    return invalid("the recipe is not the one of `", command.resume,
                   "` (its `recipe.toml`); leave it and `--set` out, or begin another run");
  return {};
}

// --- What trains --------------------------------------------------------------------------------------------------------------

Status TrainRun::compile() {
  spec::LoadOptions options;
  options.spec = modelName + ".toml";
  options.text = specText;
  spec::Architecture architecture;
  if (int wrong = loadOrReport(options, architecture))
    return printedAlready(wrong);
  flopsPerImage = 3 * 2.0 * static_cast<double>(spec::totalsOf(architecture).cost.macs);
  CompileRequest request;
  request.architecture = &architecture;
  request.specText = specText;
  request.training = trainingRequestOf(recipe);
  request.training->checkpoints = facts.checkpoints;
  CompileReply reply;
  std::string error;
  ExitCode code = resolveTargets(facts.target.empty() ? "cpu:host" : facts.target, request.targets, error);
  if (code == ExitOk)
    code = driver::compile(request, reply);
  std::cerr << error << reply.errors;
  if (code != ExitOk)
    return printedAlready(code);
  artifactBytes = std::move(reply.artifact);
  ARCHRT_ASSIGN(artifact, Artifact::fromBytes(ByteView(artifactBytes)));
  return {};
}

Status TrainRun::openData() {
  ARCHRT_ASSIGN(trainSource, openTrainSource(facts.data, *artifact, recipe));
  EvalDataOptions evalOptions{recipe.data.evalLimit, static_cast<int>(recipe.data.loaders), recipe.data.skipCorrupt};
  ARCHRT_ASSIGN(evalSource, openEvalSource(facts.data, *artifact, evalOptions));
  std::string device = facts.device == "cpu" ? "cpu" : "reference";
  ARCHRT_ASSIGN(std::shared_ptr<Model> model, Model::load(runtime, artifact, {device, ""}));
  target = facts.device == "cpu" ? model->device().target() : facts.device;
  int64_t batch = recipe.data.evalBatch > 0 ? recipe.data.evalBatch : recipe.data.microBatch();
  ARCHRT_ASSIGN(evaluator, createEvaluator(std::move(model), *evalSource, batch));
  ARCHRT_ASSIGN(step, createGradientStep(artifact, runtime->pool(), facts.device, ""));
  return {};
}

Status TrainRun::prepare() {
  ARCHRT_TRY(loadTexts());
  if (!command.data.empty())
    facts.data = command.data;
  if (!command.device.empty())
    facts.device = command.device;
  if (!command.target.empty())
    facts.target = command.target;
  if (!command.checkpoints.empty())
    facts.checkpoints = command.checkpoints;
  // Before the compiler runs: a folder in use is refused at once.
  std::string path = resumes() ? command.resume : command.out.empty() ? "runs/" + modelName : command.out;
  ARCHRT_ASSIGN(runFolder, RunFolder::open(path, resumes() ? RunFolder::Mode::Resume : RunFolder::Mode::Create));
  ARCHRT_ASSIGN(runtime, Runtime::create(command.threads));
  ARCHRT_TRY(compile());
  return openData();
}

Status TrainRun::writeTexts() const {
  ARCHRT_TRY(writeFileAtomically(runFolder->file("recipe.toml"), {ByteView(recipeText)}));
  ARCHRT_TRY(writeRunFacts(runFolder->path(), facts));
  std::string labels;
  for (const std::string &name : trainSource->classNames())
    labels += name + "\n";
  if (!labels.empty())
    ARCHRT_TRY(writeFileAtomically(runFolder->file("labels.txt"), {ByteView(labels)}));
  // The last one: with it the folder is a run.
  return writeFileAtomically(runFolder->file("spec.toml"), {ByteView(specText)});
}

// --- Parameters ---------------------------------------------------------------------------------------------------------------

Result<std::shared_ptr<ParamStore>> TrainRun::initialParams() const {
  const abi::Model &model = artifact->model();
  ARCHRT_ASSIGN(std::shared_ptr<ParamStore> params, ParamStore::allocate(model));
  for (uint32_t i = 0; i < params->size(); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    if (param.dtype() != abi::DType::F32)
      continue; // a counter, which begins at 0
    Initializer initial;
    if (param.init())
      initial = {std::string(textOf(param.init()->kind())), param.init()->a(), param.init()->b()};
    std::vector<int64_t> shape;
    for (size_t d = 0; d < sizeOf(param.shape()); ++d)
      shape.push_back(param.shape()->Get(d));
    ARCHRT_ASSIGN(std::vector<float> values, initialize(recipe.run.seed, std::string(textOf(param.name())), shape, initial));
    std::copy(values.begin(), values.end(), static_cast<float *>(params->mutableData(i)));
  }
  if (!command.initFrom.empty())
    ARCHRT_TRY(readInitialParams(*params).in(command.initFrom));
  return params;
}

static bool isHead(const std::string &name) { return name.rfind("head.", 0) == 0 || name.rfind("fc.", 0) == 0; }

/// All parameters from the file; with a new head, all others.
Status TrainRun::readInitialParams(ParamStore &params) const {
  ARCHRT_ASSIGN(SafetensorsFile file, SafetensorsFile::open(command.initFrom));
  std::vector<SafeTensor> body;
  for (const SafeTensor &tensor : file.tensors())
    if (!command.resetHead || !isHead(tensor.name))
      body.push_back(tensor);
  ARCHRT_ASSIGN(std::string bytes, serializeSafetensors(body));
  ARCHRT_ASSIGN(SafetensorsFile trunk, SafetensorsFile::parse(ByteView(bytes)));
  ImportReport rows;
  ImportOptions options;
  options.mapping = command.names;
  options.partial = command.resetHead;
  ARCHRT_ASSIGN(std::shared_ptr<ParamStore> found, importWeights(trunk, artifact->model(), options, rows));
  for (const std::vector<ImportReport::Row> *odd : {&rows.missing, &rows.unused})
    for (const ImportReport::Row &row : *odd)
      if (!isHead(row.name))
        return invalid("`", row.name, odd == &rows.missing ? "` is missing" : "` is not used",
                       "; `--reset-head` leaves out tensors of the head only");
  for (size_t i = 0; i < params.size(); ++i) {
    std::string name(textOf(artifact->model().params()->Get(static_cast<uint32_t>(i))->name()));
    bool isNew = std::any_of(rows.missing.begin(), rows.missing.end(), [&](const auto &row) { return row.name == name; });
    if (!isNew)
      ARCHRT_TRY(found->read(i, params.mutableData(i)));
  }
  return {};
}

// --- Training -----------------------------------------------------------------------------------------------------------------

Result<TrainEnd> TrainRun::train(TrainListener &listener, const std::atomic<int> &stop) {
  ARCHRT_ASSIGN(std::shared_ptr<ParamStore> params, initialParams());
  TrainParts parts;
  parts.model = &artifact->model();
  parts.pool = &runtime->pool();
  parts.step = step.get();
  parts.source = trainSource.get();
  parts.evaluator = evaluator.get();
  parts.folder = runFolder.get();
  TrainReports reports(*runFolder, listener);
  parts.listener = &reports;
  parts.stop = &stop;
  parts.isa = target;
  ARCHRT_ASSIGN(trainer, Trainer::create(parts, trainOptionsOf(recipe), std::move(params)));
  if (resumes() && !listCheckpoints(runFolder->checkpoints()).empty()) {
    std::vector<std::string> notes;
    ARCHRT_TRY(trainer->resume(notes));
    for (const std::string &note : notes)
      std::cerr << "note: " << note << "\n";
    std::cerr << "note: going on after update " << progress().update << " (epoch " << progress().epoch + 1 << ")\n";
  } else {
    ARCHRT_TRY(writeTexts());
    ARCHRT_TRY(trainer->begin());
  }
  ARCHRT_TRY(reports.begin(progress().update));
  auto end = trainer->run();
  noteCorruptImages();
  return end;
}

void TrainRun::noteCorruptImages() {
  for (data::Loader *source : {trainSource.get(), evalSource.get()})
    for (const data::CorruptImage &image : source->takeCorrupt())
      std::cerr << "note: skipped `" << image.name << "`: " << image.reason << "\n";
}

/// As `archc summary --train` plans it; nothing for devices that plan nothing.
std::string TrainRun::memory() const {
  const int64_t batch = recipe.data.microBatch();
  const train::StepBytes bytes = step->bytes(batch);
  if (bytes.activations == 0)
    return "";
  return concat("a step of ", batch, " images holds ", bytes.activations, " bytes of activations, ", bytes.prepared,
                " of prepared weights\n");
}

double TrainRun::peakSpeed() const {
  int passes = recipe.optimizer.sharpness == recipe::SharpnessKind::None ? 1 : 2;
  return facts.device == "cpu" ? measureFmaPeak(runtime->pool()) * 1e9 / (flopsPerImage * passes) : 0;
}

std::string TrainRun::summary() const {
  int64_t count = 0;
  for (const ParamLayout::Entry &entry : ParamLayout::of(artifact->model()).entries)
    count += entry.size;
  char size[32];
  std::snprintf(size, sizeof(size), "%.2f M", double(count) / 1e6);
  return concat(modelName, ": ", size, " parameters, ", trainSource->size(), " images, ", recipe.totalEpochs(), " epochs of ",
                trainSource->size() / recipe.data.batch, " updates, ", target, ", ", runtime->pool().threads(), " threads, in `",
                folder(), "`\n", memory());
}

} // namespace archc::driver
