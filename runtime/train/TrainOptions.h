//===- TrainOptions.h - How a model is trained ----------------------------===//
//
// What a recipe says to the trainer; what it says about images is the source's (BatchSource.h).
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_TRAINOPTIONS_H
#define ARCHRT_TRAIN_TRAINOPTIONS_H

#include "runtime/train/Gradients.h"
#include "runtime/train/Optimizer.h"
#include "runtime/train/Schedule.h"
#include "runtime/train/WeightAverage.h"

#include <string>

namespace archrt::train {

struct TrainOptions {
  uint64_t seed = 42;
  int64_t epochs = 300;     // to train, with warm-up in front and cool-down behind
  int64_t batch = 128;      // images per update
  int64_t microBatch = 128; // images per gradient step; divides `batch`
  bool dropLast = true;     // no update with fewer than `batch` images
  OptimizerOptions optimizer;
  TensorRuleOptions rules;
  ScheduleOptions schedule;
  ClipOptions clip;
  SharpnessKind sharpness = SharpnessKind::None;
  double rho = 0.05;
  AverageOptions average;
  double dropPath = 0, headDropout = 0;

  int64_t checkpointEvery = 1;    // epochs; 0: only at the end
  int64_t checkpointUpdates = 0;  // also after each so many updates
  double checkpointSeconds = 600; // and inside an epoch when the last one is older
  int64_t keep = 2;
  int64_t evalEvery = 1;       // epochs
  int64_t logEvery = 50;       // updates per line of metrics.jsonl
  std::string metric = "top1"; // what "best" means: top1, top5 or loss
};

} // namespace archrt::train

#endif // ARCHRT_TRAIN_TRAINOPTIONS_H
