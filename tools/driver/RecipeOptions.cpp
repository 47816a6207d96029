#include "tools/driver/RecipeOptions.h"

#include <algorithm>

namespace archc::driver {

namespace train = archrt::train;

template <typename To, typename From> static To enumOf(From value) { return static_cast<To>(static_cast<int>(value)); }

// The enums are copied by number.
static_assert(int(train::OptimizerKind::Lion) == int(recipe::OptimizerKind::Lion) &&
              int(train::OptimizerKind::Sgd) == int(recipe::OptimizerKind::Sgd) &&
              int(train::OptimizerKind::Lamb) == int(recipe::OptimizerKind::Lamb));
static_assert(int(train::ClipKind::Norm) == int(recipe::ClipKind::Norm) &&
              int(train::ClipKind::Value) == int(recipe::ClipKind::Value) &&
              int(train::ClipKind::Agc) == int(recipe::ClipKind::Agc));
static_assert(int(train::SharpnessKind::Sam) == int(recipe::SharpnessKind::Sam) &&
              int(train::SharpnessKind::Asam) == int(recipe::SharpnessKind::Asam));
static_assert(int(train::ScheduleKind::Step) == int(recipe::ScheduleKind::Step) &&
              int(train::ScheduleKind::MultiStep) == int(recipe::ScheduleKind::MultiStep) &&
              int(train::ScheduleKind::Constant) == int(recipe::ScheduleKind::Constant));

static train::OptimizerOptions optimizerOf(const recipe::Optimizer &from) {
  train::OptimizerOptions to;
  to.kind = enumOf<train::OptimizerKind>(from.kind);
  to.beta1 = from.beta1;
  to.beta2 = from.beta2;
  to.eps = from.eps;
  to.momentum = from.momentum;
  to.nesterov = from.nesterov;
  to.maxNorm = from.maxNorm;
  return to;
}

static train::ScheduleOptions scheduleOf(const recipe::Recipe &recipe) {
  const recipe::Schedule &from = recipe.schedule;
  train::ScheduleOptions to;
  to.kind = enumOf<train::ScheduleKind>(from.kind);
  to.rate = recipe.optimizer.rate;
  to.epochs = recipe.run.epochs;
  to.warmupEpochs = from.warmupEpochs;
  to.warmupRate = from.warmupRate;
  to.warmupPrefix = from.warmupPrefix;
  to.perStep = from.perStep;
  to.minRate = from.minRate;
  to.every = from.every;
  to.milestones = from.milestones;
  to.factor = from.factor;
  return to;
}

train::TrainOptions trainOptionsOf(const recipe::Recipe &recipe) {
  train::TrainOptions to;
  to.seed = recipe.run.seed;
  to.epochs = recipe.totalEpochs();
  to.batch = recipe.data.batch;
  to.microBatch = recipe.data.microBatch();
  to.dropLast = recipe.data.dropLast;
  to.optimizer = optimizerOf(recipe.optimizer);
  to.rules = {recipe.optimizer.weightDecay, recipe.optimizer.layerDecay, recipe.optimizer.freeze};
  to.schedule = scheduleOf(recipe);
  to.clip = {enumOf<train::ClipKind>(recipe.optimizer.clip), recipe.optimizer.clipLimit};
  to.sharpness = enumOf<train::SharpnessKind>(recipe.optimizer.sharpness);
  to.rho = recipe.optimizer.rho;
  to.average = {recipe.ema.decay, recipe.ema.warmup};
  to.dropPath = recipe.regularize.dropPath;
  to.headDropout = recipe.regularize.headDropout;
  to.checkpointEvery = recipe.run.checkpointEvery;
  to.keep = recipe.run.keep;
  to.evalEvery = recipe.run.evalEvery;
  to.logEvery = recipe.run.logEvery;
  to.metric = recipe.run.metric;
  return to;
}

TrainingRequest trainingRequestOf(const recipe::Recipe &recipe) {
  TrainingRequest request;
  request.loss = recipe.loss.kind == recipe::LossKind::BinaryCrossEntropy ? "bce" : "cross_entropy";
  request.dropPath = recipe.regularize.dropPath > 0;
  request.headDropout = recipe.regularize.headDropout > 0;
  return request;
}

bool setsRecipe(const std::string &assignment) {
  static const char *const tables[] = {"run", "data", "optimizer", "schedule", "augment", "regularize", "loss", "ema"};
  std::string table = assignment.substr(0, assignment.find_first_of(".="));
  return std::find(std::begin(tables), std::end(tables), table) != std::end(tables);
}

} // namespace archc::driver
