//===- Schedule.h - The learning rate of every update ---------------------===//
//
// As timm's schedulers define it: a linear warm-up, then a curve. The rate changes with every epoch or with every update; in the
// latter case all times are multiplied by the updates of an epoch.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_SCHEDULE_H
#define ARCHRT_TRAIN_SCHEDULE_H

#include <cstdint>
#include <vector>

namespace archrt::train {

enum class ScheduleKind { Cosine, Step, MultiStep, Constant };

struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::Cosine;
  double rate = 1e-3; // the largest
  int64_t epochs = 300;
  double warmupEpochs = 0, warmupRate = 1e-6;
  /// Warm-up comes before the schedule's epochs instead of standing for their first ones.
  bool warmupPrefix = false;
  int64_t cooldownEpochs = 0; // Cosine: epochs at minRate behind the schedule
  bool perStep = false;
  double minRate = 0;             // Cosine
  double every = 30;              // Step: epochs
  std::vector<double> milestones; // MultiStep: epochs
  double factor = 0.1;            // Step, MultiStep
};

/// Where the rate is asked for.
struct ScheduleTime {
  int64_t epoch = 0;  // from 0
  int64_t update = 0; // updates done before, in all
  int64_t updatesPerEpoch = 1;
};

double learningRate(const ScheduleOptions &options, const ScheduleTime &time);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_SCHEDULE_H
