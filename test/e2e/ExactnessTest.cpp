// The compiled kernels against the originals: for every fixture the spec is compiled, every parameter randomised, and eight images run
// in batches of 1, 3 and 7, on 1, 2 and 3 threads. The largest error may be twice that of the original in float32, plus one ulp of
// the largest logit; and an image's logits must have the same bits in every batch and with every number of threads.

#include "runtime/api/Session.h"
#include "runtime/reference/RandomTensor.h"
#include "test/e2e/Fixture.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>

using namespace archrt;
using namespace archrt::test;

namespace {

std::vector<std::string> fixtureNames() {
  std::vector<std::string> names;
  for (const auto &entry : std::filesystem::directory_iterator(ARCHC_SOURCE_DIR "/test/e2e/fixtures"))
    if (entry.path().extension() == ".json")
      names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Compiles the fixture's spec for this host; the artifact's path, or "" after a failure.
std::string compiled(const Fixture &fixture) {
  std::filesystem::create_directories(ARCHC_BINARY_DIR "/e2e");
  std::string artifact = ARCHC_BINARY_DIR "/e2e/" + fixture.name + ".archx";
  std::string command = ARCHC_BINARY_DIR "/bin/archc compile " ARCHC_SOURCE_DIR "/" + fixture.spec + " -o " + artifact;
  int status = std::system(command.c_str());
  EXPECT_EQ(status, 0) << command;
  return status == 0 ? artifact : "";
}

/// Every floating-point parameter of the model, randomised.
std::shared_ptr<ParamStore> randomParameters(const archrt::abi::Model &model, uint64_t seed) {
  auto store = ParamStore::allocate(model);
  if (!store.ok() || !model.params())
    return nullptr;
  for (size_t i = 0; i < (*store)->size(); ++i) {
    const archrt::abi::Param &param = *model.params()->Get(i);
    if (param.dtype() != archrt::abi::DType::F32)
      continue;
    reference::Shape shape;
    if (param.shape())
      shape.assign(param.shape()->begin(), param.shape()->end());
    std::vector<float> values = reference::randomParameter(seed, param.name()->str(), shape);
    std::memcpy((*store)->mutableData(i), values.data(), values.size() * sizeof(float));
  }
  return *store;
}

class ExactnessTest : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    fixture = readFixture(std::string(ARCHC_SOURCE_DIR "/test/e2e/fixtures/") + GetParam() + ".json");
    std::string path = compiled(fixture);
    ASSERT_FALSE(path.empty());
    auto opened = Artifact::open(path);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    artifact = *opened;
    parameters = randomParameters(artifact->model(), fixture.seed);
    ASSERT_NE(parameters, nullptr);
    const std::vector<int64_t> &input = fixture.inputNchw;
    images = reference::randomImages(fixture.seed, 0, {fixture.images, input[1], input[2], input[0]});
  }

  std::shared_ptr<Model> modelOn(int threads) {
    auto runtime = Runtime::create(threads);
    EXPECT_TRUE(runtime.ok()) << runtime.status().message();
    auto model = Model::load(*runtime, artifact, {});
    EXPECT_TRUE(model.ok()) << model.status().message();
    Status status = (*model)->setWeights(parameters);
    EXPECT_TRUE(status.ok()) << status.message();
    return *model;
  }

  /// The logits of all images, run in batches.
  std::vector<float> logitsOf(const std::shared_ptr<Model> &model, int64_t batch) {
    std::vector<float> logits(static_cast<size_t>(fixture.images * fixture.classes));
    auto session = Session::create(model);
    EXPECT_TRUE(session.ok()) << session.status().message();
    int64_t elements = model->inputElements();
    for (int64_t first = 0; first < fixture.images; first += batch) {
      RunInput input;
      input.data = images.data() + first * elements;
      input.batch = std::min(batch, fixture.images - first);
      Status status = (*session)->run(input, logits.data() + first * fixture.classes);
      EXPECT_TRUE(status.ok()) << status.message();
    }
    return logits;
  }

  double largestError(const std::vector<float> &logits) const {
    double largest = 0;
    for (size_t i = 0; i < logits.size(); ++i) {
      double error = std::abs(double(logits[i]) - fixture.logits[i]);
      largest = error > largest || std::isnan(error) ? error : largest;
    }
    return largest;
  }

  Fixture fixture;
  std::shared_ptr<const Artifact> artifact;
  std::shared_ptr<ParamStore> parameters;
  std::vector<float> images;
};

TEST_P(ExactnessTest, EqualsTheOriginalWithEveryBatchAndThreads) {
  std::vector<float> first;
  for (int threads : {1, 2, 3}) {
    std::shared_ptr<Model> model = modelOn(threads);
    ASSERT_EQ(model->outputWidth(), fixture.classes);
    for (int64_t batch : fixture.batches) {
      std::vector<float> logits = logitsOf(model, batch);
      if (first.empty()) {
        first = logits;
        EXPECT_LE(largestError(logits), fixture.tolerance()) << "the original in float32 is off by " << fixture.float32Error;
      }
      EXPECT_EQ(std::memcmp(logits.data(), first.data(), logits.size() * sizeof(float)), 0)
          << "other bits in batches of " << batch << " on " << threads << " threads";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, ExactnessTest, testing::ValuesIn(fixtureNames()), [](const auto &info) { return info.param; });

} // namespace
