// Every op of the reference interpreter against values computed by hand, in f64 and in f32.

#include "runtime/reference/Interpreter.h"
#include "runtime/reference/OpDefinition.h"
#include "test/runtime/GraphBuilder.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <numeric>

using namespace archrt;
using namespace archrt::reference;
using namespace archrt::test;

namespace {

using Numbers = std::vector<float>;

std::vector<float> counting(size_t count) {
  std::vector<float> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  return numbers;
}

struct BoundParameter {
  Shape shape;
  Numbers data;
};

/// One op on one input: the first operand is the input, the others are parameters (nullopt: absent).
struct OneOp {
  std::string name;
  Shape inputShape; // without the batch
  Numbers input;
  std::vector<std::optional<BoundParameter>> parameters;
  GraphBuilder::Attributes attributes;
  Shape resultShape;
  int64_t batch = 1;
};

template <typename T> Result<Tensor<T>> evaluate(const OneOp &test) {
  GraphBuilder graph;
  auto batched = [](Shape shape) {
    shape.insert(shape.begin(), kBatch);
    return shape;
  };
  GraphBuilder::OptionalOperands operands = {graph.input(batched(test.inputShape))};
  for (size_t i = 0; i < test.parameters.size(); ++i)
    operands.push_back(test.parameters[i] ? std::optional(graph.parameter("p" + std::to_string(i), test.parameters[i]->shape))
                                          : std::nullopt);
  uint32_t result = graph.opWithOptional(test.name, operands, test.attributes, batched(test.resultShape));
  auto interpreter = Interpreter<T>::create(graph.finish({result}));
  if (!interpreter.ok())
    return interpreter.status();
  for (size_t i = 0; i < test.parameters.size(); ++i)
    if (test.parameters[i])
      if (Status status =
              interpreter->bindParameter("p" + std::to_string(i), test.parameters[i]->shape, test.parameters[i]->data.data());
          !status.ok())
        return status;
  return interpreter->run(test.input.data(), test.batch);
}

template <typename T> void expectValues(const OneOp &test, const std::vector<double> &expected, double tolerance) {
  auto result = evaluate<T>(test);
  ASSERT_TRUE(result.ok()) << result.status().message();
  ASSERT_EQ(result->data.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(result->data[i], expected[i], tolerance * std::max(1.0, std::abs(expected[i]))) << test.name << " element " << i;
}

void expectValues(const OneOp &test, const std::vector<double> &expected) {
  expectValues<double>(test, expected, 1e-14);
  expectValues<float>(test, expected, 1e-6);
}

void expectError(const OneOp &test, const std::string &part) {
  auto result = evaluate<double>(test);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find(part), std::string::npos) << result.status().message();
}

//===- Convolutions and products -------------------------------------------===//

TEST(ReferenceTest, PoolMixDividesByTheCellsInside) {
  OneOp test{"mf.pool_mix", {3, 3, 1}, counting(9), {}, {intAttribute("size", 3)}, {3, 3, 1}};
  expectValues(test, {2, 1.5, 1, .5, 0, -.5, -1, -1.5, -2});
}

TEST(ReferenceTest, PoolMixOfAConstantMapIsZero) {
  OneOp test{"mf.pool_mix", {4, 2, 2}, Numbers(32, 7.0f), {}, {intAttribute("size", 5)}, {4, 2, 2}, 2};
  expectValues(test, std::vector<double>(32, 0.0));
}

TEST(ReferenceTest, PoolMixRejectsAnEvenWindow) {
  expectError({"mf.pool_mix", {2, 2, 1}, counting(4), {}, {intAttribute("size", 2)}, {2, 2, 1}}, "expected an odd number");
}

TEST(ReferenceTest, Conv2DStridesAndPadsWithZeros) {
  // 3x3 map, 2x2 kernel, stride 2, padding 1: windows start at rows and columns -1 and 1.
  OneOp test{"mf.conv2d",
             {3, 3, 1},
             counting(9),
             {BoundParameter{{1, 1, 2, 2}, {1, 10, 100, 1000}}, BoundParameter{{1}, {0.5f}}},
             {intsAttribute("stride", {2, 2}), intsAttribute("padding", {1, 1}), intAttribute("groups", 1)},
             {2, 2, 1}};
  expectValues(test, {0.5, 2100.5, 6030.5, 8754.5});
}

TEST(ReferenceTest, Conv2DReadsChannelsInTheWeightsOrder) {
  // 1x2 kernel over two channels; stride and padding differ per dimension.
  OneOp test{"mf.conv2d",
             {1, 3, 2},
             {1, 2, 3, 4, 5, 6},
             {BoundParameter{{1, 2, 1, 2}, {1, 10, 100, 1000}}},
             {intsAttribute("stride", {1, 1}), intsAttribute("padding", {0, 0}), intAttribute("groups", 1)},
             {1, 2, 1}};
  expectValues(test, {1 + 30 + 200 + 4000, 3 + 50 + 400 + 6000});
}

TEST(ReferenceTest, Conv2DKeepsGroupsApart) {
  OneOp test{"mf.conv2d",
             {1, 1, 4},
             {1, 2, 3, 4},
             {BoundParameter{{2, 2, 1, 1}, {1, 10, 100, 1000}}},
             {intsAttribute("stride", {1, 1}), intsAttribute("padding", {0, 0}), intAttribute("groups", 2)},
             {1, 1, 2}};
  expectValues(test, {21, 4300});
}

TEST(ReferenceTest, Conv2DRejectsWhatDoesNotFit) {
  OneOp test{"mf.conv2d",
             {2, 2, 3},
             counting(12),
             {BoundParameter{{1, 2, 1, 1}, {1, 1}}},
             {intsAttribute("stride", {1, 1}), intsAttribute("padding", {0, 0}), intAttribute("groups", 1)},
             {2, 2, 1}};
  expectError(test, "they do not fit");
  test.parameters = {BoundParameter{{1, 3, 3, 3}, Numbers(27)}};
  expectError(test, "the result would have shape [1, 0, 0, 1]");
  test.attributes[0] = intsAttribute("stride", {0, 1});
  expectError(test, "stride must be positive");
}

TEST(ReferenceTest, DepthwiseConv2DFiltersEachChannelAlone) {
  OneOp test{"mf.depthwise_conv2d",
             {2, 2, 2},
             {1, 10, 2, 20, 3, 30, 4, 40},
             {BoundParameter{{2, 1, 3, 3}, {0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0}}, BoundParameter{{2}, {0, 5}}},
             {intsAttribute("padding", {1, 1})},
             {2, 2, 2}};
  expectValues(test, {10, 25, 6, 45, 7, 65, 4, 85});
}

TEST(ReferenceTest, LinearTakesBothWeightShapes) {
  OneOp test{"mf.linear",  {1, 2, 2},
             {1, 2, 3, 4}, {BoundParameter{{3, 2}, {1, 0, 0, 1, 1, 1}}, BoundParameter{{3}, {10, 20, 30}}},
             {},           {1, 2, 3}};
  expectValues(test, {11, 22, 33, 13, 24, 37});
  test.parameters[0]->shape = {3, 2, 1, 1};
  test.parameters[1] = std::nullopt;
  expectValues(test, {1, 2, 3, 3, 4, 7});
}

TEST(ReferenceTest, LinearOfManyRowsAndColumns) {
  // Longer than the panels of the product: y[r][o] = sum of (r + k) * (o - k).
  constexpr int64_t rows = 7, inputs = 5, outputs = 67;
  Numbers x, weight;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t k = 0; k < inputs; ++k)
      x.push_back(float(r + k));
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t k = 0; k < inputs; ++k)
      weight.push_back(float(o - k));
  std::vector<double> expected;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t o = 0; o < outputs; ++o)
      expected.push_back(double(5 * r * o + (o - r) * 10 - 30));
  expectValues({"mf.linear", {inputs}, x, {BoundParameter{{outputs, inputs}, weight}}, {}, {outputs}, rows}, expected);
}

TEST(ReferenceTest, SpatialMatmulMixesPositions) {
  OneOp test{"mf.spatial_matmul",
             {1, 2, 2},
             {1, 2, 3, 4},
             {BoundParameter{{2, 2}, {0, 1, 10, 100}}, BoundParameter{{2}, {0.5f, 0.25f}}},
             {},
             {1, 2, 2}};
  expectValues(test, {3.5, 4.5, 310.25, 420.25});
}

TEST(ReferenceTest, AttentionPutsThreeSlowestThenHeads) {
  // Two tokens, two heads of width 1. Head 0: q = 1, 0; k = 0, ln 3; head 1: scores are equal.
  float ln3 = std::log(3.0f);
  OneOp test{"mf.attention",
             {1, 2, 6},
             {1, 0, 0, 7, 8, 100, 0, 0, ln3, 7, 16, 300},
             {},
             {intAttribute("heads", 2), intAttribute("head_dim", 1), floatAttribute("scale", 1.0)},
             {1, 2, 2}};
  double weight = std::exp(double(ln3)) / (1 + std::exp(double(ln3)));
  expectValues(test, {8 + 8 * weight, 200, 12, 200});
}

TEST(ReferenceTest, AttentionStaysInsideAnImage) {
  OneOp test{"mf.attention",
             {1, 1, 3},
             {1, 2, 3, 4, 5, 6},
             {},
             {intAttribute("heads", 1), intAttribute("head_dim", 1), floatAttribute("scale", 1.0)},
             {1, 1, 1},
             2};
  expectValues(test, {3, 6});
}

TEST(ReferenceTest, AttentionRejectsWidthsThatDoNotFit) {
  expectError({"mf.attention",
               {1, 1, 8},
               counting(8),
               {},
               {intAttribute("heads", 1), intAttribute("head_dim", 3), floatAttribute("scale", 1.0)},
               {1, 1, 3}},
              "3 * heads * head_dim");
}

//===- Norms ----------------------------------------------------------------===//

TEST(ReferenceTest, LayerNormPerPosition) {
  // Mean 2 and variance 1; mean 0 and variance 9. eps 3 and 7 would make 2 and 4 of them.
  OneOp test{"mf.layer_norm",
             {1, 2, 2},
             {1, 3, -3, 3},
             {BoundParameter{{2}, {1, 2}}, BoundParameter{{2}, {10, 20}}},
             {floatAttribute("eps", 3)},
             {1, 2, 2}};
  double second = 3 / std::sqrt(12.0);
  expectValues(test, {9.5, 21, 10 - second, 20 + 2 * second});
  test.parameters = {std::nullopt, std::nullopt};
  expectValues(test, {-.5, .5, -second, second});
  test.parameters = {std::nullopt, BoundParameter{{2}, {10, 20}}};
  expectValues(test, {9.5, 20.5, 10 - second, 20 + second});
}

TEST(ReferenceTest, LayerNormWorksOnVectors) {
  expectValues({"mf.layer_norm", {2}, {1, 3}, {}, {floatAttribute("eps", 0)}, {2}}, {-1, 1});
}

TEST(ReferenceTest, LayerNormCHWHasWeightsInPyTorchsOrder) {
  OneOp test{"mf.layer_norm_chw",
             {1, 2, 2},
             {1, 1, 3, 3},
             {BoundParameter{{2, 1, 2}, {1, 2, 3, 4}}, BoundParameter{{2, 1, 2}, {0, 10, 20, 30}}},
             {floatAttribute("eps", 0)},
             {1, 2, 2}};
  expectValues(test, {-1, 17, 12, 34});
}

TEST(ReferenceTest, LayerNormCHWOfPooledVectors) {
  OneOp test{"mf.layer_norm_chw",        {2}, {1, 3}, {BoundParameter{{2, 1, 1}, {1, 2}}, std::nullopt},
             {floatAttribute("eps", 0)}, {2}};
  expectValues(test, {-1, 2});
}

TEST(ReferenceTest, GroupNormWithOneGroupIsPerImage) {
  OneOp test{"mf.group_norm",
             {1, 2, 2},
             {1, 1, 3, 3, 10, 10, 10, 18},
             {BoundParameter{{2}, {1, 2}}},
             {intAttribute("groups", 1), floatAttribute("eps", 0)},
             {1, 2, 2},
             2};
  double low = -2 / std::sqrt(12.0), high = 6 / std::sqrt(12.0);
  expectValues(test, {-1, -2, 1, 2, low, 2 * low, low, 2 * high});
}

TEST(ReferenceTest, GroupNormWithTwoGroups) {
  OneOp test{"mf.group_norm", {1, 2, 4}, {1, 3, 5, 5, 1, 3, 9, 9}, {}, {intAttribute("groups", 2), floatAttribute("eps", 0)},
             {1, 2, 4}};
  expectValues(test, {-1, 1, -1, -1, -1, 1, 1, 1});
  test.attributes[0] = intAttribute("groups", 3);
  expectError(test, "3 groups do not divide 4 channels");
}

TEST(ReferenceTest, BatchNormUsesRunningStatistics) {
  OneOp test{
      "mf.batch_norm",
      {1, 1, 2},
      {5, 5},
      {BoundParameter{{2}, {1, 2}}, BoundParameter{{2}, {3, 8}}, BoundParameter{{2}, {1, 2}}, BoundParameter{{2}, {0, 10}}},
      {floatAttribute("eps", 1)},
      {1, 1, 2}};
  expectValues(test, {2, 12});
  test.parameters[2] = std::nullopt;
  expectValues(test, {2, 11});
}

TEST(ReferenceTest, RMSNormHasNoMean) {
  expectValues({"mf.rms_norm", {1, 1, 2}, {1, 7}, {BoundParameter{{2}, {1, 2}}}, {floatAttribute("eps", 0)}, {1, 1, 2}},
               {.2, 2.8});
}

//===- Activations, residuals, pooling --------------------------------------===//

TEST(ReferenceTest, Activations) {
  const std::map<std::string, std::vector<double>> expected = {
      {"mf.relu", {0, 0, 1}},
      {"mf.squared_relu", {0, 0, 1}},
      {"mf.gelu", {-0.15865525393145707, 0, 0.84134474606854293}},
      {"mf.gelu_tanh", {-0.15880800939172324, 0, 0.84119199060827676}},
      {"mf.silu", {-0.2689414213699951, 0, 0.7310585786300049}},
      {"mf.hardswish", {-1.0 / 3, 0, 2.0 / 3}},
  };
  for (const auto &entry : expected)
    expectValues({entry.first, {3}, {-1, 0, 1}, {}, {}, {3}}, entry.second);
  expectValues({"mf.squared_relu", {2}, {-3, 3}, {}, {}, {2}}, {0, 9});
  expectValues({"mf.hardswish", {3}, {-4, 3, 5}, {}, {}, {3}}, {0, 3, 5});
}

TEST(ReferenceTest, StarReluTakesOperandsOrAttributes) {
  GraphBuilder::Attributes fixed = {floatAttribute("scale_value", 2), floatAttribute("bias_value", -1)};
  OneOp test{"mf.star_relu", {2}, {-3, 3}, {std::nullopt, std::nullopt}, fixed, {2}};
  expectValues(test, {-1, 17});
  test.parameters = {BoundParameter{{1}, {3}}, std::nullopt};
  expectValues(test, {-1, 26});
  test.parameters = {std::nullopt, BoundParameter{{2}, {10, 20}}};
  expectValues(test, {10, 38});
  test.parameters = {BoundParameter{{2}, {3, 4}}, BoundParameter{{1}, {5}}};
  test.attributes.clear();
  expectValues(test, {5, 41});
}

TEST(ReferenceTest, AddAndScale) {
  OneOp test{"mf.add", {2}, {1, 2}, {BoundParameter{{1, 2}, {10, 20}}}, {}, {2}};
  expectValues(test, {11, 22});
  test.parameters[0]->shape = {2, 1};
  expectError(test, "operands have shapes [1, 2] and [2, 1]");
  expectValues({"mf.scale", {1, 2, 2}, {1, 2, 3, 4}, {BoundParameter{{2}, {10, 100}}}, {}, {1, 2, 2}}, {10, 200, 30, 400});
  expectValues({"mf.scale", {1, 2, 2}, {1, 2, 3, 4}, {BoundParameter{{1}, {10}}}, {}, {1, 2, 2}}, {10, 20, 30, 40});
}

TEST(ReferenceTest, AddPositionIsChannelsFirst) {
  OneOp test{"mf.add_position", {1, 2, 2}, {0, 0, 0, 0, 1, 1, 1, 1}, {BoundParameter{{1, 2, 1, 2}, {1, 2, 3, 4}}}, {},
             {1, 2, 2},         2};
  expectValues(test, {1, 3, 2, 4, 2, 4, 3, 5});
}

TEST(ReferenceTest, GlobalAvgPoolAveragesPositions) {
  expectValues({"mf.global_avg_pool", {2, 2, 2}, {1, 10, 2, 20, 3, 30, 6, 60}, {}, {}, {2}}, {3, 30});
  Numbers many(1000, 0.1f); // the yardstick's mean does not drift with the number of terms
  expectValues<float>({"mf.global_avg_pool", {20, 50, 1}, many, {}, {}, {1}}, {0.1}, 1e-7);
}

//===- The interpreter itself -----------------------------------------------===//

/// relu(x * 2) + x on [N,2].
struct SmallGraph {
  GraphBuilder builder;
  uint32_t x = builder.input({kBatch, 2});
  uint32_t gamma = builder.parameter("gamma", {1});
  uint32_t scaled = builder.op("mf.scale", {x, gamma}, {}, {kBatch, 2});
  uint32_t relu = builder.op("mf.relu", {scaled}, {}, {kBatch, 2});
  uint32_t sum = builder.op("mf.add", {relu, x}, {}, {kBatch, 2});
};

Result<Interpreter<double>> boundInterpreter(const archrt::abi::Function &function) {
  auto interpreter = Interpreter<double>::create(function);
  float gamma = 2;
  if (interpreter.ok())
    if (Status status = interpreter->bindParameter("gamma", {1}, &gamma); !status.ok())
      return status;
  return interpreter;
}

TEST(ReferenceTest, RunsAGraphForAnyBatch) {
  SmallGraph graph;
  auto interpreter = boundInterpreter(graph.builder.finish({graph.sum}));
  ASSERT_TRUE(interpreter.ok());
  EXPECT_EQ(interpreter->parameterNames(), std::vector<std::string>{"gamma"});
  Numbers input = {1, -1, 2, -2, 3, -3};
  auto result = interpreter->run(input.data(), 3);
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_EQ(result->shape, (Shape{3, 2}));
  EXPECT_EQ(result->data, (std::vector<double>{3, -1, 6, -2, 9, -3}));
  EXPECT_EQ(interpreter->value(graph.scaled), nullptr) << "values that nobody needs any more are freed";
}

TEST(ReferenceTest, KeepsAllValuesWhenAsked) {
  SmallGraph graph;
  auto interpreter = boundInterpreter(graph.builder.finish({graph.sum}));
  Numbers input = {1, -1};
  ASSERT_TRUE(interpreter->setInput(input.data(), 1).ok());
  ASSERT_TRUE(interpreter->evaluate({graph.sum}, Keep::All).ok());
  ASSERT_NE(interpreter->value(graph.scaled), nullptr);
  EXPECT_EQ(interpreter->value(graph.scaled)->data, (std::vector<double>{2, -2}));
}

TEST(ReferenceTest, RunsAPartOfAGraphOnGivenValues) {
  SmallGraph graph;
  auto interpreter = boundInterpreter(graph.builder.finish({graph.sum}));
  Tensor<double> given({1, 2});
  given.data = {-5, 5};
  ASSERT_TRUE(interpreter->setValue(graph.scaled, given).ok());
  ASSERT_TRUE(interpreter->evaluate({graph.relu}).ok()) << "the input is not needed";
  EXPECT_EQ(interpreter->value(graph.relu)->data, (std::vector<double>{0, 5}));
  EXPECT_NE(interpreter->value(graph.scaled), nullptr) << "a value that was set stays";
  Status status = interpreter->evaluate({graph.sum});
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.message().find("value 0 is needed"), std::string::npos) << status.message();
}

TEST(ReferenceTest, ReportsUnboundAndMisshapenParameters) {
  SmallGraph graph;
  auto interpreter = Interpreter<double>::create(graph.builder.finish({graph.sum}));
  Numbers input = {1, -1};
  EXPECT_EQ(interpreter->run(input.data(), 1).status().message(), "op 0 `mf.param`: parameter `gamma` is not bound");
  ASSERT_TRUE(interpreter->bindParameter("gamma", {2}, input.data()).ok());
  EXPECT_EQ(interpreter->run(input.data(), 1).status().message(),
            "op 0 `mf.param`: parameter `gamma`: has shape [2]; the graph declares [1]");
}

TEST(ReferenceTest, RejectsMalformedGraphs) {
  auto errorOf = [](void (*spoil)(SmallGraph &)) {
    SmallGraph graph;
    spoil(graph);
    return Interpreter<double>::create(graph.builder.finish({graph.sum})).status().message();
  };
  EXPECT_EQ(errorOf([](SmallGraph &graph) { graph.builder.function.ops[2]->name = "mf.unheard"; }),
            "op 2 `mf.unheard`: the reference interpreter does not know it");
  EXPECT_EQ(errorOf([](SmallGraph &graph) { graph.builder.function.ops[1]->operands[0] = 4; }),
            "op 1 `mf.scale`: operand 4 is not defined before it");
  EXPECT_EQ(errorOf([](SmallGraph &graph) { graph.builder.function.ops[2]->results[0] = 99; }),
            "op 2 `mf.relu`: result 99 is out of range or defined twice");
  EXPECT_EQ(errorOf([](SmallGraph &graph) { graph.builder.function.ops[2]->results.clear(); }),
            "op 2 `mf.relu`: expected one result");
  EXPECT_EQ(errorOf([](SmallGraph &graph) { graph.builder.function.inputs.clear(); }),
            "op 1 `mf.scale`: operand 0 is not defined before it");
  EXPECT_EQ(errorOf([](SmallGraph &graph) { graph.sum = 77; }), "function output 77 is not defined");
}

TEST(ReferenceTest, ChecksResultsAgainstDeclaredShapes) {
  OneOp test{"mf.relu", {2}, {1, 2}, {}, {}, {3}};
  expectError(test, "the result has shape [1, 2]; the graph declares [1, 3]");
}

TEST(ReferenceTest, DefinesTheOpsOfTheContract) {
  for (const char *name : {"mf.conv2d",       "mf.depthwise_conv2d", "mf.linear",    "mf.layer_norm", "mf.layer_norm_chw",
                           "mf.group_norm",   "mf.batch_norm",       "mf.rms_norm",  "mf.relu",       "mf.squared_relu",
                           "mf.gelu",         "mf.gelu_tanh",        "mf.silu",      "mf.hardswish",  "mf.star_relu",
                           "mf.pool_mix",     "mf.spatial_matmul",   "mf.attention", "mf.add",        "mf.scale",
                           "mf.add_position", "mf.global_avg_pool"})
    EXPECT_NE(findDefinition(name), nullptr) << name;
}

} // namespace
