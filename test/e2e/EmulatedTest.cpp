// GPU kernels on the emulator against the originals: a small network of each family, compiled for a GPU, run as a plan of kernels with
// every check on. The error may be that of ExactnessTest; and an image's logits must have the same bits alone, in a batch, and in
// whatever order blocks and warps run.

#include "runtime/api/Session.h"
#include "runtime/reference/RandomTensor.h"
#include "test/e2e/Fixture.h"
#include "tools/driver/CompilerLibrary.h"
#include "tools/driver/Verification.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace archrt;
using namespace archrt::test;

namespace {

constexpr int64_t kImages = 2;

class EmulatedTest : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    fixture = readFixture(std::string(ARCHC_SOURCE_DIR "/test/e2e/fixtures/") + GetParam() + ".json");
    archc::driver::SpecSource source;
    source.spec = ARCHC_SOURCE_DIR "/" + fixture.spec;
    source.targets = "cuda:sm_80";
    source.emulationCode = true;
    std::string bytes, errors;
    ASSERT_EQ(archc::driver::compileToArtifact(source, bytes, errors), 0) << errors;
    auto opened = Artifact::fromBytes(ByteView(bytes));
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    artifact = *opened;
    parameters = archc::driver::randomParams(artifact->model(), fixture.seed).take();
    const std::vector<int64_t> &input = fixture.inputNchw;
    images = reference::randomImages(fixture.seed, 0, {kImages, input[1], input[2], input[0]});
  }

  /// The logits of the images in batches, blocks and warps in an order drawn from `seed`.
  std::vector<float> logitsOf(int64_t batch, uint64_t seed) {
    ModelOptions options;
    options.device = "emu";
    options.emulatorSeed = seed;
    std::vector<float> logits(static_cast<size_t>(kImages * fixture.classes));
    auto model = Model::load(Runtime::create(1).take(), artifact, options);
    EXPECT_TRUE(model.ok()) << model.status().message();
    Status status = model.ok() ? (*model)->setWeights(parameters) : model.status();
    EXPECT_TRUE(status.ok()) << status.message();
    if (!status.ok())
      return logits;
    auto session = Session::create(*model).take();
    for (int64_t first = 0; first < kImages; first += batch) {
      const float *data = images.data() + first * (*model)->inputElements();
      Status ran = session->run({data, InputKind::F32, Layout::NHWC, batch}, logits.data() + first * fixture.classes);
      EXPECT_TRUE(ran.ok()) << ran.message();
    }
    return logits;
  }

  Fixture fixture;
  std::shared_ptr<const Artifact> artifact;
  std::shared_ptr<ParamStore> parameters;
  std::vector<float> images;
};

TEST_P(EmulatedTest, EqualsTheOriginalInAnyBatchAndOrder) {
  std::vector<float> together = logitsOf(kImages, /*seed=*/0);
  for (size_t i = 0; i < together.size(); ++i)
    ASSERT_LE(std::abs(double(together[i]) - fixture.logits[i]), fixture.tolerance()) << "logit " << i;
  EXPECT_EQ(together, logitsOf(1, /*seed=*/2024)) << "other bits alone and in another order";
}

INSTANTIATE_TEST_SUITE_P(Families, EmulatedTest,
                         testing::Values("caformer_odd1", "caformer_sail_odd1", "convformer_odd1", "identityformer_odd1",
                                         "metaformer_odd1", "poolformer_odd1", "poolformerv2_odd1", "randformer_odd1"),
                         [](const auto &info) { return info.param; });

} // namespace
