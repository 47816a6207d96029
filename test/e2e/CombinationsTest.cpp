//===- CombinationsTest.cpp - Compiled combinations against the reference -===//
//
// Every spec of the covering array, and random ones, compiled for each CPU target, with every parameter randomised: the outputs may be
// off by twice what the reference interpreter is off in f32, plus one ulp of the largest; and an image's output has the same bits in
// every batch and on every number of threads.
//
// The yardstick is the reference in f32 on the same images. For a longer search:
//
//     ARCHC_RANDOM_SPECS=1000 ARCHC_RANDOM_SEED=5000 e2e-tests --gtest_filter='*Random*'
//
//===----------------------------------------------------------------------===//

#include "archrt/archrt.h"
#include "runtime/device/cpu/HostIsa.h"
#include "runtime/graph/Artifact.h"
#include "runtime/reference/Interpreter.h"
#include "runtime/reference/RandomTensor.h"
#include "runtime/weights/Safetensors.h"
#include "test/e2e/generate/SpecGenerator.h"
#include "tools/driver/CompilerLibrary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <tuple>

namespace archrt {

namespace {

template <auto release> struct Releaser {
  template <typename T> void operator()(T *handle) const { release(handle); }
};
using RuntimeHandle = std::unique_ptr<archrt_runtime, Releaser<archrt_runtime_release>>;
using ModelHandle = std::unique_ptr<archrt_model, Releaser<archrt_model_release>>;
using SessionHandle = std::unique_ptr<archrt_session, Releaser<archrt_session_release>>;

constexpr int64_t kImages = 24; // enough for the largest errors of two computations to be comparable
constexpr uint64_t kSeed = 11;

int64_t environmentNumber(const char *name, int64_t otherwise) {
  const char *text = std::getenv(name);
  return text ? std::atoll(text) : otherwise;
}

/// A safetensors file with every tensor of the model's state dict.
std::string randomWeights(const abi::Model &model) {
  std::vector<std::vector<float>> values;
  std::vector<SafeTensor> tensors;
  static const int64_t zero = 0;
  for (const abi::Param *param : *model.params()) {
    reference::Shape shape;
    if (param->shape())
      shape.assign(param->shape()->begin(), param->shape()->end());
    std::string name = param->name()->str();
    if (param->dtype() == abi::DType::I64) {
      tensors.push_back({name, "I64", shape, {&zero, sizeof(zero)}});
      continue;
    }
    values.push_back(reference::randomParameter(kSeed, name, shape));
    tensors.push_back({name, "F32", shape, {values.back().data(), values.back().size() * sizeof(float)}});
  }
  Result<std::string> file = serializeSafetensors(tensors);
  EXPECT_TRUE(file.ok()) << file.status().message();
  return file.ok() ? *file : "";
}

/// The outputs of the unsimplified graph, computed in T.
template <typename T> std::vector<T> referenceOutputs(const Artifact &artifact, const std::vector<float> &images) {
  auto interpreter = reference::Interpreter<T>::create(artifact.forward());
  EXPECT_TRUE(interpreter.ok()) << interpreter.status().message();
  if (!interpreter.ok())
    return {};
  for (const abi::Param *param : *artifact.model().params()) {
    if (param->dtype() != abi::DType::F32)
      continue;
    reference::Shape shape;
    if (param->shape())
      shape.assign(param->shape()->begin(), param->shape()->end());
    std::string name = param->name()->str();
    Status status = interpreter->bindParameter(name, shape, reference::randomParameter(kSeed, name, shape).data());
    EXPECT_TRUE(status.ok()) << status.message();
  }
  auto outputs = interpreter->run(images.data(), kImages);
  EXPECT_TRUE(outputs.ok()) << outputs.status().message();
  return outputs.ok() ? outputs->data : std::vector<T>();
}

archrt_runtime *runtimeOf(int threads) {
  static std::map<int, RuntimeHandle> runtimes;
  RuntimeHandle &handle = runtimes[threads];
  if (!handle) {
    archrt_runtime_options options{};
    options.struct_size = sizeof(options), options.threads = threads;
    archrt_runtime *made = nullptr;
    EXPECT_EQ(archrt_runtime_create(&options, &made), ARCHRT_OK) << archrt_last_error();
    handle.reset(made);
  }
  return handle.get();
}

/// What a spec's outputs should be; the tests of a spec's targets run one after the other and share it.
struct Expectation {
  std::string spec, weights;
  std::vector<float> images;
  std::vector<double> oracle;
  double yardstick = 0;
};

class CombinationsTest : public testing::TestWithParam<std::tuple<int64_t, const char *>> {
protected:
  void SetUp() override {
    auto level = isaLevelOf(target()), host = hostIsaLevel();
    if (!host || *host < *level)
      GTEST_SKIP() << "ISA: needs " << isaName(*level);
  }
  int64_t index() const { return std::get<0>(GetParam()); }
  std::string target() const { return std::get<1>(GetParam()); }

  void compile(const std::string &name, const std::string &spec);
  void computeReference(const std::string &spec);
  ModelHandle load(int threads);
  std::vector<float> outputsOf(archrt_model *model, int64_t batch);
  void check(const std::string &name, const std::string &spec);
  double largestError(const std::vector<float> &outputs) const;

  std::string bytes, specPath;
  std::shared_ptr<const Artifact> artifact;
  static Expectation expected;
};

Expectation CombinationsTest::expected;

void CombinationsTest::compile(const std::string &name, const std::string &spec) {
  std::filesystem::create_directories(ARCHC_BINARY_DIR "/e2e/combinations");
  specPath = ARCHC_BINARY_DIR "/e2e/combinations/" + name + ".toml";
  std::ofstream(specPath) << spec;
  std::string errors;
  bool compiled = archc::driver::compileToArtifact({specPath, {}, target()}, bytes, errors) == archc::driver::ExitOk;
  ASSERT_TRUE(compiled) << specPath << '\n' << errors;
  auto opened = Artifact::fromBytes(ByteView(bytes));
  ASSERT_TRUE(opened.ok()) << opened.status().message();
  artifact = *opened;
}

void CombinationsTest::computeReference(const std::string &spec) {
  if (expected.spec == spec)
    return;
  const abi::InputInfo &input = *artifact->model().input();
  expected = {};
  expected.images = reference::randomImages(kSeed, 0, {kImages, input.height(), input.width(), input.channels()});
  expected.weights = randomWeights(artifact->model());
  expected.oracle = referenceOutputs<double>(*artifact, expected.images);
  ASSERT_FALSE(expected.oracle.empty());
  for (double value : expected.oracle)
    ASSERT_TRUE(std::isfinite(value) && std::abs(value) < 1e30) << "the generator made a model whose values overflow";
  expected.yardstick = largestError(referenceOutputs<float>(*artifact, expected.images));
  expected.spec = spec;
}

ModelHandle CombinationsTest::load(int threads) {
  archrt_model *made = nullptr;
  EXPECT_EQ(archrt_model_load_memory(runtimeOf(threads), bytes.data(), bytes.size(), nullptr, &made), ARCHRT_OK)
      << archrt_last_error();
  ModelHandle model(made);
  if (model) {
    EXPECT_EQ(archrt_model_set_weights_memory(made, expected.weights.data(), expected.weights.size(), nullptr), ARCHRT_OK)
        << archrt_last_error();
  }
  return model;
}

std::vector<float> CombinationsTest::outputsOf(archrt_model *model, int64_t batch) {
  archrt_session *made = nullptr;
  EXPECT_EQ(archrt_session_create(model, &made), ARCHRT_OK) << archrt_last_error();
  SessionHandle session(made);
  EXPECT_EQ(archrt_session_reserve(made, batch), ARCHRT_OK) << archrt_last_error();
  size_t perImage = expected.oracle.size() / kImages, inputPerImage = expected.images.size() / kImages;
  std::vector<float> outputs(expected.oracle.size(), std::nanf(""));
  for (int64_t first = 0; first < kImages; first += batch) {
    archrt_input input{};
    input.struct_size = sizeof(input), input.format = ARCHRT_INPUT_F32_NHWC, input.batch = batch;
    input.data = expected.images.data() + static_cast<size_t>(first) * inputPerImage;
    float *output = outputs.data() + static_cast<size_t>(first) * perImage;
    EXPECT_EQ(archrt_session_run(made, &input, output, static_cast<size_t>(batch) * perImage), ARCHRT_OK) << archrt_last_error();
  }
  return outputs;
}

/// NaN when an output is.
double CombinationsTest::largestError(const std::vector<float> &outputs) const {
  double largest = 0;
  for (size_t i = 0; i < outputs.size(); ++i) {
    double error = std::abs(static_cast<double>(outputs[i]) - expected.oracle[i]);
    largest = error > largest || std::isnan(error) ? error : largest;
  }
  return largest;
}

void CombinationsTest::check(const std::string &name, const std::string &spec) {
  ASSERT_NO_FATAL_FAILURE(compile(name, spec));
  ASSERT_NO_FATAL_FAILURE(computeReference(spec));
  float largest = 0;
  for (double value : expected.oracle)
    largest = std::max(largest, static_cast<float>(std::abs(value)));
  double allowed = 2 * expected.yardstick + (std::nextafter(largest, INFINITY) - largest);

  std::vector<float> first;
  for (int threads : {1, 2, 3, 8}) {
    ModelHandle model = load(threads);
    ASSERT_TRUE(model) << specPath;
    for (int64_t batch : {1, 3}) {
      std::vector<float> outputs = outputsOf(model.get(), batch);
      if (first.empty()) {
        first = outputs;
        EXPECT_LE(largestError(outputs), allowed) << specPath << ": the reference in f32 is off by " << expected.yardstick;
      }
      EXPECT_EQ(std::memcmp(outputs.data(), first.data(), outputs.size() * sizeof(float)), 0)
          << specPath << ": other bits in batches of " << batch << " on " << threads << " threads";
    }
  }
}

// --- The specs -----------------------------------------------------------------------------

constexpr const char *kTargets[] = {"cpu:x86-64-v3", "cpu:x86-64-v4"};

std::string testName(const testing::TestParamInfo<std::tuple<int64_t, const char *>> &info) {
  std::string target = std::get<1>(info.param);
  return std::to_string(std::get<0>(info.param)) + "_" + target.substr(target.rfind('-') + 1);
}

struct Covering : CombinationsTest {};

TEST_P(Covering, EqualsTheReference) {
  check("covering_" + std::to_string(index()), archc::test::coveringSpecs()[static_cast<size_t>(index())]);
}

INSTANTIATE_TEST_SUITE_P(Specs, Covering,
                         testing::Combine(testing::Range(int64_t(0), int64_t(archc::test::coveringSpecs().size())),
                                          testing::ValuesIn(kTargets)),
                         testName);

struct Random : CombinationsTest {};

TEST_P(Random, EqualsTheReference) {
  check("random_" + std::to_string(index()), archc::test::randomSpec(static_cast<uint64_t>(index())));
}

int64_t firstSeed() { return environmentNumber("ARCHC_RANDOM_SEED", 0); }

INSTANTIATE_TEST_SUITE_P(Specs, Random,
                         testing::Combine(testing::Range(firstSeed(), firstSeed() + environmentNumber("ARCHC_RANDOM_SPECS", 12)),
                                          testing::ValuesIn(kTargets)),
                         testName);

} // namespace

} // namespace archrt
