//===- Optimizers.cpp - Kinds of optimizers, of clipping, of sharpness ----===//

#include "frontend/recipe/Kinds.h"

namespace archc::recipe {

using namespace spec;

using Rows = std::vector<KeyRow>;

static RowBuilder epsilonRow(double value) {
  return number("eps", "Added to the root of the second moment.")
      .inRange(0, 1)
      .withDefault(floatValue(value))
      .withExample("1e-8");
}

static RowBuilder betasRow(double first, double second) {
  return numbers("betas", "What is kept at each update of the first and of the second moment.")
      .inRange(0, 0.9999999)
      .ofLength(2)
      .withDefault(numbersValue({first, second}))
      .withExample("[0.9, 0.95]");
}

static RowBuilder decayRow(double value) {
  return number("weight_decay", "Pulls weights towards 0; biases and vectors (norms, scales) are left alone, as timm does.")
      .inRange(0, 10)
      .withDefault(floatValue(value))
      .withExample("0.05");
}

/// What every optimizer takes, around the keys `own` of its kind.
static Rows withShared(double rate, Rows own) {
  Rows rows = {number("rate", "The learning rate that the schedule starts from.")
                   .inRange(0, 1000)
                   .withDefault(floatValue(rate))
                   .withExample("1e-3"),
               integer("rate_per", "When given, all learning rates of the recipe are meant for a batch of so many images and are "
                                   "scaled by `batch` / `rate_per`.")
                   .inRange(1, 1 << 24)
                   .withUnit("images")
                   .withoutDefault()
                   .withExample("1024")};
  rows.insert(rows.end(), own.begin(), own.end());
  rows.push_back(number("layer_decay", "The rate of a layer is this times that of the layer behind it; 1: all have the same.")
                     .inRange(0.01, 1)
                     .withDefault(floatValue(1))
                     .withExample("0.75"));
  rows.push_back(nested("clip", Slot::Clip, "How gradients are limited before they are used.")
                     .withDefault(componentValue("none"))
                     .withExample("{ kind = \"norm\", limit = 5.0 }"));
  rows.push_back(nested("sharpness", Slot::Sharpness, "Whether gradients are taken at the worst point nearby.")
                     .withDefault(componentValue("none"))
                     .withExample("{ kind = \"sam\", rho = 0.05 }"));
  rows.push_back(words("freeze", "Parameters whose names match one of these patterns (`*`, `?`) are not trained.")
                     .withDefault(wordsValue({}))
                     .withExample("[\"stem.*\", \"stages.0.*\"]"));
  return rows;
}

static bool registerOptimizer(const char *name, const char *help, const char *source, Rows keys) {
  return registerRecipeKind(Slot::Optimizer, name, help, source, std::move(keys));
}

static Rows sgdRows() {
  return {number("momentum", "What is kept at each update of the sum of gradients.")
              .inRange(0, 0.9999999)
              .withDefault(floatValue(0.9))
              .withExample("0.9"),
          boolean("nesterov", "Whether the step looks ahead by the momentum.").withDefault(boolValue(false)).withExample("true"),
          decayRow(0)};
}

static Rows lambRows() {
  return {betasRow(0.9, 0.999), epsilonRow(1e-6), decayRow(0.05),
          number("max_norm", "The limit of all gradients' common norm; 0: none.")
              .inRange(0, 1e6)
              .withDefault(floatValue(1))
              .withExample("1.0")};
}

static const bool optimizers[] = {
    registerOptimizer("adamw", "Adam with decoupled weight decay.", "arXiv:1711.05101",
                      withShared(1e-3, {betasRow(0.9, 0.999), epsilonRow(1e-8), decayRow(0.05)})),
    registerOptimizer("lamb", "Adam whose step is scaled to the norm of each weight.", "arXiv:1904.00962",
                      withShared(8e-3, lambRows())),
    registerOptimizer("sgd", "Stochastic gradient descent with momentum.", "", withShared(0.1, sgdRows())),
    registerOptimizer("lion", "The sign of a momentum.", "arXiv:2302.06675",
                      withShared(1e-4, {betasRow(0.9, 0.99), decayRow(0.5)}))};

static RowBuilder limitRow(const char *help, double value, const char *example) {
  return number("limit", help).inRange(1e-9, 1e9).withDefault(floatValue(value)).withExample(example);
}

static const bool clips[] = {
    registerRecipeKind(Slot::Clip, "none", "Gradients stay as they are.", ""),
    registerRecipeKind(Slot::Clip, "norm", "All gradients are scaled so that their common norm is at most `limit`.", "",
                       {limitRow("The largest norm.", 1, "5.0")}),
    registerRecipeKind(Slot::Clip, "value", "Each value is cut to the range from -`limit` to `limit`.", "",
                       {limitRow("The largest absolute value.", 1, "0.5")}),
    registerRecipeKind(Slot::Clip, "agc", "The gradient of each unit is scaled to at most `limit` times the unit's norm.",
                       "arXiv:2102.06171", {limitRow("The largest ratio of the norms.", 0.01, "0.02")})};

static const bool sharpness[] = {
    registerRecipeKind(Slot::Sharpness, "none", "Gradients are those at the weights.", ""),
    registerRecipeKind(
        Slot::Sharpness, "sam", "Gradients are those a step of length `rho` uphill; costs a second pass.", "arXiv:2010.01412",
        {number("rho", "The length of the step.").inRange(0, 10).withDefault(floatValue(0.05)).withExample("0.1")}),
    registerRecipeKind(
        Slot::Sharpness, "asam", "As `sam`, the step measured relative to the weights.", "arXiv:2102.11600",
        {number("rho", "The length of the step.").inRange(0, 10).withDefault(floatValue(0.5)).withExample("1.0")})};

} // namespace archc::recipe
