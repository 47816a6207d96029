#include "runtime/train/DropPath.h"
#include "runtime/train/HeadDropout.h"
#include "test/runtime/train/FakeTraining.h"

#include <gtest/gtest.h>

using namespace archrt;
using namespace archrt::train;

namespace {

constexpr double kRates[] = {0.001, 0.01, 0.02, 0.015, 0.01, 0.002};
constexpr int kSteps = 6;

/// The numbers that tools/dev/make_train_fixtures.py wrote, in a model of the same shapes.
class Fixture {
public:
  explicit Fixture(int threads = 1)
      : model({{"stages.0.blocks.0.a", {5, 7}},
               {"stages.0.blocks.0.b", {7}},
               {"stages.0.blocks.1.conv", {4, 3, 3, 3}},
               {"head.fc.weight", {6, 4}},
               {"head.fc.bias", {6}}}),
        layout(ParamLayout::of(model.table())), pool(test::makePool(threads)),
        file(SafetensorsFile::open(ARCHC_SOURCE_DIR "/test/runtime/train/fixtures/optimizers.safetensors").take()),
        paramMemory(static_cast<size_t>(layout.total)), gradientMemory(paramMemory), averageMemory(paramMemory),
        params(pointersInto(paramMemory.data(), layout)), gradients(pointersInto(gradientMemory.data(), layout)),
        average(pointersInto(averageMemory.data(), layout)) {
    load("weights", params);
  }

  void load(const std::string &name, const TensorPointers &into) {
    for (size_t i = 0; i < into.size(); ++i)
      for (int64_t k = 0; k < layout.entries[i].size; ++k)
        into[i][k] = static_cast<float>(value(name, i, k));
  }

  double value(const std::string &name, size_t tensor, int64_t k) const {
    const SafeTensor *found = file.find(name + "/" + std::to_string(tensor));
    EXPECT_TRUE(found && found->dtype == "F64") << name;
    double number = 0;
    std::memcpy(&number, found->bytes.data + size_t(k) * sizeof(double), sizeof(double));
    return number;
  }

  void expectNear(const std::string &name, const TensorPointers &got, double tolerance) const {
    for (size_t i = 0; i < got.size(); ++i)
      for (int64_t k = 0; k < layout.entries[i].size; ++k) {
        double wanted = value(name, i, k);
        ASSERT_NEAR(got[i][k], wanted, tolerance * (1 + std::abs(wanted))) << name << " tensor " << i << " element " << k;
      }
  }

  std::vector<TensorRule> rules(double decay) const {
    TensorRuleOptions options;
    options.decay = decay;
    return makeTensorRules(model.table(), layout, options).take();
  }

  void run(const OptimizerOptions &options, double decay) {
    auto optimizer = Optimizer::create(options, layout, rules(decay), *pool).take();
    TensorPieces pieces(layout);
    for (int step = 0; step < kSteps; ++step) {
      load("gradients" + std::to_string(step), gradients);
      optimizer->step({params, gradients, kRates[step], step + 1});
      updateAverage(pieces, *pool, average, params, averageDecay({0.9, false}, step + 1));
    }
  }

  test::FakeModel model;
  ParamLayout layout;
  std::unique_ptr<ThreadPool> pool;
  SafetensorsFile file;
  std::vector<float> paramMemory, gradientMemory, averageMemory;
  TensorPointers params, gradients, average;
};

struct Case {
  const char *name;
  OptimizerOptions options;
  double decay;
};

OptimizerOptions optionsOf(OptimizerKind kind, double beta2, double eps, bool nesterov) {
  OptimizerOptions options;
  options.kind = kind;
  options.beta2 = beta2;
  options.eps = eps;
  options.nesterov = nesterov;
  return options;
}

std::vector<Case> cases() {
  return {{"adamw", optionsOf(OptimizerKind::AdamW, 0.999, 1e-8, false), 0.05},
          {"lamb", optionsOf(OptimizerKind::Lamb, 0.999, 1e-6, false), 0.05},
          {"sgd", optionsOf(OptimizerKind::Sgd, 0.999, 1e-8, false), 0.01},
          {"nesterov", optionsOf(OptimizerKind::Sgd, 0.999, 1e-8, true), 0.01},
          {"lion", optionsOf(OptimizerKind::Lion, 0.99, 1e-8, false), 0.05}};
}

// Six updates with changing rates and one large gradient, against PyTorch and timm in float64.
TEST(Optimizer, AgreesWithTorchAndTimm) {
  for (const Case &each : cases()) {
    Fixture fixture;
    fixture.run(each.options, each.decay);
    fixture.expectNear(each.name, fixture.params, 5e-7);
    fixture.expectNear(std::string(each.name) + "_average", fixture.average, 5e-7);
  }
}

TEST(Optimizer, BitsDoNotDependOnThreads) {
  for (const Case &each : cases()) {
    Fixture one(1), three(3);
    one.run(each.options, each.decay);
    three.run(each.options, each.decay);
    EXPECT_EQ(one.paramMemory, three.paramMemory) << each.name;
  }
}

TEST(Optimizer, LargeTensorsAreCutIntoPieces) {
  test::FakeModel model({{"head.weight", {100, 1000}}});
  ParamLayout layout = ParamLayout::of(model.table());
  CounterRandom random(3, "gradients");
  std::vector<float> results[2];
  for (int threads : {1, 4}) {
    auto pool = test::makePool(threads);
    std::vector<float> params(100000, 1.0f), gradients(100000);
    for (size_t i = 0; i < gradients.size(); ++i)
      gradients[i] = float(random.uniform(i) - 0.5);
    TensorRule rule;
    rule.decay = 0.1;
    auto optimizer = Optimizer::create(optionsOf(OptimizerKind::Lamb, 0.999, 1e-6, false), layout, {rule}, *pool).take();
    optimizer->step({pointersInto(params.data(), layout), pointersInto(gradients.data(), layout), 0.01, 1});
    EXPECT_NE(params[99999], 1.0f);
    results[threads > 1] = params;
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(Gradients, ClipsAsTorchAndTimm) {
  struct {
    const char *name;
    ClipOptions options;
  } kinds[] = {{"clip_norm", {ClipKind::Norm, 0.5}}, {"clip_value", {ClipKind::Value, 0.1}}, {"clip_agc", {ClipKind::Agc, 0.05}}};
  for (const auto &each : kinds) {
    Fixture fixture;
    std::vector<TensorRule> rules = fixture.rules(0);
    Gradients passes(fixture.layout, rules, *fixture.pool);
    fixture.load("gradients3", fixture.gradients);
    std::vector<double> norms = passes.scale(fixture.gradients, 1);
    passes.clip(each.options, fixture.params, fixture.gradients, norms);
    fixture.expectNear(each.name, fixture.gradients, 2e-7);
  }
}

TEST(Gradients, SmallNormsAreNotClipped) {
  Fixture fixture;
  std::vector<TensorRule> rules = fixture.rules(0);
  Gradients passes(fixture.layout, rules, *fixture.pool);
  fixture.load("gradients0", fixture.gradients);
  std::vector<float> before = fixture.gradientMemory;
  passes.clip({ClipKind::Norm, 1e6}, fixture.params, fixture.gradients, passes.scale(fixture.gradients, 1));
  EXPECT_EQ(before, fixture.gradientMemory);
}

// rho * g / |g| and rho * w^2 g / | |w| g |, in float64.
TEST(Gradients, AscendsAlongTheGradient) {
  for (SharpnessKind kind : {SharpnessKind::Sam, SharpnessKind::Asam}) {
    Fixture fixture;
    std::vector<TensorRule> rules = fixture.rules(0);
    rules[1].frozen = true;
    Gradients passes(fixture.layout, rules, *fixture.pool);
    fixture.load("gradients1", fixture.gradients);
    double sum = 0;
    auto term = [&](size_t i, int64_t k) {
      double w = fixture.value("weights", i, k), g = fixture.value("gradients1", i, k);
      return rules[i].frozen ? 0.0 : kind == SharpnessKind::Sam ? g : w * g;
    };
    for (size_t i = 0; i < rules.size(); ++i)
      for (int64_t k = 0; k < fixture.layout.entries[i].size; ++k)
        sum += term(i, k) * term(i, k);
    passes.ascend(kind, 0.05, fixture.params, fixture.gradients, fixture.average);
    for (size_t i = 0; i < rules.size(); ++i)
      for (int64_t k = 0; k < fixture.layout.entries[i].size; ++k) {
        double w = fixture.value("weights", i, k), scale = kind == SharpnessKind::Sam ? 1 : w;
        ASSERT_NEAR(fixture.average[i][k], w + 0.05 * scale * term(i, k) / std::sqrt(sum), 3e-7) << i << " " << k;
      }
  }
}

TEST(TensorRules, DecayFreezeAndLayers) {
  Fixture fixture;
  TensorRuleOptions options;
  options.decay = 0.1;
  options.layerDecay = 0.5;
  options.freeze = {"stages.0.blocks.0.*"};
  std::vector<TensorRule> rules = makeTensorRules(fixture.model.table(), fixture.layout, options).take();
  EXPECT_EQ(layersOf(fixture.model.table(), fixture.layout), (std::vector<int>{0, 0, 1, 2, 2}));
  EXPECT_EQ(rules[0].decay, 0.1);
  EXPECT_EQ(rules[1].decay, 0);
  EXPECT_TRUE(rules[0].frozen && rules[1].frozen && !rules[2].frozen);
  EXPECT_EQ(rules[0].rateScale, 0.25);
  EXPECT_EQ(rules[4].rateScale, 1);
  EXPECT_EQ(rules[2].units, 4);
  EXPECT_EQ(rules[4].units, 1);
  options.freeze = {"stages.9.*"};
  EXPECT_EQ(makeTensorRules(fixture.model.table(), fixture.layout, options).status().message(),
            "`stages.9.*` freezes nothing; expected a pattern that matches a trainable parameter, like `stages.0.*`");
  options.freeze = {"*"};
  EXPECT_EQ(makeTensorRules(fixture.model.table(), fixture.layout, options).status().message(),
            "nothing is left to train: 5 parameters, all of them frozen");
}

TEST(TensorRules, FrozenTensorsStayAsTheyAre) {
  for (const Case &each : cases()) {
    Fixture fixture;
    std::vector<TensorRule> rules = fixture.rules(0.1);
    rules[2].frozen = true;
    auto optimizer = Optimizer::create(each.options, fixture.layout, rules, *fixture.pool).take();
    fixture.load("gradients2", fixture.gradients);
    std::vector<float> before = fixture.paramMemory;
    optimizer->step({fixture.params, fixture.gradients, 0.1, 1});
    for (size_t i = 0; i < rules.size(); ++i)
      EXPECT_EQ(fixture.params[i][0] == before[static_cast<size_t>(fixture.layout.entries[i].offset)], i == 2) << each.name << i;
  }
}

TEST(WeightAverage, FirstUpdateCopies) {
  EXPECT_EQ(averageDecay({0.999, false}, 1), 0);
  EXPECT_EQ(averageDecay({0.999, false}, 2), 0.999);
  EXPECT_EQ(averageDecay({0.999, true}, 2), 0.25);
  EXPECT_EQ(averageDecay({0.999, true}, 100000), 0.999);
}

// A site's share of dropped images is its rate, the others are scaled up; the cut into micro-batches changes nothing.
TEST(DropPath, FactorsAreDrawnFromCounters) {
  std::vector<double> rates = {0, 0.25};
  std::vector<float> whole(2 * 4000), half(2 * 2000);
  drawDropPath(rates, {5, 17, 0}, 4000, whole.data());
  drawDropPath(rates, {5, 17, 2000}, 2000, half.data());
  EXPECT_TRUE(std::equal(half.begin(), half.end(), whole.begin() + 4000));
  int64_t dropped = 0;
  for (size_t i = 0; i < 4000; ++i) {
    EXPECT_EQ(whole[2 * i], 1.0f);
    EXPECT_TRUE(whole[2 * i + 1] == 0.0f || whole[2 * i + 1] == 1 / 0.75f);
    dropped += whole[2 * i + 1] == 0.0f;
  }
  EXPECT_NEAR(double(dropped), 1000, 4 * std::sqrt(4000 * 0.25 * 0.75));
  std::vector<float> next(2 * 4000);
  drawDropPath(rates, {5, 18, 0}, 4000, next.data());
  EXPECT_NE(whole, next);
}

TEST(HeadDropout, FactorsAreDrawnFromCounters) {
  const HeadDropout dropout{0.4, 20};
  std::vector<float> whole(20 * 400), half(20 * 200);
  drawHeadDropout(dropout, {5, 17, 0}, 400, whole.data());
  drawHeadDropout(dropout, {5, 17, 200}, 200, half.data());
  EXPECT_TRUE(std::equal(half.begin(), half.end(), whole.begin() + 4000));
  auto dropped = std::count(whole.begin(), whole.end(), 0.0f);
  EXPECT_EQ(dropped + std::count(whole.begin(), whole.end(), float(1 / 0.6)), 8000);
  EXPECT_NEAR(double(dropped), 3200, 4 * std::sqrt(8000 * 0.4 * 0.6));
}

} // namespace
