//===- TrainRun.h - From the flags of `archc train` to a trainer ----------===//

#ifndef ARCHC_TOOLS_DRIVER_TRAINRUN_H
#define ARCHC_TOOLS_DRIVER_TRAINRUN_H

#include "frontend/recipe/Recipe.h"
#include "runtime/data/Loader.h"
#include "runtime/train/Trainer.h"
#include "tools/driver/RunSource.h"

namespace archc::driver {

struct TrainCommand {
  std::string spec, recipe, data, out, resume, initFrom, names = "auto", device, target, checkpoints;
  std::vector<std::string> sets; // keys of the recipe or of the spec
  int64_t epochs = 0, seed = -1; // 0, -1: as the recipe says
  int threads = 0;
  bool resetHead = false;
};

/// One run from the command line to its end. An error with an empty message has been printed already.
class TrainRun {
public:
  explicit TrainRun(const TrainCommand &command) : command(command) {}

  archrt::Status prepare();
  archrt::Result<archrt::train::TrainEnd> train(archrt::train::TrainListener &listener, const std::atomic<int> &stop);

  const std::string &folder() const { return runFolder->path(); }
  bool resumes() const { return !command.resume.empty(); }
  /// "caformer_tiny28: 1.2 M parameters, ..."
  std::string summary() const;
  /// Images a second at the machine's peak of multiplications and additions; 0 on devices that are not measured by it.
  double peakSpeed() const;
  const archrt::train::TrainState &progress() const { return trainer->progress(); }

private:
  archrt::Status loadTexts();
  archrt::Status loadSpec(const std::string &path, const std::vector<std::string> &sets);
  archrt::Status loadRecipe(const std::string &path, const std::vector<std::string> &sets);
  archrt::Status compile();
  archrt::Status openData();
  archrt::Status writeTexts() const;
  void noteCorruptImages();
  std::string memory() const;
  archrt::Result<std::shared_ptr<archrt::ParamStore>> initialParams() const;
  archrt::Status readInitialParams(archrt::ParamStore &params) const;

  TrainCommand command;
  RunFacts facts;
  double flopsPerImage = 0; // of a step: one pass forward, and two back
  std::string specText, recipeText, modelName, target;
  recipe::Recipe recipe;
  std::string artifactBytes;
  std::unique_ptr<archrt::train::RunFolder> runFolder;
  std::shared_ptr<archrt::Runtime> runtime;
  std::shared_ptr<const archrt::Artifact> artifact;
  std::unique_ptr<archrt::train::GradientStep> step;
  std::unique_ptr<archrt::data::Loader> trainSource, evalSource;
  std::unique_ptr<archrt::train::Evaluator> evaluator;
  std::unique_ptr<archrt::train::Trainer> trainer;
};

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_TRAINRUN_H
