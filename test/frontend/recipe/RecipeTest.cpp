//===- RecipeTest.cpp - Recipes become the structs that training reads ----===//

#include "frontend/recipe/LoadRecipe.h"

#include <gtest/gtest.h>

#include <sstream>

using namespace archc;

namespace {

recipe::Recipe load(const std::string &text, std::vector<std::string> sets = {}) {
  spec::LoadOptions options;
  options.spec = ARCHC_SOURCE_DIR "/archs/recipes/text.toml";
  options.text = "[run]\nedition = 1\n" + text;
  options.sets = std::move(sets);
  spec::DiagnosticEngine diagnostics;
  recipe::Recipe result;
  bool ok = recipe::loadRecipe(options, result, diagnostics);
  std::stringstream said;
  diagnostics.print(said);
  EXPECT_TRUE(ok) << said.str();
  return result;
}

TEST(Recipe, DefaultsOfTheStructsAreThoseOfTheLanguage) {
  recipe::Recipe read = load("");
  recipe::Recipe plain;
  EXPECT_EQ(read.run.epochs, plain.run.epochs);
  EXPECT_EQ(read.run.seed, plain.run.seed);
  EXPECT_EQ(read.run.keep, plain.run.keep);
  EXPECT_EQ(read.data.batch, plain.data.batch);
  EXPECT_EQ(read.data.evalBatch, 128);
  EXPECT_EQ(read.optimizer.kind, plain.optimizer.kind);
  EXPECT_EQ(read.optimizer.rate, plain.optimizer.rate);
  EXPECT_EQ(read.optimizer.weightDecay, plain.optimizer.weightDecay);
  EXPECT_EQ(read.schedule.warmupRate, plain.schedule.warmupRate);
  EXPECT_EQ(read.augment.crop, recipe::CropKind::None);
  EXPECT_EQ(read.augment.eraseAreaMax, plain.augment.eraseAreaMax);
  EXPECT_EQ(read.regularize.mixSwitch, plain.regularize.mixSwitch);
  EXPECT_EQ(read.loss.smoothing, 0);
  EXPECT_EQ(read.ema.decay, 0);
}

TEST(Recipe, EveryKindArrives) {
  recipe::Recipe read = load(R"(
[data]
batch = 64
accumulate = 4
corrupt = "skip"
[optimizer]
kind = "lion"
betas = [0.95, 0.98]
clip = { kind = "agc", limit = 0.02 }
sharpness = { kind = "asam", rho = 1.0 }
freeze = ["stem.*"]
[schedule]
kind = "multi_step"
milestones = [60, 120]
factor = 0.2
per = "step"
[augment]
crop = { kind = "pad", padding = 2 }
policy = { kind = "rand_augment", magnitude = 7, increasing = false }
erase = { kind = "rand", area = [0.1, 0.2] }
[loss]
kind = "bce"
smoothing = 0.1
)");
  EXPECT_EQ(read.data.microBatch(), 16);
  EXPECT_TRUE(read.data.skipCorrupt);
  EXPECT_EQ(read.optimizer.kind, recipe::OptimizerKind::Lion);
  EXPECT_EQ(read.optimizer.beta2, 0.98);
  EXPECT_EQ(read.optimizer.clip, recipe::ClipKind::Agc);
  EXPECT_EQ(read.optimizer.clipLimit, 0.02);
  EXPECT_EQ(read.optimizer.sharpness, recipe::SharpnessKind::Asam);
  EXPECT_EQ(read.optimizer.rho, 1.0);
  EXPECT_EQ(read.optimizer.freeze, std::vector<std::string>{"stem.*"});
  EXPECT_EQ(read.schedule.kind, recipe::ScheduleKind::MultiStep);
  EXPECT_EQ(read.schedule.milestones, (std::vector<double>{60, 120}));
  EXPECT_TRUE(read.schedule.perStep);
  EXPECT_EQ(read.augment.padding, 2);
  EXPECT_TRUE(read.augment.randAugment);
  EXPECT_EQ(read.augment.magnitude, 7);
  EXPECT_FALSE(read.augment.increasing);
  EXPECT_EQ(read.augment.erase, recipe::EraseKind::Rand);
  EXPECT_EQ(read.augment.eraseAreaMin, 0.1);
  EXPECT_EQ(read.loss.kind, recipe::LossKind::BinaryCrossEntropy);
}

TEST(Recipe, RatesAreScaledToTheBatchAndTheWarmupAddsEpochs) {
  recipe::Recipe read = load("[optimizer]\nrate = 1e-3\nrate_per = 1024\n[schedule]\nmin_rate = 1e-5\nwarmup_epochs = 5\n"
                             "warmup_prefix = true\ncooldown_epochs = 10\n",
                             {"data.batch=256", "run.epochs=30"});
  EXPECT_DOUBLE_EQ(read.optimizer.rate, 2.5e-4);
  EXPECT_DOUBLE_EQ(read.schedule.minRate, 2.5e-6);
  EXPECT_DOUBLE_EQ(read.schedule.warmupRate, 2.5e-7);
  EXPECT_EQ(read.totalEpochs(), 45);
}

TEST(Recipe, ItsPlainFormMeansTheSame) {
  recipe::Recipe read = load("extends = \"cifar100\"\n[optimizer]\nrate_per = 96\n[augment]\nerase = \"pixel\"\n");
  std::string plain = recipe::expandedRecipe(read);
  spec::LoadOptions options;
  options.spec = "plain.toml";
  options.text = plain;
  spec::DiagnosticEngine diagnostics;
  recipe::Recipe again;
  ASSERT_TRUE(recipe::loadRecipe(options, again, diagnostics));
  EXPECT_EQ(recipe::expandedRecipe(again), plain);
  EXPECT_EQ(again.optimizer.rate, 1.25e-4);
  EXPECT_EQ(again.augment.erase, recipe::EraseKind::Pixel);
}

TEST(Recipe, IsToldFromASpecByItsTables) {
  auto looksLikeOne = [](const std::string &text) {
    spec::LoadOptions options;
    options.spec = "x.toml";
    options.text = text;
    return recipe::isRecipe(options);
  };
  EXPECT_TRUE(looksLikeOne("[run]\nedition = 1\n"));
  EXPECT_TRUE(looksLikeOne("[optimizer]\nrate = 1\n"));
  EXPECT_FALSE(looksLikeOne("[arch]\nedition = 1\n[run]\n"));
  EXPECT_FALSE(looksLikeOne("[head]\n"));
  EXPECT_FALSE(looksLikeOne("[run\n"));
}

} // namespace
