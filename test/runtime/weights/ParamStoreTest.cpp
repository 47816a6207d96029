//===- ParamStoreTest.cpp - Names, shapes and dtypes of foreign weights ---===//

#include "runtime/weights/ImportWeights.h"
#include "runtime/weights/NameMapping.h"

#include <cstring>
#include <gtest/gtest.h>

namespace archrt {

namespace {
struct Wanted {
  const char *name;
  std::vector<int64_t> shape;
};

/// A model table with these parameters, f32.
struct ParamModel {
  flatbuffers::FlatBufferBuilder builder;
  explicit ParamModel(const std::vector<Wanted> &params) {
    abi::ModelT model;
    model.name = "m";
    for (const Wanted &param : params) {
      model.params.push_back(std::make_unique<abi::ParamT>());
      model.params.back()->name = param.name;
      model.params.back()->shape = param.shape;
    }
    builder.Finish(abi::Model::Pack(builder, &model));
  }
  const abi::Model &table() { return *flatbuffers::GetRoot<abi::Model>(builder.GetBufferPointer()); }
};
} // namespace

static const float kTwo[2] = {1, 2};

static SafeTensor two(const std::string &name, std::vector<int64_t> shape = {2}) {
  return {name, "F32", std::move(shape), {kTwo, 8}};
}

struct Imported {
  Status status;
  ImportReport report;
  std::shared_ptr<ParamStore> store;
};

static Imported import(ParamModel &model, const std::vector<SafeTensor> &tensors, ImportOptions options = {}) {
  std::string bytes = *serializeSafetensors(tensors);
  SafetensorsFile file = *SafetensorsFile::parse(ByteView(bytes));
  Imported out;
  auto store = importWeights(file, model.table(), options, out.report);
  if (store.ok())
    out.store = (*store)->materialize().take();
  else
    out.status = store.status();
  return out;
}

TEST(ParamStore, ExactNames) {
  ParamModel model({{"a", {2}}, {"b", {2}}});
  Imported got = import(model, {two("b"), two("a")});
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  EXPECT_EQ(got.report.mapping, "timm");
  EXPECT_EQ(got.report.used.size(), 2u);
  EXPECT_EQ(static_cast<const float *>(got.store->data(0))[1], 2);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(got.store->data(1)) % 64, 0u);
}

TEST(ParamStore, MissingAndUnusedFailUnlessPartial) {
  ParamModel model({{"a", {2}}, {"b", {2}}});
  Imported strict = import(model, {two("a"), two("c")});
  EXPECT_EQ(strict.status.code(), ErrorCode::Input);
  EXPECT_NE(strict.status.message().find("1 parameters are missing: `b`; 1 tensors are not used: `c`"), std::string::npos)
      << strict.status.message();
  ImportOptions options;
  options.partial = true;
  Imported partial = import(model, {two("a"), two("c")}, options);
  ASSERT_TRUE(partial.status.ok());
  EXPECT_EQ(partial.report.missing.size(), 1u);
  EXPECT_EQ(static_cast<const float *>(partial.store->data(1))[1], 0);
}

TEST(ParamStore, LinearAndPointwiseConvolutionHoldTheSame) {
  ParamModel model({{"a", {1, 2, 1, 1}}, {"b", {1, 2}}});
  Imported got = import(model, {two("a", {1, 2}), two("b", {1, 2, 1, 1})});
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  ASSERT_EQ(got.report.reshaped.size(), 2u);
  EXPECT_EQ(got.report.reshaped[0].detail, "[1, 2] -> [1, 2, 1, 1]");
  Imported transposed = import(model, {two("a", {2, 1}), two("b", {1, 2})});
  EXPECT_EQ(transposed.status.message(), "`a` has shape [2, 1]; expected [1, 2, 1, 1]");
}

TEST(ParamStore, CastsToF32) {
  ParamModel model({{"half", {3}}, {"bf", {1}}, {"d", {1}}});
  uint16_t half[3] = {0x3C00, 0xC000, 0x0001}, bf = 0x3FC0;
  double d = 0.1;
  Imported got = import(model, {{"half", "F16", {3}, {half, 6}}, {"bf", "BF16", {1}, {&bf, 2}}, {"d", "F64", {1}, {&d, 8}}});
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  EXPECT_EQ(got.report.cast.size(), 3u);
  const float *values = static_cast<const float *>(got.store->data(0));
  EXPECT_EQ(values[0], 1.0f);
  EXPECT_EQ(values[1], -2.0f);
  EXPECT_EQ(values[2], 0x1p-24f);
  EXPECT_EQ(*static_cast<const float *>(got.store->data(1)), 1.5f);
  EXPECT_EQ(*static_cast<const float *>(got.store->data(2)), 0.1f);
  uint8_t byte = 1;
  EXPECT_NE(import(model, {{"bf", "U8", {1}, {&byte, 1}}}).status.message().find("dtype U8; expected F32"), std::string::npos);
}

TEST(ParamStore, FindsTheMappingItself) {
  ParamModel model({{"stem.conv.weight", {2}},
                    {"stages.1.downsample.norm.weight", {2}},
                    {"stages.0.blocks.0.mlp.fc1.weight", {2}},
                    {"head.norm.weight", {2}},
                    {"head.fc.fc1.weight", {2}}});
  std::vector<SafeTensor> sail = {two("downsample_layers.0.conv.weight"), two("downsample_layers.1.pre_norm.weight"),
                                  two("stages.0.0.mlp.fc1.weight"), two("norm.weight"), two("head.fc1.weight")};
  Imported got = import(model, sail);
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  EXPECT_EQ(got.report.mapping, "sail_metaformer");
  ImportOptions forced;
  forced.mapping = "timm";
  EXPECT_FALSE(import(model, sail, forced).status.ok());
  forced.mapping = "keras";
  EXPECT_NE(import(model, sail, forced).status.message().find("unknown name mapping `keras`; expected `auto` or one of `timm`"),
            std::string::npos);
}

// A name that no rule matches stays, and may meet one that was mapped.
TEST(ParamStore, TwoTensorsForOneParameter) {
  ParamModel model({{"stem.conv.weight", {2}}});
  ImportOptions options;
  options.mapping = "sail_metaformer";
  options.partial = true;
  Imported got = import(model, {two("stem.conv.weight"), two("downsample_layers.0.conv.weight")}, options);
  EXPECT_EQ(got.status.message(),
            "`stem.conv.weight` and `downsample_layers.0.conv.weight` both map to the parameter `stem.conv.weight`");
}

TEST(NameMapping, PoolFormer) {
  const NameMapping *mapping = findNameMapping("sail_poolformer");
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->map("patch_embed.proj.bias"), "stem.conv.bias");
  EXPECT_EQ(mapping->map("network.4.11.layer_scale_2"), "stages.2.blocks.11.layer_scale2.scale");
  EXPECT_EQ(mapping->map("network.6.0.mlp.fc1.weight"), "stages.3.blocks.0.mlp.fc1.weight");
  EXPECT_EQ(mapping->map("network.5.proj.weight"), "stages.3.downsample.conv.weight");
  EXPECT_EQ(mapping->map("head.weight"), "head.fc.weight");
  EXPECT_EQ(mapping->map("something"), "something");
}

} // namespace archrt
