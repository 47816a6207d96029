//===- Schedules.cpp - Kinds of schedules and losses ----------------------===//

#include "frontend/recipe/Kinds.h"

namespace archc::recipe {

using namespace spec;

using Rows = std::vector<KeyRow>;

static RowBuilder epochsRow(const char *name, const char *help, double value) {
  return number(name, help).inRange(0, 100000).withUnit("epochs").withDefault(floatValue(value));
}

/// What every schedule takes, behind the keys `own` of its kind.
static Rows withWarmup(Rows own) {
  own.push_back(epochsRow("warmup_epochs", "The rate rises linearly for so long.", 0).withExample("5"));
  own.push_back(number("warmup_rate", "The rate at the start of the warm-up.")
                    .inRange(0, 1000)
                    .withDefault(floatValue(1e-6))
                    .withExample("1e-6"));
  own.push_back(boolean("warmup_prefix", "Whether the warm-up comes before `epochs`; otherwise it stands for the first of them.")
                    .withDefault(boolValue(false))
                    .withExample("true"));
  own.push_back(integer("cooldown_epochs", "Epochs behind `epochs`, at the last rate.")
                    .inRange(0, 100000)
                    .withUnit("epochs")
                    .withDefault(intValue(0))
                    .withExample("10"));
  own.push_back(word("per", "Whether the rate changes with each epoch or with each update.")
                    .oneOf({"epoch", "step"})
                    .withDefault(stringValue("epoch"))
                    .withExample("\"step\""));
  return own;
}

static RowBuilder factorRow() {
  return number("factor", "What the rate is multiplied by.").inRange(0, 1).withDefault(floatValue(0.1)).withExample("0.2");
}

static RowBuilder milestonesRow() {
  return numbers("milestones", "The epochs, in ascending order, at which the rate is multiplied by `factor`.")
      .inRange(0, 100000)
      .withUnit("epochs")
      .withExample("[60, 120, 160]");
}

static const bool schedules[] = {
    registerRecipeKind(
        Slot::Schedule, "cosine", "Half a cosine from the rate down to `min_rate`.", "arXiv:1608.03983",
        withWarmup({number("min_rate", "The rate at the end.").inRange(0, 1000).withDefault(floatValue(0)).withExample("1e-5")})),
    registerRecipeKind(
        Slot::Schedule, "step", "The rate is multiplied by `factor` after each `every` epochs.", "",
        withWarmup(
            {epochsRow("every", "The distance between two changes.", 30).inRange(0.01, 100000).withExample("30"), factorRow()})),
    registerRecipeKind(Slot::Schedule, "multi_step", "The rate is multiplied by `factor` at each milestone.", "",
                       withWarmup({milestonesRow(), factorRow()})),
    registerRecipeKind(Slot::Schedule, "constant", "The rate stays.", "", withWarmup({}))};

static RowBuilder smoothingRow() {
  return number("smoothing", "The share of each target that is spread over all classes evenly.")
      .inRange(0, 0.99)
      .withDefault(floatValue(0))
      .withExample("0.1");
}

static const bool losses[] = {
    registerRecipeKind(Slot::Loss, "cross_entropy", "Of the softmax over the classes.", "", {smoothingRow()}),
    registerRecipeKind(Slot::Loss, "bce", "The binary cross entropy of each class, averaged over the classes.",
                       "arXiv:2110.00476", {smoothingRow()})};

} // namespace archc::recipe
