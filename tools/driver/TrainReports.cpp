#include "tools/driver/TrainReports.h"

#include "runtime/core/AtomicFile.h"
#include "tools/driver/TrainProgress.h"

#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace archrt;
using namespace archrt::report;

namespace archc::driver {

namespace {
struct MetricsReader {
  Chart loss{"loss", "update", {{"train", {}, {}}, {"test", {}, {}}}};
  Chart top1{"top-1 (%)", "update", {{"train", {}, {}}, {"test", {}, {}}}};
  Chart rate{"learning rate", "update", {{"rate", {}, {}}}};

  void read(const nlohmann::json &line) {
    size_t series = line.value("kind", "") == "eval";
    double update = line.value("update", 0.0);
    add(loss.series[series], update, line, "loss");
    add(top1.series[series], update, line, "top1");
    if (series == 0)
      add(rate.series[0], update, line, "rate");
  }

private:
  static void add(Series &series, double x, const nlohmann::json &line, const char *key) {
    if (!line.contains(key) || !line[key].is_number())
      return;
    series.x.push_back(x);
    series.y.push_back(line[key].get<double>());
  }
};
} // namespace

std::vector<Chart> chartsOf(const std::string &metrics) {
  MetricsReader reader;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    nlohmann::json parsed = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_object())
      reader.read(parsed);
  }
  return {reader.loss, reader.top1, reader.rate};
}

Status TrainReports::begin(int64_t update) {
  ARCHRT_ASSIGN(events, EventFile::create(folder.path(), {update, double(std::time(nullptr))}));
  return folder.log.open(train::LineFile::kAll);
}

Status TrainReports::writeCurves() const {
  ARCHRT_ASSIGN(std::string metrics, train::readText(folder.file("metrics.jsonl")));
  std::vector<Chart> charts = chartsOf(metrics);
  std::string svg = svgOf(charts);
  ARCHRT_TRY(writeFileAtomically(folder.file("curves.svg"), {ByteView(svg)}));
  ARCHRT_ASSIGN(std::string png, pictureOf(charts).png());
  return writeFileAtomically(folder.file("curves.png"), {ByteView(png)});
}

Status TrainReports::writeEvents(const train::EpochReport &report) {
  if (!events)
    return {};
  std::vector<std::pair<std::string, double>> values = {{"train/loss", report.trainLoss},
                                                        {"train/top1", report.trainTop1},
                                                        {"train/rate", report.rate},
                                                        {"train/images_per_s", report.imagesPerSecond}};
  if (report.evaluated) {
    values.emplace_back("eval/loss", report.eval.loss());
    values.emplace_back("eval/top1", report.eval.top1());
    values.emplace_back("eval/top5", report.eval.top5());
  }
  return events->scalars({report.update, double(std::time(nullptr))}, values);
}

void TrainReports::note(const Status &status) {
  if (!status.ok() && noted.insert(status.message()).second)
    std::cerr << "note: " << status.message() << "\n";
}

void TrainReports::onEpoch(const train::EpochReport &report) {
  next.onEpoch(report);
  note(writeCurves());
  note(writeEvents(report));
  note(folder.log.append(epochLine(report)));
}

} // namespace archc::driver
