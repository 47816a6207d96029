#include "frontend/recipe/Fill.h"

#include <algorithm>
#include <cassert>

namespace archc::recipe {

using spec::Component;
using spec::Value;

const Component &tableOf(const Tables &tables, const std::string &path) {
  auto found = std::find_if(tables.begin(), tables.end(), [&](const auto &table) { return table.first == path; });
  assert(found != tables.end() && "the reader reads every table");
  return found->second;
}

namespace {

/// Reads keys that may be there or, because this kind has none such, not: then the struct keeps what it has.
class Filler {
public:
  explicit Filler(const Component &values) : values(values) {}

  Filler &set(const char *key, double &into) { return take<double>(key, into); }
  Filler &set(const char *key, int64_t &into) { return take<int64_t>(key, into); }
  Filler &set(const char *key, bool &into) { return take<bool>(key, into); }
  Filler &set(const char *key, std::string &into) { return take<std::string>(key, into); }
  Filler &set(const char *key, std::vector<double> &into) { return take<std::vector<double>>(key, into); }
  Filler &set(const char *key, std::vector<std::string> &into) { return take<std::vector<std::string>>(key, into); }
  /// A list of two.
  Filler &set(const char *key, double &first, double &second) {
    std::vector<double> both = {first, second};
    set(key, both);
    first = both[0], second = both[1];
    return *this;
  }

private:
  template <typename T> Filler &take(const char *key, T &into) {
    if (const Value *value = values.find(key))
      into = std::get<T>(value->data);
    return *this;
  }

  const Component &values;
};

/// The enumerator whose name stands at the place of `kind` in `names`.
template <typename Kind> Kind kindAmong(std::initializer_list<const char *> names, const std::string &kind) {
  auto found = std::find(names.begin(), names.end(), kind);
  assert(found != names.end() && "the reader knows the kinds");
  return static_cast<Kind>(found - names.begin());
}

void fillRun(const Component &values, Run &run) {
  auto seed = static_cast<int64_t>(run.seed);
  Filler(values)
      .set("edition", run.edition)
      .set("name", run.name)
      .set("epochs", run.epochs)
      .set("seed", seed)
      .set("checkpoint_every", run.checkpointEvery)
      .set("keep", run.keep)
      .set("eval_every", run.evalEvery)
      .set("log_every", run.logEvery)
      .set("metric", run.metric);
  run.seed = static_cast<uint64_t>(seed);
}

void fillData(const Component &values, Data &data) {
  Filler(values)
      .set("batch", data.batch)
      .set("accumulate", data.accumulate)
      .set("eval_batch", data.evalBatch)
      .set("shuffle", data.shuffle)
      .set("drop_last", data.dropLast)
      .set("repeats", data.repeats)
      .set("loaders", data.loaders)
      .set("prefetch", data.prefetch)
      .set("limit", data.limit)
      .set("eval_limit", data.evalLimit);
  data.skipCorrupt = values.getString("corrupt") == "skip";
  data.evalBatch = data.evalBatch ? data.evalBatch : data.microBatch();
}

void fillOptimizer(const Component &values, Optimizer &optimizer) {
  optimizer.kind = kindAmong<OptimizerKind>({"adamw", "lamb", "sgd", "lion"}, values.kind);
  Filler(values)
      .set("rate", optimizer.rate)
      .set("weight_decay", optimizer.weightDecay)
      .set("betas", optimizer.beta1, optimizer.beta2)
      .set("eps", optimizer.eps)
      .set("momentum", optimizer.momentum)
      .set("nesterov", optimizer.nesterov)
      .set("max_norm", optimizer.maxNorm)
      .set("layer_decay", optimizer.layerDecay)
      .set("freeze", optimizer.freeze);
  const Component &clip = values.getComponent("clip"), &sharpness = values.getComponent("sharpness");
  optimizer.clip = kindAmong<ClipKind>({"none", "norm", "value", "agc"}, clip.kind);
  Filler(clip).set("limit", optimizer.clipLimit);
  optimizer.sharpness = kindAmong<SharpnessKind>({"none", "sam", "asam"}, sharpness.kind);
  Filler(sharpness).set("rho", optimizer.rho);
}

void fillSchedule(const Component &values, Schedule &schedule) {
  schedule.kind = kindAmong<ScheduleKind>({"cosine", "step", "multi_step", "constant"}, values.kind);
  Filler(values)
      .set("warmup_epochs", schedule.warmupEpochs)
      .set("warmup_rate", schedule.warmupRate)
      .set("warmup_prefix", schedule.warmupPrefix)
      .set("cooldown_epochs", schedule.cooldownEpochs)
      .set("min_rate", schedule.minRate)
      .set("every", schedule.every)
      .set("milestones", schedule.milestones)
      .set("factor", schedule.factor);
  schedule.perStep = values.getString("per") == "step";
}

void fillAugment(const Component &values, Augment &augment) {
  Filler(values)
      .set("interpolation", augment.interpolation)
      .set("flip", augment.flip)
      .set("vertical_flip", augment.verticalFlip)
      .set("brightness", augment.brightness)
      .set("contrast", augment.contrast)
      .set("saturation", augment.saturation)
      .set("hue", augment.hue);
  const Component &crop = values.getComponent("crop"), &policy = values.getComponent("policy"),
                  &erase = values.getComponent("erase");
  augment.crop = kindAmong<CropKind>({"none", "random_resized", "pad"}, crop.kind);
  Filler(crop)
      .set("scale", augment.scaleMin, augment.scaleMax)
      .set("ratio", augment.ratioMin, augment.ratioMax)
      .set("padding", augment.padding);
  augment.randAugment = policy.kind == "rand_augment";
  Filler(policy)
      .set("ops", augment.ops)
      .set("magnitude", augment.magnitude)
      .set("noise", augment.magnitudeNoise)
      .set("probability", augment.opProbability)
      .set("increasing", augment.increasing);
  augment.erase = kindAmong<EraseKind>({"none", "const", "rand", "pixel"}, erase.kind);
  Filler(erase)
      .set("probability", augment.eraseProbability)
      .set("count", augment.eraseCount)
      .set("area", augment.eraseAreaMin, augment.eraseAreaMax)
      .set("aspect", augment.eraseAspect);
}

void fillRegularize(const Component &values, Regularize &regularize) {
  Filler(values)
      .set("mixup", regularize.mixup)
      .set("cutmix", regularize.cutmix)
      .set("mix_probability", regularize.mixProbability)
      .set("mix_switch", regularize.mixSwitch)
      .set("mix_off_epoch", regularize.mixOffEpoch)
      .set("drop_path", regularize.dropPath)
      .set("head_dropout", regularize.headDropout);
}

/// All learning rates are meant for a batch of `rate_per` images.
void scaleRates(Recipe &recipe) {
  const Value *per = tableOf(recipe.tables, "optimizer").find("rate_per");
  if (!per)
    return;
  double scale = static_cast<double>(recipe.data.batch) / static_cast<double>(std::get<int64_t>(per->data));
  recipe.optimizer.rate *= scale;
  recipe.schedule.warmupRate *= scale;
  recipe.schedule.minRate *= scale;
}

} // namespace

void fillRecipe(Recipe &recipe) {
  auto table = [&](const char *path) -> const Component & { return tableOf(recipe.tables, path); };
  fillRun(table("run"), recipe.run);
  fillData(table("data"), recipe.data);
  fillOptimizer(table("optimizer"), recipe.optimizer);
  fillSchedule(table("schedule"), recipe.schedule);
  fillAugment(table("augment"), recipe.augment);
  fillRegularize(table("regularize"), recipe.regularize);
  recipe.loss.kind = kindAmong<LossKind>({"cross_entropy", "bce"}, table("loss").kind);
  Filler(table("loss")).set("smoothing", recipe.loss.smoothing);
  Filler(table("ema")).set("decay", recipe.ema.decay).set("warmup", recipe.ema.warmup);
  scaleRates(recipe);
}

} // namespace archc::recipe
