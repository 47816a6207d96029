//===- AugmentTest.cpp - Augmentation against timm, torchvision and Pillow ===//
//
// The fixtures come from tools/dev/make_augment_fixtures.py: parameters are fixed, so pixels must agree to 1/255, and to 0.1/255 in the
// mean. What is drawn is held to its distribution.
//
//===----------------------------------------------------------------------===//

#include "runtime/data/augment/Augment.h"
#include "runtime/data/augment/Colors.h"
#include "runtime/data/augment/Mix.h"
#include "runtime/weights/Npy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <numeric>

using namespace archrt;
using namespace archrt::data;

namespace {

std::string fixture(const std::string &name) { return ARCHC_SOURCE_DIR "/test/runtime/data/fixtures/" + name; }

NpyArray load(const std::string &name) {
  auto array = readNpy(fixture(name));
  EXPECT_TRUE(array.ok()) << array.status().message();
  return array.take();
}

/// Image `index` of an array [N, H, W, 3], or the only one of [H, W, 3].
Image imageOf(const NpyArray &array, size_t index = 0) {
  size_t rank = array.shape.size();
  Image image(array.shape[rank - 3], array.shape[rank - 2], array.shape[rank - 1]);
  std::memcpy(image.pixels.data(), array.bytes.data + index * image.pixels.size(), image.pixels.size());
  return image;
}

std::vector<float> floatsOf(const NpyArray &array) {
  std::vector<float> values(static_cast<size_t>(array.elementCount()));
  std::memcpy(values.data(), array.bytes.data, values.size() * sizeof(float));
  return values;
}

void expectNear(const Image &found, const Image &expected) {
  ASSERT_EQ(found.pixels.size(), expected.pixels.size());
  int most = 0;
  int64_t sum = 0;
  for (size_t i = 0; i < found.pixels.size(); ++i) {
    int apart = std::abs(int(found.pixels[i]) - int(expected.pixels[i]));
    most = std::max(most, apart);
    sum += apart;
  }
  EXPECT_LE(most, 1);
  EXPECT_LE(double(sum) / double(found.pixels.size()), 0.1);
}

Operation operationCalled(const std::string &name) {
  static const char *const names[] = {"AutoContrast", "Equalize",    "Invert", "Rotate",     "Posterize",
                                      "Solarize",     "SolarizeAdd", "Color",  "Contrast",   "Brightness",
                                      "Sharpness",    "ShearX",      "ShearY", "TranslateX", "TranslateY"};
  for (int64_t i = 0; i < kOperations; ++i)
    if (names[i] == name)
      return static_cast<Operation>(i);
  ADD_FAILURE() << name;
  return Operation::Invert;
}

TEST(Augment, EveryOperationIsTimms) {
  NpyArray expected = load("operations.npy");
  Image input = imageOf(load("input.npy"));
  std::ifstream cases(fixture("operations.txt"));
  std::string name, interpolation;
  Strength strength;
  size_t index = 0;
  std::map<std::string, int> seen;
  while (cases >> name >> strength.level >> strength.negative >> strength.increasing >> interpolation) {
    SCOPED_TRACE(name + " " + std::to_string(strength.level) + (strength.negative ? " -" : " +") + interpolation +
                 (strength.increasing ? " increasing" : ""));
    Sampling sampling{interpolation == "bicubic" ? Interpolation::Bicubic : Interpolation::Bilinear, {124, 116, 104}};
    expectNear(applyOperation(operationCalled(name), input, strength, sampling), imageOf(expected, index++));
    ++seen[name];
  }
  EXPECT_EQ(static_cast<int64_t>(index), expected.shape[0]);
  EXPECT_EQ(static_cast<int64_t>(seen.size()), kOperations);
}

TEST(Augment, HueIsTorchvisions) {
  NpyArray expected = load("hues.npy");
  Image input = imageOf(load("input.npy"));
  std::ifstream shifts(fixture("hues.txt"));
  size_t index = 0;
  for (double shift; shifts >> shift; ++index) {
    SCOPED_TRACE(shift);
    expectNear(adjustHue(input, shift), imageOf(expected, index));
  }
  EXPECT_EQ(static_cast<int64_t>(index), expected.shape[0]);
}

TEST(Augment, ResizedCropsArePillows) {
  NpyArray expected = load("crops.npy");
  Image input = imageOf(load("input.npy"));
  std::ifstream cases(fixture("crops.txt"));
  Box box;
  std::string interpolation;
  size_t index = 0;
  for (; cases >> box.top >> box.left >> box.height >> box.width >> interpolation; ++index) {
    SCOPED_TRACE(index);
    auto found = resize(cropped(input, box), {16, 18, interpolation});
    ASSERT_TRUE(found.ok());
    expectNear(*found, imageOf(expected, index));
  }
  EXPECT_EQ(static_cast<int64_t>(index), expected.shape[0]);
}

TEST(Augment, MixesAreTimms) {
  std::vector<float> input = floatsOf(load("mix_input.npy")), images = floatsOf(load("mixes.npy")),
                     targets = floatsOf(load("mix_targets.npy"));
  Extents extents{6, 7, 3};
  std::ifstream cases(fixture("mixes.txt"));
  double share = 0;
  int64_t cuts = 0, y = 0, x = 0;
  size_t index = 0;
  for (; cases >> share >> cuts >> y >> x; ++index) {
    SCOPED_TRACE(index);
    Mixing mixing{static_cast<float>(share), {}};
    if (cuts)
      mixing = cutAt(share, y, x, extents);
    std::vector<float> mixed = input, soft(4 * 5);
    mixImages(mixing, mixed.data(), 4, extents);
    makeTargets(mixing, {2, 0, 4, 0}, {5, 0.1}, soft.data());
    for (size_t i = 0; i < mixed.size(); ++i)
      ASSERT_NEAR(mixed[i], images[index * mixed.size() + i], 1e-6) << i;
    for (size_t i = 0; i < soft.size(); ++i)
      ASSERT_NEAR(soft[i], targets[index * soft.size() + i], 1e-6) << i;
  }
  EXPECT_EQ(index, 5u);
}

// --- What is drawn -----------------------------------------------------------------

TEST(Augment, DrawsHaveTheirDistributions) {
  Draws draws(1, "test");
  constexpr int count = 20000;
  for (double alpha : {0.2, 0.8, 1.0, 3.0}) {
    double sum = 0, squares = 0;
    for (int i = 0; i < count; ++i) {
      double value = draws.beta(alpha);
      ASSERT_TRUE(value >= 0 && value <= 1);
      sum += value, squares += value * value;
    }
    double mean = sum / count;
    EXPECT_NEAR(mean, 0.5, 0.015) << alpha;
    EXPECT_NEAR(squares / count - mean * mean, 0.25 / (2 * alpha + 1), 0.01) << alpha;
  }
  double sum = 0, squares = 0;
  std::vector<int> counts(7);
  for (int i = 0; i < count; ++i) {
    double value = draws.normal();
    sum += value, squares += value * value;
    ++counts[size_t(draws.below(7))];
  }
  EXPECT_NEAR(sum / count, 0, 0.03);
  EXPECT_NEAR(squares / count, 1, 0.04);
  for (int found : counts)
    EXPECT_NEAR(found, count / 7.0, 250);
}

TEST(Augment, BoxesLieInsideAndKeepTheirRanges) {
  Image image(40, 60, 3);
  CropRange range;
  double least = 1, most = 0;
  for (int i = 0; i < 2000; ++i) {
    Draws draws(3, std::to_string(i));
    Box box = drawBox(image, range, draws);
    ASSERT_TRUE(box.top >= 0 && box.left >= 0 && box.height > 0 && box.width > 0);
    ASSERT_TRUE(box.top + box.height <= 40 && box.left + box.width <= 60);
    double area = double(box.height * box.width) / (40 * 60), ratio = double(box.width) / double(box.height);
    least = std::min(least, area), most = std::max(most, area);
    EXPECT_GT(ratio, 0.6);
    EXPECT_LT(ratio, 1.7);
  }
  EXPECT_LT(least, 0.12);
  EXPECT_GT(most, 0.8);
  // A strip has no box of such proportions: the largest in the middle.
  Image strip(4, 400, 1);
  CropRange whole{1, 1, 3.0 / 4, 4.0 / 3};
  Draws draws(3, "strip");
  Box box = drawBox(strip, whole, draws);
  EXPECT_EQ(box.height, 4);
  EXPECT_EQ(box.width, 5);
  EXPECT_EQ(box.left, 197);
}

TEST(Augment, ErasingLeavesTheRestAlone) {
  Extents extents{20, 30, 3};
  EraseOptions options;
  options.probability = 0.5;
  for (EraseMode mode : {EraseMode::Const, EraseMode::Rand, EraseMode::Pixel}) {
    options.mode = mode;
    int changedImages = 0;
    double area = 0;
    for (int i = 0; i < 400; ++i) {
      std::vector<float> image(size_t(extents.elements()), 9.0f);
      Draws draws(5, std::to_string(i));
      erase(image.data(), extents, options, draws);
      auto changed = double(image.size()) - double(std::count(image.begin(), image.end(), 9.0f));
      changedImages += changed > 0;
      area += changed / double(image.size());
    }
    EXPECT_NEAR(changedImages, 200, 45);
    EXPECT_NEAR(area / changedImages, (0.02 + 1.0 / 3) / 2, 0.03);
  }
}

TEST(Augment, OneStreamGivesOneImage) {
  Image input = imageOf(load("input.npy"));
  AugmentOptions options;
  options.crop = CropMode::RandomResized;
  options.interpolations = {Interpolation::Bilinear, Interpolation::Bicubic};
  options.flip = options.verticalFlip = 0.5;
  options.randAugment = RandAugmentOptions();
  options.jitter = {0.4, 0.4, 0.4, 0.1};
  auto once = [&](const std::string &stream) {
    Draws draws(7, stream);
    auto image = augment(input, {16, 16, 1.0, "bicubic"}, options, draws);
    EXPECT_TRUE(image.ok());
    EXPECT_EQ(image->height, 16);
    return image->pixels;
  };
  EXPECT_EQ(once("a"), once("a"));
  EXPECT_NE(once("a"), once("b"));
}

TEST(Augment, PaddedCropsMoveTheImage) {
  Image input(8, 8, 1);
  input.pixels.assign(64, 200);
  AugmentOptions options;
  options.crop = CropMode::Pad;
  options.padding = 2;
  bool moved = false;
  for (int i = 0; i < 20; ++i) {
    Draws draws(1, std::to_string(i));
    auto image = augment(input, {8, 8, 1.0, "bicubic"}, options, draws);
    ASSERT_TRUE(image.ok());
    auto black = std::count(image->pixels.begin(), image->pixels.end(), 0);
    EXPECT_LE(black, 64 - 36);
    moved |= black > 0;
  }
  EXPECT_TRUE(moved);
}

TEST(Augment, MixupAndCutmixTakeTurns) {
  MixOptions options{0.8, 1.0, 1.0, 0.5};
  Extents extents{32, 32, 3};
  int cuts = 0;
  for (int i = 0; i < 1000; ++i) {
    Draws draws(2, std::to_string(i));
    Mixing mixing = drawMixing(options, extents, draws);
    cuts += mixing.cut.height > 0;
    EXPECT_TRUE(mixing.share >= 0 && mixing.share <= 1);
  }
  EXPECT_NEAR(cuts, 500, 60);
  options.probability = 0.2;
  int none = 0;
  for (int i = 0; i < 1000; ++i) {
    Draws draws(2, std::to_string(i));
    none += drawMixing(options, extents, draws).share == 1;
  }
  EXPECT_NEAR(none, 800, 50);
}

} // namespace
