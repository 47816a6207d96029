//===- CheckRecipe.cpp - Values that are right alone and wrong together ---===//

#include "frontend/recipe/Fill.h"
#include "frontend/schema/Schema.h"

#include <algorithm>

namespace archc::recipe {

using namespace spec;

namespace {

class Checker {
public:
  Checker(const Tables &tables, DiagnosticEngine &diagnostics) : tables(tables), diagnostics(diagnostics) {}

  void data();
  void schedule();
  void augment();
  void regularize();

private:
  const Component &table(const char *path) const { return tableOf(tables, path); }
  Diagnostic &conflict(const Component &owner, const char *key, const std::string &message) {
    return diagnostics.error(Code::ConflictingKeys, owner.find(key)->source, message);
  }
  void ascending(const Component &owner, const char *key);

  const Tables &tables;
  DiagnosticEngine &diagnostics;
};

void Checker::data() {
  const Component &data = table("data");
  int64_t batch = data.getInt("batch"), parts = data.getInt("accumulate");
  if (batch % parts)
    diagnostics.error(Code::DoesNotDivide, data.find("accumulate")->source,
                      "`accumulate` is " + std::to_string(parts) + "; expected a divisor of `batch` = " + std::to_string(batch));
}

void Checker::schedule() {
  const Component &schedule = table("schedule"), &optimizer = table("optimizer");
  double warmup = schedule.getFloat("warmup_epochs"), epochs = static_cast<double>(table("run").getInt("epochs"));
  if (!schedule.getBool("warmup_prefix") && warmup > 0 && warmup >= epochs)
    conflict(schedule, "warmup_epochs",
             "`warmup_epochs` is " + tomlNumber(warmup) +
                 "; expected less than `epochs` = " + std::to_string(table("run").getInt("epochs")))
        .withHint("with `warmup_prefix` the warm-up comes before them");
  double rate = optimizer.getFloat("rate");
  if (const Value *least = schedule.find("min_rate"); least && std::get<double>(least->data) > rate)
    conflict(schedule, "min_rate",
             "`min_rate` is " + tomlNumber(std::get<double>(least->data)) + "; expected at most `rate` = " + tomlNumber(rate));
  if (schedule.find("milestones"))
    ascending(schedule, "milestones");
}

void Checker::ascending(const Component &owner, const char *key) {
  const auto &values = std::get<std::vector<double>>(owner.find(key)->data);
  auto descent = std::adjacent_find(values.begin(), values.end(), [](double a, double b) { return a > b; });
  if (descent != values.end())
    conflict(owner, key,
             "`" + std::string(key) + "` has " + tomlNumber(*descent) + " before " + tomlNumber(*(descent + 1)) +
                 "; expected ascending values");
}

void Checker::augment() {
  const Component &augment = table("augment");
  const Component &crop = augment.getComponent("crop"), &erase = augment.getComponent("erase");
  if (crop.kind == "random_resized") {
    ascending(crop, "scale");
    ascending(crop, "ratio");
  }
  if (erase.kind != "none")
    ascending(erase, "area");
}

void Checker::regularize() {
  const Component &regularize = table("regularize");
  bool mixes = regularize.getFloat("mixup") > 0 || regularize.getFloat("cutmix") > 0;
  int64_t part = table("data").getInt("batch") / table("data").getInt("accumulate");
  if (mixes && part < 2)
    conflict(regularize, regularize.getFloat("mixup") > 0 ? "mixup" : "cutmix",
             "`mixup` and `cutmix` mix the images of a part of a batch, which has one; expected at least two");
}

} // namespace

void checkTables(const Tables &tables, DiagnosticEngine &diagnostics) {
  Checker checker(tables, diagnostics);
  checker.data();
  checker.schedule();
  checker.augment();
  checker.regularize();
}

} // namespace archc::recipe
