//===- LoaderTest.cpp - Batches do not depend on who reads them -----------===//

#include "runtime/data/Loader.h"
#include "runtime/data/EpochOrder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

using namespace archrt;
using namespace archrt::data;

namespace {

/// Grey images of 6 x 6 whose pixels all are the image's number; `bad` ones cannot be read.
class Numbered : public Dataset {
public:
  explicit Numbered(int64_t count, std::set<int64_t> bad = {}) : count(count), bad(std::move(bad)) {}
  int64_t size() const override { return count; }
  int64_t classes() const override { return 10; }
  int32_t label(int64_t index) const override { return int32_t(index % 10); }
  std::string nameOf(int64_t index) const override { return "number " + std::to_string(index); }
  Result<Image> read(int64_t index, int64_t channels) const override {
    if (bad.count(index))
      return invalid("the file ends early");
    Image image(6, 6, channels);
    std::fill(image.pixels.begin(), image.pixels.end(), uint8_t(index));
    return image;
  }

private:
  int64_t count;
  std::set<int64_t> bad;
};

LoaderOptions plainOptions() {
  LoaderOptions options;
  options.channels = 1;
  options.classes = 10;
  options.transform = {6, 6, 1.0, "bicubic"};
  options.mean = {0.0f};
  options.std = {1.0f};
  return options;
}

LoaderOptions trainingOptions() {
  LoaderOptions options = plainOptions();
  options.training = options.shuffle = true;
  options.seed = 11;
  options.augment.crop = CropMode::Pad;
  options.augment.padding = 2;
  options.augment.flip = 0.5;
  options.augment.randAugment = RandAugmentOptions();
  options.augment.erase.mode = EraseMode::Pixel;
  options.mix = {0.8, 1.0, 1.0, 0.5};
  options.smoothing = 0.1;
  return options;
}

/// All numbers of an epoch from a place on.
struct Epoch {
  std::vector<float> images, targets;
  std::vector<int32_t> labels;
  std::vector<int64_t> counts;
};

std::unique_ptr<Loader> make(const LoaderOptions &options, int64_t count = 53, std::set<int64_t> bad = {}) {
  auto loader = Loader::create(std::make_shared<Numbered>(count, std::move(bad)), options);
  EXPECT_TRUE(loader.ok()) << loader.status().message();
  return loader.take();
}

Epoch readEpoch(Loader &loader, const train::EpochStart &from) {
  Epoch epoch;
  EXPECT_TRUE(loader.start(from).ok());
  while (true) {
    auto batch = loader.next();
    EXPECT_TRUE(batch.ok()) << batch.status().message();
    if (!batch.ok() || !batch->count)
      return epoch;
    epoch.images.insert(epoch.images.end(), batch->images, batch->images + batch->count * 36);
    epoch.targets.insert(epoch.targets.end(), batch->targets, batch->targets + batch->count * 10);
    epoch.labels.insert(epoch.labels.end(), batch->labels, batch->labels + batch->count);
    epoch.counts.push_back(batch->count);
  }
}

TEST(Loader, EvaluationGivesEachImageInItsOrder) {
  auto loader = make(plainOptions());
  EXPECT_EQ(loader->size(), 53);
  Epoch epoch = readEpoch(*loader, {0, 0, 10});
  EXPECT_EQ(epoch.counts, (std::vector<int64_t>{10, 10, 10, 10, 10, 3}));
  for (int64_t i = 0; i < 53; ++i) {
    EXPECT_EQ(epoch.labels[size_t(i)], i % 10);
    EXPECT_EQ(epoch.images[size_t(i * 36)], float(i) / 255.0f);
    EXPECT_EQ(epoch.targets[size_t(i * 10 + i % 10)], 1.0f);
  }
  EXPECT_GE(loader->waitTimes().share(), 0);
  EXPECT_LE(loader->waitTimes().share(), 1);
}

TEST(Loader, BitsDoNotDependOnThreadsNorOnReadingAhead) {
  LoaderOptions options = trainingOptions();
  options.loaders = 0;
  Epoch expected = readEpoch(*make(options), {3, 0, 8});
  for (int loaders : {1, 2, 5})
    for (int64_t prefetch : {1, 4}) {
      options.loaders = loaders;
      options.prefetch = prefetch;
      auto loader = make(options);
      for (int repetition = 0; repetition < 3; ++repetition) {
        Epoch epoch = readEpoch(*loader, {3, 0, 8});
        EXPECT_EQ(epoch.images, expected.images);
        EXPECT_EQ(epoch.targets, expected.targets);
        EXPECT_EQ(epoch.labels, expected.labels);
      }
    }
  EXPECT_NE(readEpoch(*make(options), {4, 0, 8}).images, expected.images);
  options.seed = 12;
  EXPECT_NE(readEpoch(*make(options), {3, 0, 8}).images, expected.images);
}

TEST(Loader, GoesOnInTheMiddleOfAnEpoch) {
  LoaderOptions options = trainingOptions();
  options.loaders = 2;
  auto loader = make(options);
  Epoch whole = readEpoch(*loader, {1, 0, 8});
  ASSERT_TRUE(loader->start({1, 0, 8}).ok());
  ASSERT_TRUE(loader->next().ok()); // what was read ahead is dropped
  Epoch rest = readEpoch(*loader, {1, 24, 8});
  EXPECT_EQ(rest.images, std::vector<float>(whole.images.begin() + 24 * 36, whole.images.end()));
  EXPECT_EQ(rest.targets, std::vector<float>(whole.targets.begin() + 24 * 10, whole.targets.end()));
}

TEST(Loader, TargetsSumToOneAndMixingEnds) {
  LoaderOptions options = trainingOptions();
  options.mixOffEpoch = 5;
  auto loader = make(options);
  Epoch mixed = readEpoch(*loader, {4, 0, 8}), plain = readEpoch(*loader, {5, 0, 8});
  size_t soft = 0;
  for (size_t i = 0; i < 53; ++i) {
    EXPECT_NEAR(std::accumulate(&mixed.targets[i * 10], &mixed.targets[i * 10] + 10, 0.0), 1, 1e-6);
    soft += std::count(&mixed.targets[i * 10], &mixed.targets[i * 10] + 10, 0.01f) == 8;
    EXPECT_FLOAT_EQ(plain.targets[i * 10 + size_t(plain.labels[i])], 0.91f);
  }
  EXPECT_GT(soft, 20u);
}

TEST(Loader, CorruptImagesStopOrAreNamed) {
  LoaderOptions options = plainOptions();
  options.loaders = 2;
  auto stopping = make(options, 20, {7});
  ASSERT_TRUE(stopping->start({0, 0, 4}).ok());
  EXPECT_TRUE(stopping->next().ok());
  auto failed = stopping->next();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.status().message(), "`number 7`: the file ends early");

  options.skipCorrupt = true;
  auto skipping = make(options, 20, {7, 8, 19});
  Epoch epoch = readEpoch(*skipping, {0, 0, 4});
  EXPECT_EQ(epoch.labels[7], 9); // the next that can be read
  EXPECT_EQ(epoch.labels[8], 9);
  EXPECT_EQ(epoch.labels[19], 0); // behind the last comes the first
  std::vector<CorruptImage> corrupt = skipping->takeCorrupt();
  ASSERT_EQ(corrupt.size(), 3u);
  EXPECT_EQ(corrupt[0].reason, "the file ends early");
  EXPECT_TRUE(skipping->takeCorrupt().empty());

  auto hopeless = make(options, 3, {0, 1, 2});
  ASSERT_TRUE(hopeless->start({0, 0, 3}).ok());
  EXPECT_FALSE(hopeless->next().ok());
}

TEST(Loader, RefusesWhatDoesNotFit) {
  LoaderOptions options = plainOptions();
  options.classes = 9;
  auto loader = Loader::create(std::make_shared<Numbered>(5), options);
  ASSERT_FALSE(loader.ok());
  EXPECT_EQ(loader.status().message(), "the data has 10 classes and the model tells 9 apart");
}

TEST(EpochOrder, IsAPermutationThatRepeats) {
  OrderOptions options;
  options.images = 100;
  options.seed = 5;
  std::vector<int64_t> first = epochOrder(options, 0), second = epochOrder(options, 1);
  EXPECT_EQ(first, epochOrder(options, 0));
  EXPECT_NE(first, second);
  EXPECT_EQ(std::set<int64_t>(first.begin(), first.end()).size(), 100u);
  options.repeats = 3;
  std::vector<int64_t> repeated = epochOrder(options, 0);
  EXPECT_EQ(repeated.size(), 100u);
  for (size_t i = 0; i < 100; ++i)
    EXPECT_EQ(repeated[i], first[i / 3]);
}

TEST(EpochOrder, ALimitSpreadsEvenly) {
  OrderOptions options;
  options.images = 100;
  options.shuffle = false;
  options.limit = 4;
  EXPECT_EQ(epochOrder(options, 0), (std::vector<int64_t>{0, 25, 50, 75}));
  options.limit = 1000;
  EXPECT_EQ(placesOf(options), 100);
  LoaderOptions limited = plainOptions();
  limited.limit = 5;
  auto loader = make(limited, 50);
  EXPECT_EQ(loader->size(), 5);
  EXPECT_EQ(readEpoch(*loader, {0, 0, 5}).images[4 * 36], 40.0f / 255.0f);
}

TEST(Loader, RepetitionsAreAugmentedAnew) {
  LoaderOptions options = trainingOptions();
  options.mix = {};
  options.repeats = 3;
  Epoch epoch = readEpoch(*make(options), {0, 0, 9});
  int differing = 0;
  for (size_t i = 0; i + 2 < 53; i += 3) {
    EXPECT_EQ(epoch.labels[i], epoch.labels[i + 1]);
    differing += !std::equal(&epoch.images[i * 36], &epoch.images[i * 36] + 36, &epoch.images[(i + 1) * 36]);
  }
  EXPECT_GT(differing, 10);
}

} // namespace
