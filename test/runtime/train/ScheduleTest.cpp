#include "runtime/train/Schedule.h"

#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>

using namespace archrt::train;

namespace {

constexpr int64_t kUpdatesPerEpoch = 7;

ScheduleOptions options(ScheduleKind kind, int64_t epochs, double warmup, double minRate) {
  ScheduleOptions out;
  out.kind = kind;
  out.rate = 4e-3;
  out.epochs = epochs;
  out.warmupEpochs = warmup;
  out.minRate = minRate;
  return out;
}

/// As SCHEDULES of tools/dev/make_train_fixtures.py.
std::map<std::string, ScheduleOptions> cases() {
  std::map<std::string, ScheduleOptions> all;
  all["cosine"] = options(ScheduleKind::Cosine, 30, 5, 1e-5);
  all["cosine_prefix"] = options(ScheduleKind::Cosine, 20, 5, 1e-5);
  all["cosine_prefix"].warmupPrefix = true;
  all["cosine_cooldown"] = options(ScheduleKind::Cosine, 20, 0, 1e-5);
  all["cosine_updates"] = options(ScheduleKind::Cosine, 30, 3, 1e-5);
  all["step"] = options(ScheduleKind::Step, 30, 4, 0);
  all["step"].every = 8;
  all["step"].factor = 0.3;
  all["step_updates"] = options(ScheduleKind::Step, 30, 0, 0);
  all["step_updates"].every = 2.5;
  all["step_updates"].factor = 0.9;
  all["multistep"] = options(ScheduleKind::MultiStep, 30, 2, 0);
  all["multistep_updates"] = options(ScheduleKind::MultiStep, 28, 2, 0);
  all["multistep_updates"].warmupPrefix = true;
  all["constant"] = options(ScheduleKind::Constant, 30, 3, 0);
  all["constant"].warmupRate = 1e-5;
  for (auto &[name, each] : all) {
    each.perStep = name.find("_updates") != std::string::npos;
    if (each.kind == ScheduleKind::MultiStep) {
      each.milestones = {8, 20};
      each.factor = 0.2;
    }
  }
  return all;
}

TEST(Schedule, AgreesWithTimm) {
  std::ifstream file(ARCHC_SOURCE_DIR "/test/runtime/train/fixtures/schedules.csv");
  std::map<std::string, ScheduleOptions> known = cases();
  std::map<std::string, int> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string name, epoch, update, rate;
    std::getline(std::getline(std::getline(std::getline(fields, name, ','), epoch, ','), update, ','), rate);
    ASSERT_TRUE(known.count(name)) << name;
    double got = learningRate(known[name], {std::stoll(epoch), std::stoll(update), kUpdatesPerEpoch});
    EXPECT_NEAR(got, std::stod(rate), 1e-12) << line;
    ++rows[name];
  }
  EXPECT_EQ(rows.size(), known.size());
}

} // namespace
