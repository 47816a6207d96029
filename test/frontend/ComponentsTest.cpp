//===- ComponentsTest.cpp - The registry and what each kind adds ----------===//

#include "frontend/components/Attention.h"
#include "frontend/components/ComponentKind.h"
#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"

#include <gtest/gtest.h>

using namespace archc::spec;

namespace {

using Keys = std::vector<std::pair<std::string, Value>>;

Component make(Slot slot, const std::string &kind, Keys keys = {}) {
  Component component;
  component.kind = kind;
  component.keys = std::move(keys);
  return withDefaults(slot, component);
}

Value nestedValue(Component component) {
  Value value;
  value.data = ComponentPtr(std::make_shared<const Component>(std::move(component)));
  return value;
}

std::string text(const std::vector<ParamDecl> &params) {
  std::string all;
  for (const ParamDecl &param : params) {
    all += param.name + "[";
    for (size_t i = 0; i < param.shape.size(); ++i)
      all += (i ? "," : "") + std::to_string(param.shape[i]);
    all += param.role == ParamRole::Frozen ? "] frozen " : param.role == ParamRole::Buffer ? "] buffer " : "] ";
  }
  return all.empty() ? all : all.substr(0, all.size() - 1);
}

const Slot allSlots[] = {Slot::Mixer, Slot::Channel, Slot::Norm,     Slot::Activation,
                         Slot::Scale, Slot::Embed,   Slot::Position, Slot::Classifier};

std::vector<std::string> namesOf(Slot slot) {
  std::vector<std::string> names;
  for (const ComponentKind *kind : kindsOf(slot))
    names.push_back(kind->name);
  return names;
}

TEST(Components, EverySlotListsItsKindsInOrder) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(namesOf(Slot::Norm), (Names{"batch_norm", "group_norm", "layer_norm", "layer_norm_chw", "none", "rms_norm"}));
  EXPECT_EQ(namesOf(Slot::Activation),
            (Names{"gelu", "gelu_tanh", "hardswish", "identity", "relu", "silu", "squared_relu", "star_relu"}));
  EXPECT_EQ(namesOf(Slot::Scale), (Names{"branch", "layer", "none", "residual"}));
  EXPECT_EQ(namesOf(Slot::Channel), (Names{"mlp", "none"}));
  EXPECT_EQ(namesOf(Slot::Classifier), (Names{"linear", "mlp"}));
  EXPECT_EQ(findKind(Slot::Channel, "attention"), nullptr) << "a kind belongs to one slot";
  for (const char *mixer : {"attention", "identity", "pooling", "random", "sep_conv"})
    EXPECT_NE(findKind(Slot::Mixer, mixer), nullptr) << mixer;
}

// A row without its sentence, its example or a default of its own type would break the schema and the key reference.
TEST(Components, EveryKeyRowIsComplete) {
  for (Slot slot : allSlots)
    for (const ComponentKind *kind : kindsOf(slot)) {
      EXPECT_FALSE(kind->help.empty()) << kind->name;
      EXPECT_EQ(kind->help.back(), '.') << kind->name;
      for (const KeyRow &row : kind->keys) {
        SCOPED_TRACE(kind->name + "." + row.name);
        EXPECT_GT(row.help.size(), 10u);
        EXPECT_EQ(row.help.back(), '.');
        EXPECT_FALSE(row.example.empty());
        EXPECT_FALSE(row.optional && row.defaultValue) << "an optional key has no default";
        bool isNumber = row.type == ValueType::Int || row.type == ValueType::Float || row.type == ValueType::Pair;
        EXPECT_EQ(isNumber, row.max < 1e300) << "numbers have a range";
        EXPECT_EQ(row.type == ValueType::String, !row.choices.empty());
      }
    }
}

TEST(Components, DefaultsFillNestedComponents) {
  Component mixer = make(Slot::Mixer, "sep_conv", {{"kernel", intValue(5)}});
  EXPECT_EQ(mixer.getInt("kernel"), 5);
  EXPECT_EQ(mixer.getFloat("expansion"), 2);
  EXPECT_TRUE(mixer.getComponent("activation").getBool("learned"));
  EXPECT_EQ(mixer.getComponent("second_activation").kind, "identity");
  EXPECT_EQ(make(Slot::Mixer, "attention").find("heads"), nullptr) << "an optional key stays absent";
  EXPECT_EQ(make(Slot::Classifier, "mlp").getComponent("norm").getFloat("eps"), 1e-6);
}

TEST(Components, NormParameters) {
  Shape map{12, 5, 7};
  EXPECT_EQ(text(paramsOf(Slot::Norm, make(Slot::Norm, "layer_norm"), map)), "weight[12] bias[12]");
  EXPECT_EQ(text(paramsOf(Slot::Norm, make(Slot::Norm, "group_norm", {{"affine", stringValue("scale")}}), map)), "weight[12]");
  EXPECT_EQ(text(paramsOf(Slot::Norm, make(Slot::Norm, "layer_norm", {{"affine", stringValue("none")}}), map)), "");
  EXPECT_EQ(text(paramsOf(Slot::Norm, make(Slot::Norm, "layer_norm_chw"), map)), "weight[12,5,7] bias[12,5,7]");
  EXPECT_EQ(text(paramsOf(Slot::Norm, make(Slot::Norm, "rms_norm"), map)), "weight[12]");
  std::vector<ParamDecl> batch = paramsOf(Slot::Norm, make(Slot::Norm, "batch_norm"), map);
  EXPECT_EQ(text(batch), "weight[12] bias[12] running_mean[12] buffer running_var[12] buffer num_batches_tracked[] buffer");
  EXPECT_TRUE(batch.back().isInteger);
  EXPECT_EQ(batch[3].init.kind, "ones");
}

TEST(Components, StarReluIsOnePairPerSiteOrPerChannelOrFixed) {
  Shape map{12, 5, 7};
  std::vector<ParamDecl> params = paramsOf(Slot::Activation, make(Slot::Activation, "star_relu"), map);
  EXPECT_EQ(text(params), "scale[1] bias[1]");
  EXPECT_EQ(params[0].init.kind, "ones");
  EXPECT_FALSE(params[0].decay);
  EXPECT_EQ(text(paramsOf(Slot::Activation, make(Slot::Activation, "star_relu", {{"per", stringValue("channel")}}), map)),
            "scale[12] bias[12]");
  EXPECT_EQ(text(paramsOf(Slot::Activation, make(Slot::Activation, "star_relu", {{"learned", boolValue(false)}}), map)), "");
}

TEST(Components, ScalesNameTheirOwners) {
  Shape map{12, 5, 7};
  std::vector<ParamDecl> both = paramsOf(Slot::Scale, make(Slot::Scale, "branch"), map);
  EXPECT_EQ(text(both), "layer_scale.scale[12] res_scale.scale[12]");
  EXPECT_EQ(both[0].init.kind, "constant");
  EXPECT_EQ(both[0].init.a, 1e-5);
  EXPECT_EQ(text(paramsOf(Slot::Scale,
                          make(Slot::Scale, "residual", {{"per", stringValue("layer")}, {"learned", boolValue(false)}}), map)),
            "res_scale.scale[1] frozen");
}

TEST(Components, MixerParameters) {
  Shape map{10, 7, 7};
  EXPECT_EQ(text(paramsOf(Slot::Mixer, make(Slot::Mixer, "sep_conv"), map)),
            "pwconv1.weight[20,10,1,1] act1.scale[1] act1.bias[1] dwconv.weight[20,1,7,7] pwconv2.weight[10,20,1,1]");
  EXPECT_EQ(text(paramsOf(Slot::Mixer, make(Slot::Mixer, "random"), map)), "random_matrix[49,49] frozen");
  EXPECT_EQ(text(paramsOf(Slot::Mixer, make(Slot::Mixer, "pooling"), map)), "");
  Component wide =
      make(Slot::Mixer, "attention", {{"heads", intValue(3)}, {"head_dim", intValue(8)}, {"proj_bias", boolValue(true)}});
  EXPECT_EQ(text(paramsOf(Slot::Mixer, wide, map)), "qkv.weight[72,10] proj.weight[10,24] proj.bias[10]");
}

TEST(Components, OneOfHeadsAndHeadDimIsEnough) {
  EXPECT_EQ(headSizes(make(Slot::Mixer, "attention", {{"heads", intValue(4)}}), 64).headDim, 16);
  EXPECT_EQ(headSizes(make(Slot::Mixer, "attention", {{"head_dim", intValue(32)}}), 320).heads, 10);
  EXPECT_EQ(headSizes(make(Slot::Mixer, "attention", {{"heads", intValue(3)}, {"head_dim", intValue(8)}}), 64).innerWidth(), 24);
}

TEST(Components, EmbedNamesAndShapes) {
  Keys keys = {{"kernel", pairValue(7, 3)}, {"stride", pairValue(4, 2)}, {"padding", pairValue(2, 0)}};
  Shape image{3, 224, 31, 64};
  Component plain = make(Slot::Embed, "conv", keys);
  EXPECT_EQ(text(paramsOf(Slot::Embed, plain, image)), "conv.weight[64,3,7,3] conv.bias[64]");
  Shape output = outputShapeOf(Slot::Embed, plain, image);
  EXPECT_EQ(output.channels, 64);
  EXPECT_EQ(output.height, 56);
  EXPECT_EQ(output.width, 15);
  keys.emplace_back("pre_norm", nestedValue(make(Slot::Norm, "layer_norm")));
  EXPECT_EQ(text(paramsOf(Slot::Embed, make(Slot::Embed, "conv", keys), image)),
            "norm.weight[3] norm.bias[3] conv.weight[64,3,7,3] conv.bias[64]");
  keys.emplace_back("post_norm", nestedValue(make(Slot::Norm, "rms_norm")));
  EXPECT_EQ(text(paramsOf(Slot::Embed, make(Slot::Embed, "conv", keys), image)),
            "pre_norm.weight[3] pre_norm.bias[3] conv.weight[64,3,7,3] conv.bias[64] post_norm.weight[64]");
}

TEST(Components, ClassifierParameters) {
  Shape features{8, 1, 1, 10};
  EXPECT_EQ(text(paramsOf(Slot::Classifier, make(Slot::Classifier, "linear"), features)), "weight[10,8] bias[10]");
  EXPECT_EQ(text(paramsOf(Slot::Classifier, make(Slot::Classifier, "mlp"), features)),
            "fc1.weight[32,8] fc1.bias[32] norm.weight[32] norm.bias[32] fc2.weight[10,32] fc2.bias[10]");
}

// Weights of layers decay and start from a truncated normal; everything else does neither.
TEST(Components, DecayAndInit) {
  for (const ParamDecl &param : paramsOf(Slot::Classifier, make(Slot::Classifier, "mlp"), {8, 1, 1, 10})) {
    bool isLayerWeight = param.shape.size() == 2;
    EXPECT_EQ(param.decay, isLayerWeight) << param.name;
    EXPECT_EQ(param.init.kind == "trunc_normal", isLayerWeight) << param.name;
  }
  ParamDecl matrix = paramsOf(Slot::Mixer, make(Slot::Mixer, "random"), {4, 3, 3}).front();
  EXPECT_EQ(matrix.init.kind, "softmax_uniform");
  EXPECT_FALSE(matrix.decay);
}

TEST(Components, CostsByHand) {
  Shape map{10, 4, 5};
  Cost attention = costOf(Slot::Mixer, make(Slot::Mixer, "attention", {{"head_dim", intValue(5)}}), map);
  EXPECT_EQ(attention.macs, 20 * 10 * 30 + 2 * 20 * 20 * 10 + 20 * 10 * 10);
  EXPECT_EQ(attention.activations, 20 * 30 + 2 * 20 * 20 + 20 * 10 + 20 * 10);
  EXPECT_EQ(attention.pointwise, 20 * 10 + 5 * 2 * 20 * 20);
  Cost separable = costOf(Slot::Mixer, make(Slot::Mixer, "sep_conv", {{"kernel", intValue(3)}}), map);
  EXPECT_EQ(separable.macs, 20 * (10 * 20 + 9 * 20 + 20 * 10));
  EXPECT_EQ(separable.pointwise, 4 * 20 * 20);
  Cost pooling = costOf(Slot::Mixer, make(Slot::Mixer, "pooling"), map);
  EXPECT_EQ(pooling.macs, 0);
  EXPECT_EQ(pooling.pointwise, 10 * 200);
  EXPECT_EQ(costOf(Slot::Mixer, make(Slot::Mixer, "random"), map).macs, 20 * 20 * 10);
  Cost mlp = costOf(Slot::Channel, make(Slot::Channel, "mlp", {{"bias", boolValue(true)}}), map);
  EXPECT_EQ(mlp.macs, 2 * 20 * 10 * 40);
  EXPECT_EQ(mlp.pointwise, 20 * 40 + 4 * 20 * 40 + 20 * 10);
}

TEST(Components, AbsurdSizesSaturate) {
  EXPECT_EQ(product({int64_t(1) << 40, int64_t(1) << 40}), int64_t(1) << 50);
  EXPECT_EQ(product({int64_t(1) << 40, int64_t(1) << 40, 0}), 0);
}

std::string problemText(const std::vector<Problem> &problems) {
  std::string all;
  for (const Problem &problem : problems)
    all += problem.code + " " + problem.key + ": " + problem.message + "\n";
  return all;
}

TEST(Components, ProblemsThatOnlyShapesShow) {
  Shape map{64, 7, 7};
  EXPECT_EQ(problemText(problemsOf(Slot::Mixer, make(Slot::Mixer, "attention", {{"head_dim", intValue(48)}}), map)),
            "E0301 head_dim: `head_dim` is 48; expected a divisor of `dim` = 64\n");
  EXPECT_EQ(problemText(problemsOf(Slot::Mixer, make(Slot::Mixer, "attention"), map)),
            "E0307 : `attention` has neither `heads` nor `head_dim`; expected at least one of them\n");
  EXPECT_EQ(problemText(problemsOf(Slot::Mixer, make(Slot::Mixer, "random", {{"tokens", intValue(196)}}), map)),
            "E0304 tokens: the random matrix is for 196 tokens; expected 49 on the 7x7 map of this stage\n");
  EXPECT_EQ(problemsOf(Slot::Mixer, make(Slot::Mixer, "pooling", {{"size", intValue(4)}}), map).at(0).code, "E0306");
  EXPECT_EQ(problemsOf(Slot::Mixer, make(Slot::Mixer, "sep_conv", {{"kernel", intValue(4)}}), map).at(0).code, "E0306");
  EXPECT_EQ(problemsOf(Slot::Channel, make(Slot::Channel, "mlp", {{"ratio", floatValue(0.02)}}), {10, 7, 7}).at(0).code, "E0307");
  EXPECT_EQ(problemText(problemsOf(Slot::Embed, make(Slot::Embed, "none"), {64, 7, 7, 128})).substr(0, 6), "E0305 ");
}

TEST(Components, ProblemsOfNestedComponentsHaveDottedKeys) {
  Value groups = nestedValue(make(Slot::Norm, "group_norm", {{"groups", intValue(5)}}));
  Component embed = make(Slot::Embed, "conv", {{"kernel", pairValue(9, 9)}, {"post_norm", groups}});
  std::vector<Problem> problems = problemsOf(Slot::Embed, embed, {3, 8, 8, 64});
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].code, "E0302");
  EXPECT_EQ(problems[1].key, "post_norm.groups");
}

} // namespace
