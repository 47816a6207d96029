//===- GradientsTest.cpp - Compiled training steps against the reference --===//
//
// Small odd configurations of each family, all parameters randomised: for every parameter of at least 64 elements, the distance of its
// gradient from the one that the reference interpreter computes in f64 may be twice what the interpreter is off in f32. Smaller
// parameters are pooled by the last word of their name, since the errors of few numbers say little. The step has the same bits on any
// number of threads.
//
//===----------------------------------------------------------------------===//

#include "runtime/device/cpu/HostIsa.h"
#include "runtime/reference/RandomTensor.h"
#include "runtime/train/GradientStep.h"
#include "tools/driver/CompilerLibrary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

namespace archrt {

namespace {

constexpr int64_t kImages = 5;
constexpr uint64_t kSeed = 11;
constexpr int64_t kSmall = 64;
/// Below this part of the largest gradient of the model (root mean squares), a gradient in f64 is zero in exact arithmetic.
constexpr double kZero = 1e-10;
/// What such a gradient may be off, relative to the largest.
constexpr double kZeroBudget = 1e-6;

struct Step {
  std::vector<float> losses, logits;
  AlignedBuffer gradients;
};

/// Errors and lengths of vectors, squared.
struct Distance {
  double error = 0, yardstick = 0, length = 0;
  int64_t size = 0;
};

class GradientsTest : public testing::TestWithParam<std::tuple<const char *, const char *>> {
protected:
  void SetUp() override {
    auto level = isaLevelOf(target()), host = hostIsaLevel();
    if (!host || *host < *level)
      GTEST_SKIP() << "ISA: needs " << isaName(*level);
    const std::string &bytes = compiled();
    ASSERT_FALSE(bytes.empty());
    auto opened = Artifact::fromBytes(ByteView(bytes));
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    artifact = *opened;
    layout = train::ParamLayout::of(artifact->model());
    fill();
  }

  std::string spec() const { return std::get<0>(GetParam()); }
  std::string target() const { return std::get<1>(GetParam()); }

  /// The artifact, compiled once for all tests of the program.
  const std::string &compiled() {
    static std::map<std::pair<std::string, std::string>, std::string> artifacts;
    std::string &bytes = artifacts[{spec(), target()}];
    if (bytes.empty()) {
      std::string errors, path = ARCHC_SOURCE_DIR "/test/e2e/specs/" + spec() + ".toml";
      auto status = archc::driver::compileToArtifact({path, {}, target(), /*train=*/true}, bytes, errors);
      EXPECT_EQ(status, archc::driver::ExitOk) << errors;
    }
    return bytes;
  }

  /// What the interpreter computes, in f64 and f32; the targets of a spec follow one another and share it.
  void runReference() {
    if (referenceSpec == spec())
      return;
    referenceSpec.clear();
    ASSERT_NO_FATAL_FAILURE(run("reference", 1, truth));
    ASSERT_NO_FATAL_FAILURE(run("reference-f32", 1, yardstick));
    referenceSpec = spec();
  }

  void fill() {
    const abi::Model &model = artifact->model();
    auto store = ParamStore::allocate(model).take();
    for (uint32_t i = 0; i < sizeOf(model.params()); ++i) {
      const abi::Param &param = *model.params()->Get(i);
      if (param.dtype() != abi::DType::F32)
        continue;
      reference::Shape shape(param.shape()->begin(), param.shape()->end());
      std::vector<float> values = reference::randomParameter(kSeed, param.name()->str(), shape);
      std::memcpy(store->mutableData(i), values.data(), values.size() * sizeof(float));
    }
    params = store;
    const abi::InputInfo &input = *model.input();
    images = reference::randomImages(kSeed, 0, {kImages, input.height(), input.width(), input.channels()});
    classes = artifact->forward().values()->Get(artifact->forward().outputs()->Get(0))->shape()->Get(1)->constant();
    targets.assign(kImages * classes, 0.1f / static_cast<float>(classes)); // smoothed
    for (int64_t image = 0; image < kImages; ++image)
      targets[image * classes + image % classes] += 0.9f;
  }

  void run(const std::string &device, int threads, Step &out) {
    auto pool = ThreadPool::create(threads);
    auto step = train::createGradientStep(artifact, **pool, device, "");
    ASSERT_TRUE(step.ok()) << step.status().message();
    out.losses.assign(kImages, NAN);
    out.logits.assign(kImages * classes, NAN);
    out.gradients = AlignedBuffer::allocate(layout.total * sizeof(float)).take();
    std::fill_n(out.gradients.as<float>(), layout.total, NAN);
    Status status = (*step)->reserve(kImages);
    ASSERT_TRUE(status.ok()) << status.message();
    status = (*step)->setParameters(params);
    ASSERT_TRUE(status.ok()) << status.message();
    status = (*step)->run({images.data(), targets.data(), nullptr, kImages},
                          {out.gradients.as<float>(), out.losses.data(), out.logits.data()});
    ASSERT_TRUE(status.ok()) << status.message();
  }

  std::string nameOf(const train::ParamLayout::Entry &entry) const {
    return artifact->model().params()->Get(entry.param)->name()->str();
  }

  /// By name, or by the last word of the name for small parameters.
  std::map<std::string, Distance> distances(const Step &step) const {
    std::map<std::string, Distance> all;
    for (const auto &entry : layout.entries) {
      std::string name = nameOf(entry);
      Distance &distance = all[entry.size < kSmall ? "small *" + name.substr(name.rfind('.')) : name];
      distance.size += entry.size;
      for (int64_t i = entry.offset; i < entry.offset + entry.size; ++i) {
        double wanted = truth.gradients.as<float>()[i];
        distance.error += std::pow(step.gradients.as<float>()[i] - wanted, 2);
        distance.yardstick += std::pow(yardstick.gradients.as<float>()[i] - wanted, 2);
        distance.length += wanted * wanted;
      }
    }
    return all;
  }

  static std::string referenceSpec;
  static Step truth, yardstick;
  std::shared_ptr<const Artifact> artifact;
  std::shared_ptr<const ParamStore> params;
  train::ParamLayout layout;
  std::vector<float> images, targets;
  int64_t classes = 0;
};

std::string GradientsTest::referenceSpec;
Step GradientsTest::truth, GradientsTest::yardstick;

TEST_P(GradientsTest, KeepTheBudget) {
  Step step;
  ASSERT_NO_FATAL_FAILURE(runReference());
  ASSERT_NO_FATAL_FAILURE(run("cpu", 1, step));
  auto all = distances(step);
  double largest = 0;
  for (const auto &[name, distance] : all)
    largest = std::max(largest, std::sqrt(distance.length / static_cast<double>(distance.size)));
  for (const auto &[name, distance] : all) {
    const double scale = largest * std::sqrt(static_cast<double>(distance.size));
    const bool isZero = std::sqrt(distance.length) <= kZero * scale;
    EXPECT_LE(std::sqrt(distance.error), isZero ? kZeroBudget * scale : 2 * std::sqrt(distance.yardstick))
        << name << ": relative " << std::sqrt(distance.error / distance.length) << ", f32 is off by "
        << std::sqrt(distance.yardstick / distance.length);
  }
  for (int64_t image = 0; image < kImages; ++image)
    EXPECT_NEAR(step.losses[image], truth.losses[image],
                2 * std::abs(yardstick.losses[image] - truth.losses[image]) + 1e-5 * std::abs(truth.losses[image]));
}

TEST_P(GradientsTest, HaveTheSameBitsOnAnyNumberOfThreads) {
  Step one;
  ASSERT_NO_FATAL_FAILURE(run("cpu", 1, one));
  for (int threads : {2, 3}) {
    Step other;
    ASSERT_NO_FATAL_FAILURE(run("cpu", threads, other));
    EXPECT_EQ(std::memcmp(other.losses.data(), one.losses.data(), one.losses.size() * sizeof(float)), 0);
    for (const auto &entry : layout.entries)
      EXPECT_EQ(std::memcmp(other.gradients.as<float>() + entry.offset, one.gradients.as<float>() + entry.offset,
                            entry.size * sizeof(float)),
                0)
          << nameOf(entry) << " on " << threads << " threads";
  }
}

constexpr const char *kSpecs[] = {"caformer_odd1",     "caformer_odd2",       "caformer_odd3",   "convformer_odd1",
                                  "convformer_odd2",   "identityformer_odd1", "metaformer_odd1", "poolformer_odd1",
                                  "poolformerv2_odd1", "randformer_odd1"};
constexpr const char *kTargets[] = {"cpu:x86-64-v3", "cpu:x86-64-v4"};

INSTANTIATE_TEST_SUITE_P(Families, GradientsTest, testing::Combine(testing::ValuesIn(kSpecs), testing::ValuesIn(kTargets)),
                         [](const auto &info) {
                           std::string target = std::get<1>(info.param);
                           return std::string(std::get<0>(info.param)) + "_" + target.substr(target.rfind('-') + 1);
                         });

} // namespace

} // namespace archrt
