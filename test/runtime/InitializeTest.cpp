#include "runtime/weights/Initialize.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

using namespace archrt;

namespace {

std::vector<float> made(const Initializer &initializer, const std::vector<int64_t> &shape, uint64_t seed = 1,
                        const std::string &name = "stem.conv.weight") {
  auto values = initialize(seed, name, shape, initializer);
  EXPECT_TRUE(values.ok()) << values.status().message();
  return values.ok() ? *values : std::vector<float>();
}

struct Moments {
  double mean = 0, deviation = 0;
};

Moments momentsOf(const std::vector<float> &values) {
  Moments moments;
  for (float value : values)
    moments.mean += value / double(values.size());
  for (float value : values)
    moments.deviation += (value - moments.mean) * (value - moments.mean) / double(values.size());
  moments.deviation = std::sqrt(moments.deviation);
  return moments;
}

TEST(InitializeTest, Constants) {
  EXPECT_EQ(made({"zeros"}, {2}), (std::vector<float>{0, 0}));
  EXPECT_EQ(made({"ones"}, {1, 2}), (std::vector<float>{1, 1}));
  EXPECT_EQ(made({"constant", 1e-5}, {2}), (std::vector<float>{1e-5f, 1e-5f}));
  EXPECT_EQ(made({"constant", 3}, {}), (std::vector<float>{3})) << "a scalar";
}

TEST(InitializeTest, TruncNormalIsNormal) {
  std::vector<float> values = made({"trunc_normal", 0, 0.02}, {500, 400});
  Moments moments = momentsOf(values);
  EXPECT_NEAR(moments.mean, 0, 2e-4);
  EXPECT_NEAR(moments.deviation, 0.02, 2e-4);
  // The share of values within each distance must be that of the normal distribution: Kolmogorov's distance.
  std::sort(values.begin(), values.end());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i)
    distance =
        std::max(distance, std::abs(double(i) / double(values.size()) - std::erfc(-values[i] / 0.02 / std::sqrt(2.0)) / 2));
  EXPECT_LT(distance, 1.6 / std::sqrt(double(values.size())));
  EXPECT_GT(values.back(), 4 * 0.02f) << "the tails exist";
}

TEST(InitializeTest, TruncNormalIsCutAtTwo) {
  std::vector<float> values = made({"trunc_normal", 0, 1.5}, {10000});
  EXPECT_EQ(*std::max_element(values.begin(), values.end()), 2.0f);
  EXPECT_EQ(*std::min_element(values.begin(), values.end()), -2.0f);
}

TEST(InitializeTest, UniformFillsItsRange) {
  std::vector<float> values = made({"uniform", -1, 3}, {20000});
  Moments moments = momentsOf(values);
  EXPECT_NEAR(moments.mean, 1, 0.03);
  EXPECT_NEAR(moments.deviation, 4 / std::sqrt(12.0), 0.03);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -1.0f);
  EXPECT_LE(*std::max_element(values.begin(), values.end()), 3.0f);
}

TEST(InitializeTest, KaimingUniformIsBoundedByFanIn) {
  std::vector<float> values = made({"kaiming_uniform", std::sqrt(5.0)}, {64, 3, 7, 7});
  float bound = 1 / std::sqrt(147.0f);
  EXPECT_LE(*std::max_element(values.begin(), values.end()), bound);
  EXPECT_GT(*std::max_element(values.begin(), values.end()), 0.99f * bound);
}

TEST(InitializeTest, SoftmaxUniformRowsSumToOne) {
  std::vector<float> values = made({"softmax_uniform", 0, 1}, {49, 49});
  for (int row = 0; row < 49; ++row) {
    EXPECT_NEAR(std::accumulate(values.begin() + row * 49, values.begin() + (row + 1) * 49, 0.0), 1, 1e-6);
    auto range = std::minmax_element(values.begin() + row * 49, values.begin() + (row + 1) * 49);
    EXPECT_LE(*range.second / *range.first, std::exp(1.0f)) << "softmax of numbers at most 1 apart";
  }
}

TEST(InitializeTest, DependsOnSeedAndNameOnly) {
  Initializer normal{"trunc_normal", 0, 0.02};
  EXPECT_EQ(made(normal, {8}, 1), made(normal, {8}, 1));
  EXPECT_NE(made(normal, {8}, 1), made(normal, {8}, 2));
  EXPECT_NE(made(normal, {8}, 1), made(normal, {8}, 1, "stem.conv.bias"));
  std::vector<float> longer = made(normal, {16}, 1);
  longer.resize(8);
  EXPECT_EQ(longer, made(normal, {8}, 1));
}

TEST(InitializeTest, BitsStayTheSame) {
  // What a seed means must never change: printed once, checked since.
  std::vector<float> values = made({"trunc_normal", 0, 0.02}, {4}, 42);
  EXPECT_EQ(values,
            (std::vector<float>{-0x1.3450ca0000000p-8f, 0x1.408cd20000000p-7f, 0x1.ffbb540000000p-9f, -0x1.c17dd40000000p-7f}));
}

TEST(InitializeTest, RejectsWhatItDoesNotKnow) {
  EXPECT_EQ(initialize(1, "w", {2}, {"glorot"}).status().message(), "parameter `w` has unknown initialiser `glorot`");
  EXPECT_EQ(initialize(1, "w", {2, -1}, {"zeros"}).status().message(), "parameter `w` has an impossible shape");
  EXPECT_EQ(initialize(1, "w", {int64_t(1) << 40, int64_t(1) << 40}, {"zeros"}).status().message(),
            "parameter `w` has an impossible shape");
}

} // namespace
