// A whole ConvFormer, its graph written by hand, against timm: the interpreter and the generator of parameters in one.

#include "runtime/reference/Interpreter.h"
#include "runtime/reference/RandomTensor.h"
#include "test/e2e/Fixture.h"
#include "test/runtime/GraphBuilder.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace archrt;
using namespace archrt::reference;
using namespace archrt::test;

namespace {

/// Builds the unsimplified graph of the ConvFormer with these sizes and remembers its parameters.
class ConvFormerGraph {
public:
  GraphBuilder builder;
  std::vector<std::pair<std::string, Shape>> parameters;

  const archrt::abi::Function &build(const Shape &dims, const Shape &depths, int64_t classes, Shape input) {
    shape = {kBatch, input[1], input[2], input[0]};
    uint32_t x = norm(conv(builder.input(shape), "stem.conv", dims[0], {7, 4, 2}), "stem.norm", false);
    for (size_t s = 0; s < dims.size(); ++s) {
      std::string stage = "stages." + std::to_string(s);
      if (s)
        x = conv(norm(x, stage + ".downsample.norm", false), stage + ".downsample.conv", dims[s], {3, 2, 1});
      for (int64_t b = 0; b < depths[s]; ++b)
        x = block(x, stage + ".blocks." + std::to_string(b), s + 2 >= dims.size());
    }
    shape = {kBatch, dims.back()};
    x = norm(builder.op("mf.global_avg_pool", {x}, {}, shape), "head.norm", true);
    x = builder.op("mf.squared_relu", {linear(x, "head.fc.fc1", 4 * dims.back(), 2, true)}, {}, shape);
    return builder.finish({linear(norm(x, "head.fc.norm", true), "head.fc.fc2", classes, 2, true)});
  }

private:
  Shape shape; // of the value being built

  uint32_t parameter(const std::string &name, const Shape &ofShape) {
    parameters.emplace_back(name, ofShape);
    return builder.parameter(name, ofShape);
  }

  struct Window {
    int64_t kernel, stride, padding;
  };
  uint32_t conv(uint32_t x, const std::string &name, int64_t filters, Window window) {
    uint32_t weight = parameter(name + ".weight", {filters, shape[3], window.kernel, window.kernel});
    uint32_t bias = parameter(name + ".bias", {filters});
    for (int i : {1, 2})
      shape[i] = (shape[i] + 2 * window.padding - window.kernel) / window.stride + 1;
    shape[3] = filters;
    return builder.opWithOptional("mf.conv2d", {x, weight, bias},
                                  {intsAttribute("stride", {window.stride, window.stride}),
                                   intsAttribute("padding", {window.padding, window.padding}), intAttribute("groups", 1)},
                                  shape);
  }

  uint32_t norm(uint32_t x, const std::string &name, bool hasBias) {
    GraphBuilder::OptionalOperands operands = {x, parameter(name + ".weight", {shape.back()}), std::nullopt};
    if (hasBias)
      operands[2] = parameter(name + ".bias", {shape.back()});
    return builder.opWithOptional("mf.layer_norm", operands, {floatAttribute("eps", 1e-6)}, shape);
  }

  uint32_t linear(uint32_t x, const std::string &name, int64_t outputs, size_t weightRank, bool hasBias = false) {
    Shape weightShape = {outputs, shape.back()};
    weightShape.resize(weightRank, 1);
    GraphBuilder::OptionalOperands operands = {x, parameter(name + ".weight", weightShape), std::nullopt};
    if (hasBias)
      operands[2] = parameter(name + ".bias", {outputs});
    shape.back() = outputs;
    return builder.opWithOptional("mf.linear", operands, {}, shape);
  }

  uint32_t starRelu(uint32_t x, const std::string &name) {
    return builder.opWithOptional("mf.star_relu", {x, parameter(name + ".scale", {1}), parameter(name + ".bias", {1})},
                                  {floatAttribute("scale_value", 1), floatAttribute("bias_value", 0)}, shape);
  }

  uint32_t sepConv(uint32_t x, const std::string &name) {
    int64_t dim = shape[3];
    x = starRelu(linear(x, name + ".pwconv1", 2 * dim, 4), name + ".act1");
    uint32_t weight = parameter(name + ".dwconv.weight", {2 * dim, 1, 7, 7});
    x = builder.opWithOptional("mf.depthwise_conv2d", {x, weight, std::nullopt}, {intsAttribute("padding", {3, 3})}, shape);
    return linear(x, name + ".pwconv2", dim, 4);
  }

  uint32_t residual(uint32_t x, uint32_t branch, const std::string &scaleName) {
    if (!scaleName.empty())
      x = builder.op("mf.scale", {x, parameter(scaleName + ".scale", {shape[3]})}, {}, shape);
    return builder.op("mf.add", {x, branch}, {}, shape);
  }

  uint32_t block(uint32_t x, const std::string &path, bool scaled) {
    int64_t dim = shape[3];
    x = residual(x, sepConv(norm(x, path + ".norm1", false), path + ".token_mixer"), scaled ? path + ".res_scale1" : "");
    uint32_t hidden = starRelu(linear(norm(x, path + ".norm2", false), path + ".mlp.fc1", 4 * dim, 4), path + ".mlp.act");
    return residual(x, linear(hidden, path + ".mlp.fc2", dim, 4), scaled ? path + ".res_scale2" : "");
  }
};

template <typename T> double largestError(const Fixture &fixture, int64_t batch) {
  ConvFormerGraph graph;
  auto interpreter = Interpreter<T>::create(graph.build({36, 52, 71, 101}, {1, 2, 3, 1}, fixture.classes, fixture.inputNchw));
  EXPECT_TRUE(interpreter.ok()) << interpreter.status().message();
  for (const auto &[name, shape] : graph.parameters)
    EXPECT_TRUE(interpreter->bindParameter(name, shape, randomParameter(fixture.seed, name, shape).data()).ok());
  double largest = 0;
  for (int64_t first = 0; first < fixture.images; first += batch) {
    int64_t count = std::min(batch, fixture.images - first);
    Shape shape = {count, fixture.inputNchw[1], fixture.inputNchw[2], fixture.inputNchw[0]};
    auto logits = interpreter->run(randomImages(fixture.seed, first, shape).data(), count);
    EXPECT_TRUE(logits.ok()) << logits.status().message();
    for (int64_t i = 0; logits.ok() && i < logits->size(); ++i)
      largest = std::max(largest, std::abs(double(logits->data[i]) - fixture.logits[first * fixture.classes + i]));
  }
  return largest;
}

TEST(ReferenceModelTest, ConvFormerInDoubleEqualsTimm) {
  Fixture fixture = readFixture(ARCHC_SOURCE_DIR "/test/e2e/fixtures/convformer_odd1.json");
  for (int64_t batch : fixture.batches)
    EXPECT_LE(largestError<double>(fixture, batch), 1e-12 * fixture.largestLogit) << "batch " << batch;
}

TEST(ReferenceModelTest, ConvFormerInFloatIsAYardstick) {
  Fixture fixture = readFixture(ARCHC_SOURCE_DIR "/test/e2e/fixtures/convformer_odd1.json");
  double error = largestError<float>(fixture, 3);
  EXPECT_LE(error, fixture.tolerance());
  EXPECT_GE(error, fixture.float32Error / 10) << "it must round as f32 does, or kernels are held to the impossible";
}

} // namespace
