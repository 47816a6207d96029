//===- TrainProgress.h - What a training run says on the terminal ---------===//
//
// On a terminal one line is rewritten several times a second; elsewhere a plain line appears every ten seconds. Each epoch ends with
// a line that stays.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_TRAINPROGRESS_H
#define ARCHC_TOOLS_DRIVER_TRAINPROGRESS_H

#include "runtime/train/Trainer.h"

namespace archc::driver {

class TrainProgress final : public archrt::train::TrainListener {
public:
  /// `peakSpeed`: images a second if every multiplier of the machine were busy all the time; 0 leaves the percentage out.
  TrainProgress(bool isTerminal, double peakSpeed) : isTerminal(isTerminal), peakSpeed(peakSpeed) {}
  ~TrainProgress() override { clear(); }

  void onUpdate(const archrt::train::UpdateReport &report) override;
  void onEpoch(const archrt::train::EpochReport &report) override;

  /// Removes the line that is being rewritten, so that something else can be printed.
  void clear();

private:
  using Clock = std::chrono::steady_clock;
  bool isTerminal, shown = false;
  double peakSpeed;
  Clock::time_point last{};
};

/// The line that stays after an epoch.
std::string epochLine(const archrt::train::EpochReport &report);

/// "1:02:03" or "4:05".
std::string clockText(double seconds);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_TRAINPROGRESS_H
