// The numbers below were printed by tools/dev/archc_random.py: both sides must make the same bits.

#include "runtime/reference/RandomTensor.h"
#include "runtime/core/CounterRandom.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace archrt;
using namespace archrt::reference;

namespace {

TEST(RandomTensorTest, HashesNames) {
  EXPECT_EQ(hashOfName(""), 0xCBF29CE484222325u);
  EXPECT_EQ(hashOfName("stem.conv.weight"), 0xE244E2A6A97CF0BAu);
}

TEST(RandomTensorTest, EqualsThePythonTwin) {
  struct Expected {
    uint64_t seed;
    const char *name;
    Shape shape;
    std::vector<float> first; // as integers, in units of 2^-20
  };
  const std::vector<Expected> table = {
      {0u, "stem.conv.weight", {8, 3, 7, 7}, {-45099, 49577, -17424, 29958}},
      {7u, "stages.2.blocks.1.norm1.weight", {5}, {600388, 408791, 346582, 826475}},
      {7u, "stages.2.blocks.1.norm1.bias", {5}, {304228, 341124, 31689, 160317}},
      {7u, "stages.2.blocks.1.mlp.act.bias", {1}, {-234040}},
      {7u, "stages.2.blocks.1.mlp.act.scale", {1}, {810206}},
      {9u, "stages.3.blocks.0.token_mixer.proj.weight", {32, 96}, {-1921, -1444, 614, -5313}},
      {9u, "stages.3.blocks.0.token_mixer.qkv.weight", {96, 32}, {981828, -845351, -990339, -977354}},
      {18446744073709551615u, "stages.3.blocks.0.token_mixer.random_matrix", {9, 9}, {-206447, -90011, 410274, -487795}},
      {2u, "stages.3.pos_embed", {1, 4, 2, 2}, {-1404312, -1401917, -1598338, -1219801}},
      {2u, "stages.0.blocks.0.norm1.running_mean", {4}, {-119246, -178835, -212739, -40539}},
      {2u, "stages.0.blocks.0.norm1.running_var", {4}, {567229, 604949, 611552, 606358}},
      {4u, "head.fc.fc2.bias", {3}, {261555, -15391, -9320}},
      {4u, "stages.0.blocks.0.layer_scale1.scale", {3}, {410734, 607695, 484677}},
  };
  for (const Expected &expected : table) {
    std::vector<float> values = randomParameter(expected.seed, expected.name, expected.shape);
    for (size_t i = 0; i < expected.first.size(); ++i)
      EXPECT_EQ(values[i] * 0x1p20f, expected.first[i]) << expected.name << " element " << i;
  }
}

TEST(RandomTensorTest, ImagesEqualThePythonTwinInChannelsLastOrder) {
  std::vector<float> images = randomImages(3, 1, {2, 2, 3, 2});
  const std::vector<float> expected = {1665711,  -393813,  1363153,  780633, -1700657, 1251077, 281895,  -1919941,
                                       84324,    -1883395, 1772436,  644913, -44123,   1303567, -723158, 604474,
                                       -1270309, 596531,   -1389036, 627571, 640832,   1612372, 1030028, 146145};
  ASSERT_EQ(images.size(), expected.size());
  for (size_t i = 0; i < images.size(); ++i)
    EXPECT_EQ(images[i] * 0x1p20f, expected[i]) << i;
}

TEST(RandomTensorTest, AnImageIsTheSameInEveryBatch) {
  std::vector<float> three = randomImages(5, 0, {3, 4, 5, 3}), last = randomImages(5, 2, {1, 4, 5, 3});
  EXPECT_TRUE(std::equal(last.begin(), last.end(), three.begin() + 2 * 60));
}

TEST(RandomTensorTest, ValuesStayInsideTheRule) {
  std::vector<float> values = randomParameter(1, "stages.0.blocks.0.mlp.fc1.weight", {256, 64, 1, 1});
  double square = 0, bound = std::sqrt(3.0 / 64);
  for (float value : values) {
    ASSERT_LE(std::abs(value), bound);
    square += double(value) * value;
  }
  EXPECT_NEAR(square / double(values.size()), 1.0 / 64, 0.02 / 64);
  for (float bias : randomParameter(1, "stages.0.blocks.0.mlp.act.bias", {1000}))
    EXPECT_LE(bias, -0.125f);
}

} // namespace
