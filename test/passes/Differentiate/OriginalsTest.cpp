//===- OriginalsTest.cpp - Gradients against PyTorch's --------------------===//
//
// The fixtures of tools/dev/make_gradient_fixtures.py hold, for each parameter of a model of timm's (or of the papers), the norm of
// its gradient and the gradient's products with random vectors, in float64, and the error of PyTorch's float32. Here the function
// `grad` runs by the definitions in f64 and has to give the same numbers.
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/import/Import.h"
#include "passes/Pipelines/Compile.h"
#include "passes/Pipelines/Register.h"
#include "test/passes/Differentiate/GradientModel.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

using namespace archc;
using archc::test::GradientModel;

namespace {

/// PyTorch's numbers of one parameter, or of the small ones of a kind as one vector.
struct Expected {
  double norm;
  std::vector<double> projections;
};

constexpr size_t kPooledBelow = 64;

/// Where the gradient of `name` goes: small ones are pooled by the last two parts of their names.
std::string keyOf(const std::string &name, size_t size) {
  size_t last = name.rfind('.'), before = last == std::string::npos || last == 0 ? last : name.rfind('.', last - 1);
  return size >= kPooledBelow ? name : "*." + (before == std::string::npos ? name : name.substr(before + 1));
}

class Originals : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    std::ifstream file(ARCHC_SOURCE_DIR "/test/e2e/gradients/" + GetParam() + ".json");
    nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
    ASSERT_FALSE(json.is_discarded());
    seed = json["seed"], images = json["images"], loss = json["loss"];
    for (const auto &[key, entry] : json["gradients"].items())
      expected[key] = {entry["norm"], entry["projections"]};
    build(json["spec"]);
  }

  void build(const std::string &spec) {
    mlir::DialectRegistry registry;
    registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    spec::LoadOptions load;
    load.spec = ARCHC_SOURCE_DIR "/" + spec;
    spec::DiagnosticEngine diagnostics;
    spec::Architecture architecture;
    ASSERT_TRUE(spec::loadArchitecture(load, architecture, diagnostics));
    module = importArchitecture(architecture, context);
    CompileOptions options;
    options.stopAfter = "differentiate";
    options.train = true;
    CompileResult result;
    ASSERT_TRUE(mlir::succeeded(compileModule(*module, options, result)));
    model = std::make_unique<GradientModel>(*module, seed, images);
  }

  /// The gradients by fixture key, in the order of the state dict.
  template <typename T> std::map<std::string, std::vector<double>> pooled(const test::StepResult<T> &result) const {
    std::map<std::string, std::vector<double>> vectors;
    for (const std::string &name : model->trained()) {
      const std::vector<T> &gradient = result.gradients.at(name);
      std::vector<double> &vector = vectors[keyOf(name, gradient.size())];
      vector.insert(vector.end(), gradient.begin(), gradient.end());
    }
    return vectors;
  }

  double largestNorm() const {
    double largest = 0;
    for (const auto &[key, entry] : expected)
      largest = std::max(largest, entry.norm);
    return largest;
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<GradientModel> model;
  std::map<std::string, Expected> expected;
  uint64_t seed = 0;
  int64_t images = 0;
  double loss = 0;
};

double norm(const std::vector<double> &vector) {
  double sum = 0;
  for (double value : vector)
    sum += value * value;
  return std::sqrt(sum);
}

/// Both are sums in f64 of the same products in another order. A gradient that is zero in truth is only rounding: it is held to the
/// largest of the model, 1e-13 of it.
TEST_P(Originals, EqualTheReferenceInDoublePrecision) {
  auto result = model->run<double>();
  EXPECT_NEAR(result.loss(), loss, 1e-12 * std::abs(loss));
  auto vectors = pooled(result);
  ASSERT_EQ(vectors.size(), expected.size());
  const double floor = 1e-13 * largestNorm();
  for (const auto &[key, entry] : expected) {
    ASSERT_TRUE(vectors.count(key)) << key;
    const std::vector<double> &vector = vectors[key];
    EXPECT_NEAR(norm(vector), entry.norm, 1e-11 * entry.norm + floor) << key;
    for (size_t i = 0; i < entry.projections.size(); ++i) {
      double product = 0;
      for (size_t k = 0; k < vector.size(); ++k)
        product += vector[k] * archrt::reference::randomValue(seed, key + ".projection" + std::to_string(i), k, {0, 1 << 20});
      EXPECT_NEAR(product, entry.projections[i], 1e-11 * entry.norm + floor) << key << ", projection " << i;
    }
  }
}

std::vector<std::string> fixtures() {
  return {"convformer_odd1", "caformer_odd1",        "caformer_odd2",     "poolformer_odd1",
          "poolformer_odd2", "poolformer_sail_odd1", "poolformerv2_odd1", "identityformer_odd1",
          "randformer_odd1", "metaformer_odd2",      "metaformer_odd4"};
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Originals, testing::ValuesIn(fixtures()), [](const auto &info) { return info.param; });

} // namespace
