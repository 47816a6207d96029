//===- Recipe.h - How a model is trained, resolved ------------------------===//
//
// What a recipe file says once inheritance and `--set` are worked in and every default is filled in. Plain structs: whoever trains
// copies what it needs. Keys, ranges and meanings are rows of the schema table (RecipeTables.cpp, RecipeKinds.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_RECIPE_RECIPE_H
#define ARCHC_FRONTEND_RECIPE_RECIPE_H

#include "frontend/model/Component.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace archc::recipe {

/// [run]
struct Run {
  int64_t edition = 1;
  std::string name;
  int64_t epochs = 300; // of the schedule; see Recipe::totalEpochs
  uint64_t seed = 42;
  /// A checkpoint after each so many epochs; the last, the best and `keep` recent ones stay.
  int64_t checkpointEvery = 1, keep = 2;
  int64_t evalEvery = 1; // epochs
  /// A line of metrics.jsonl after each so many updates.
  int64_t logEvery = 50;
  std::string metric = "top1"; // what "best" means: top1, top5 or loss
};

/// [data]
struct Data {
  int64_t batch = 128;    // images per update of the weights
  int64_t accumulate = 1; // equal parts of a batch whose gradients are added up; divides `batch`
  int64_t evalBatch = 0;  // 0: microBatch()
  bool shuffle = true, dropLast = true;
  int64_t repeats = 1; // repeated augmentation: how often an image comes in one epoch's order
  bool skipCorrupt = false;
  int64_t loaders = 1, prefetch = 2; // threads; micro-batches ahead of the step
  int64_t limit = 0, evalLimit = 0;  // only so many images, spread evenly; 0: all

  int64_t microBatch() const { return batch / accumulate; }
};

enum class OptimizerKind { AdamW, Lamb, Sgd, Lion };
enum class ClipKind { None, Norm, Value, Agc };
enum class SharpnessKind { None, Sam, Asam };

/// [optimizer]. A field that its kind does not have keeps its default.
struct Optimizer {
  OptimizerKind kind = OptimizerKind::AdamW;
  /// Learning rates, already scaled by batch / rate_per where the recipe asks for it; so are Schedule's.
  double rate = 1e-3;
  double weightDecay = 0.05; // AdamW and Lion: decoupled, times the rate; SGD: added to the gradient; LAMB: added to the update
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double momentum = 0.9; // SGD
  bool nesterov = false; // SGD
  double maxNorm = 1.0;  // LAMB: limit of the global gradient norm inside the optimizer; 0: none
  /// The rate of layer l of L is multiplied by layerDecay^(L - l).
  double layerDecay = 1.0;
  ClipKind clip = ClipKind::None;
  double clipLimit = 1.0;
  SharpnessKind sharpness = SharpnessKind::None;
  double rho = 0.05;
  std::vector<std::string> freeze; // parameters whose names match one of these (`*` and `?`) stay as they are
};

enum class ScheduleKind { Cosine, Step, MultiStep, Constant };

/// [schedule], as timm's schedulers define them.
struct Schedule {
  ScheduleKind kind = ScheduleKind::Cosine;
  double warmupEpochs = 0, warmupRate = 1e-6;
  bool warmupPrefix = false; // warm-up comes before the schedule's epochs instead of standing for their first ones
  int64_t cooldownEpochs = 0;
  bool perStep = false;           // the rate changes with every update; otherwise with every epoch
  double minRate = 0;             // Cosine
  double every = 30;              // Step: epochs
  std::vector<double> milestones; // MultiStep: epochs
  double factor = 0.1;            // Step, MultiStep
};

enum class CropKind { None, RandomResized, Pad };
enum class EraseKind { None, Const, Rand, Pixel };

/// [augment]: what is done to one image, in this order: crop, flips, policy or colour jitter, normalisation, erase.
struct Augment {
  CropKind crop = CropKind::None;
  double scaleMin = 0.08, scaleMax = 1, ratioMin = 0.75, ratioMax = 4.0 / 3; // RandomResized
  int64_t padding = 4;                                                       // Pad: pixels on each side
  std::string interpolation = "bicubic";                                     // bicubic, bilinear or random
  double flip = 0, verticalFlip = 0;                                         // probabilities
  double brightness = 0, contrast = 0, saturation = 0, hue = 0;              // factors drawn from 1 - x to 1 + x; hue: a shift
  bool randAugment = false;
  double magnitude = 9, magnitudeNoise = 0.5, opProbability = 0.5;
  int64_t ops = 2;
  bool increasing = true;
  EraseKind erase = EraseKind::None;
  double eraseProbability = 0.25, eraseAreaMin = 0.02, eraseAreaMax = 1.0 / 3, eraseAspect = 0.3;
  int64_t eraseCount = 1;
};

/// [regularize]
struct Regularize {
  double mixup = 0, cutmix = 0; // alpha of the Beta distribution; 0: off
  double mixProbability = 1, mixSwitch = 0.5;
  int64_t mixOffEpoch = 0; // no mixing from this epoch on; 0: to the end
  double dropPath = 0;     // rate of the last block; the first has 0, between them it rises linearly
  double headDropout = 0;
};

enum class LossKind { CrossEntropy, BinaryCrossEntropy };

/// [loss]
struct Loss {
  LossKind kind = LossKind::CrossEntropy;
  double smoothing = 0;
};

/// [ema]
struct Ema {
  double decay = 0;    // 0: no average is kept
  bool warmup = false; // the decay at update t is at most (1 + t) / (10 + t)
};

struct Recipe {
  Run run;
  Data data;
  Optimizer optimizer;
  Schedule schedule;
  Augment augment;
  Regularize regularize;
  Loss loss;
  Ema ema;

  /// With warm-up in front and cool-down behind, where the schedule has them.
  int64_t totalEpochs() const;

  /// The tables with every key as resolved, in the order of the language: what `archc expand` prints.
  std::vector<std::pair<std::string, spec::Component>> tables;
  std::vector<std::string> files;
};

} // namespace archc::recipe

#endif // ARCHC_FRONTEND_RECIPE_RECIPE_H
