#include "runtime/train/Schedule.h"

#include <algorithm>
#include <cmath>

namespace archrt::train {

static constexpr double kPi = 3.14159265358979323846;

/// `scale` turns epochs into the unit of `t`.
static double rateBehindWarmup(const ScheduleOptions &options, double t, double scale) {
  switch (options.kind) {
  case ScheduleKind::Cosine: {
    double length = double(options.epochs) * scale;
    if (t >= length)
      return options.minRate;
    return options.minRate + 0.5 * (options.rate - options.minRate) * (1 + std::cos(kPi * t / length));
  }
  case ScheduleKind::Step:
    return options.rate * std::pow(options.factor, std::floor(t / (options.every * scale)));
  case ScheduleKind::MultiStep: {
    // timm compares a milestone with the time after the next step.
    auto passed = [&](double milestone) { return milestone * scale <= t + 1; };
    return options.rate *
           std::pow(options.factor, double(std::count_if(options.milestones.begin(), options.milestones.end(), passed)));
  }
  case ScheduleKind::Constant:
    break;
  }
  return options.rate;
}

double learningRate(const ScheduleOptions &options, const ScheduleTime &time) {
  double scale = options.perStep ? double(time.updatesPerEpoch) : 1;
  double t = double(options.perStep ? time.update : time.epoch), warmup = options.warmupEpochs * scale;
  if (t < warmup)
    return options.warmupRate + t * ((options.rate - options.warmupRate) / warmup);
  return rateBehindWarmup(options, options.warmupPrefix ? t - warmup : t, scale);
}

} // namespace archrt::train
