#include "tools/driver/TrainProgress.h"

#include <cstdio>
#include <iostream>

namespace archc::driver {

std::string clockText(double seconds) {
  long long total = static_cast<long long>(seconds + 0.5), hours = total / 3600;
  char text[32];
  if (hours > 0)
    std::snprintf(text, sizeof(text), "%lld:%02lld:%02lld", hours, total / 60 % 60, total % 60);
  else
    std::snprintf(text, sizeof(text), "%lld:%02lld", total / 60, total % 60);
  return text;
}

static std::string bar(int64_t done, int64_t all) {
  constexpr int64_t width = 20;
  int64_t filled = all > 0 ? width * done / all : width;
  return "[" + std::string(static_cast<size_t>(filled), '#') + std::string(static_cast<size_t>(width - filled), '.') + "]";
}

/// Of the whole run, from the speed of this epoch.
static std::string timeLeft(const archrt::train::UpdateReport &report, double secondsPerUpdate) {
  int64_t epochs = report.epochs - report.epoch - 1, left = report.updates - report.update + epochs * report.updates;
  return clockText(double(left) * secondsPerUpdate);
}

void TrainProgress::clear() {
  if (isTerminal && shown)
    std::cerr << "\r\x1b[K" << std::flush;
  shown = false;
}

void TrainProgress::onUpdate(const archrt::train::UpdateReport &report) {
  Clock::time_point now = Clock::now();
  if (now - last < std::chrono::milliseconds(isTerminal ? 200 : 10000))
    return;
  last = now;
  double images = report.update > 0 ? report.imagesPerSecond : 0;
  double perUpdate = images > 0 ? double(report.imagesPerUpdate) / images : 0;
  char text[240], share[32] = "";
  if (peakSpeed > 0)
    std::snprintf(share, sizeof(share), "  %.0f %% of peak", 100 * images / peakSpeed);
  std::snprintf(
      text, sizeof(text), "epoch %lld/%lld %s %lld/%lld  loss %.4f  top-1 %.2f %%  %.0f images/s%s  %.0f %% waiting  %s left",
      static_cast<long long>(report.epoch + 1), static_cast<long long>(report.epochs), bar(report.update, report.updates).c_str(),
      static_cast<long long>(report.update), static_cast<long long>(report.updates), report.loss, report.top1, images, share,
      100 * report.waitShare, timeLeft(report, perUpdate).c_str());
  clear();
  std::cerr << text << (isTerminal ? "" : "\n") << std::flush;
  shown = true;
}

std::string epochLine(const archrt::train::EpochReport &report) {
  char text[200];
  std::snprintf(text, sizeof(text), "epoch %lld/%lld  loss %.4f  top-1 %.2f %%", static_cast<long long>(report.epoch + 1),
                static_cast<long long>(report.epochs), report.trainLoss, report.trainTop1);
  std::string line = text;
  if (report.evaluated) {
    std::snprintf(text, sizeof(text), "  test loss %.4f  top-1 %.2f %%  top-5 %.2f %%%s", report.eval.loss(), report.eval.top1(),
                  report.eval.top5(), report.best ? "  (best)" : "");
    line += text;
  }
  std::snprintf(text, sizeof(text), "  rate %.3g  %.0f images/s, %.0f %% of the time waiting for data  %s", report.rate,
                report.imagesPerSecond, 100 * report.waitShare, clockText(report.seconds).c_str());
  return line + text;
}

void TrainProgress::onEpoch(const archrt::train::EpochReport &report) {
  clear();
  std::cout << epochLine(report) << "\n" << std::flush;
}

} // namespace archc::driver
