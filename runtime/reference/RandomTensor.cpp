#include "runtime/reference/RandomTensor.h"

#include "runtime/core/CounterRandom.h"

namespace archrt::reference {

static constexpr int64_t kOne = int64_t(1) << 20;
/// The largest root with root * root <= x.
static uint64_t integerSqrt(uint64_t x) {
  uint64_t root = 0;
  for (uint64_t bit = uint64_t(1) << 31; bit; bit >>= 1)
    if ((root + bit) * (root + bit) <= x)
      root += bit;
  return root;
}

static bool contains(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

/// Uniform numbers of variance gain1024 / 1024 / fan_in.
static RandomRule weightRule(const Shape &shape, uint64_t gain1024) {
  int64_t elements = elementCount(shape);
  uint64_t fanIn = elements > 0 ? static_cast<uint64_t>(elements / shape[0]) : 1;
  return {0, static_cast<int64_t>(integerSqrt(3 * gain1024 * (uint64_t(1) << 30) / fanIn))};
}

RandomRule ruleOfParameter(const std::string &name, const Shape &shape) {
  size_t dot = name.rfind('.');
  std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
  std::string path = dot == std::string::npos ? "" : name.substr(0, dot);
  std::string owner = path.substr(path.rfind('.') + 1);
  if (last == "running_mean")
    return {0, kOne / 4};
  if (last == "running_var")
    return {kOne, kOne / 2};
  if (contains(owner, "norm") && last == "weight")
    return {kOne * 5 / 8, kOne * 5 / 16};
  if (contains(owner, "norm") && last == "bias")
    return {kOne / 8, kOne / 4};
  if (contains(owner, "act") && last == "bias")
    return {-kOne * 3 / 16, kOne / 16};
  if (last == "bias")
    return {0, kOne / 4};
  if (last == "scale")
    return {kOne * 5 / 8, kOne / 4};
  if (owner == "qkv" && last == "weight")
    return weightRule(shape, 10 * 1024);
  if (owner == "proj" && last == "weight")
    return weightRule(shape, 1);
  if ((last == "weight" || last == "random_matrix") && shape.size() >= 2)
    return weightRule(shape, 1024);
  return {0, 2 * kOne};
}

static float valueAt(const CounterRandom &random, uint64_t index, RandomRule rule) {
  uint64_t bits = random.bits(index) >> 32;
  auto r = static_cast<int64_t>(bits * static_cast<uint64_t>(2 * rule.width + 1) >> 32) - rule.width;
  return static_cast<float>(rule.center + r) / static_cast<float>(kOne);
}

float randomValue(uint64_t seed, const std::string &name, uint64_t index, RandomRule rule) {
  return valueAt(CounterRandom(seed, name), index, rule);
}

std::vector<float> randomParameter(uint64_t seed, const std::string &name, const Shape &shape) {
  std::vector<float> values(static_cast<size_t>(elementCount(shape)));
  RandomRule rule = ruleOfParameter(name, shape);
  CounterRandom random(seed, name);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = valueAt(random, i, rule);
  return values;
}

std::vector<float> randomImages(uint64_t seed, int64_t firstImage, const Shape &shape) {
  std::vector<float> values(static_cast<size_t>(elementCount(shape)));
  int64_t positions = shape[1] * shape[2], channels = shape[3], image = positions * channels;
  CounterRandom random(seed, "input");
  for (int64_t i = 0; i < static_cast<int64_t>(values.size()); ++i) {
    int64_t position = i / channels % positions, channel = i % channels;
    int64_t index = (firstImage + i / image) * image + channel * positions + position;
    values[i] = valueAt(random, static_cast<uint64_t>(index), {0, 2 * kOne});
  }
  return values;
}

} // namespace archrt::reference
