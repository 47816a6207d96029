//===- TrainReports.h - Curves of a training run --------------------------===//
//
// After each epoch, curves.svg and curves.png are drawn anew from what the run has written, and TensorBoard's event file grows. None
// of it is needed to go on, so a report that cannot be written is a note and no error.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_TRAINREPORTS_H
#define ARCHC_TOOLS_DRIVER_TRAINREPORTS_H

#include "runtime/report/Curves.h"
#include "runtime/report/EventFile.h"
#include "runtime/train/Trainer.h"

#include <set>

namespace archc::driver {

class TrainReports final : public archrt::train::TrainListener {
public:
  /// `next` hears everything too; both it and `folder` outlive the reports.
  TrainReports(archrt::train::RunFolder &folder, archrt::train::TrainListener &next) : folder(folder), next(next) {}

  /// TensorBoard's events go on behind this update.
  archrt::Status begin(int64_t update);

  void onUpdate(const archrt::train::UpdateReport &report) override { next.onUpdate(report); }
  void onEpoch(const archrt::train::EpochReport &report) override;
  void onCheckpoint(const std::string &name) override { next.onCheckpoint(name); }

private:
  archrt::Status writeCurves() const;
  archrt::Status writeEvents(const archrt::train::EpochReport &report);
  void note(const archrt::Status &status);

  archrt::train::RunFolder &folder;
  archrt::train::TrainListener &next;
  std::unique_ptr<archrt::report::EventFile> events;
  std::set<std::string> noted; // each problem once
};

/// Loss, accuracy and learning rate over the updates, from the lines of metrics.jsonl.
std::vector<archrt::report::Chart> chartsOf(const std::string &metrics);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_TRAINREPORTS_H
