//===- GradientTest.cpp - Gradients against finite differences ------------===//
//
// In f64, through the definitions of runtime/reference: each op in every case of the conformance suite, then a small model of each
// family.
//
//===----------------------------------------------------------------------===//

#include "dialect/mf/MfOps.h"
#include "frontend/Frontend.h"
#include "frontend/import/Import.h"
#include "passes/Pipelines/Compile.h"
#include "test/passes/Differentiate/GradientModel.h"
#include "test/passes/Differentiate/OneOpNetwork.h"

#include "llvm/ADT/StringRef.h"

#include <gtest/gtest.h>

#include <set>

using namespace archc;
using archc::conformance::Case;
using namespace archc::test;

namespace {

class Gradient : public testing::TestWithParam<Case> {};

TEST_P(Gradient, EqualsFiniteDifferences) {
  const Case &test = GetParam();
  bool refused = llvm::StringRef(test.body).contains("mf.batch_norm") || llvm::StringRef(test.name).starts_with("tied_weights");
  std::string error;
  mlir::ScopedDiagnosticHandler handler(&sharedContext(), [&](mlir::Diagnostic &diagnostic) { error = diagnostic.str(); });
  auto module = differentiated(test, lossOf(test));
  EXPECT_EQ(!module, refused) << error;
  if (!module)
    return;
  GradientModel model(*module, /*seed=*/7, /*batch=*/2);
  for (float &value : model.images)
    value = static_cast<float>(value * test.inputScale);
  expectFiniteDifferences(model, /*directions=*/3);
}

INSTANTIATE_TEST_SUITE_P(Ops, Gradient, ::testing::ValuesIn(gradientCases()),
                         [](const auto &info) { return std::string(info.param.name); });

TEST(GradientOfLosses, EqualFiniteDifferencesWithDroppedBranches) {
  const Case residual = {"residual", "3x4x9", "w fc.weight 9x9, s layer.scale 9",
                         "%f = mf.linear %x, %w : !x, !w\n%a = mf.add %x, %f : !x\n%g = mf.scale %a, %s : !x, !s\n"
                         "%y = mf.add %a, %g : !x",
                         "3x4x9"};
  for (const char *loss : {"cross_entropy", "bce"}) {
    auto module = differentiated(residual, loss, {/*path=*/true});
    ASSERT_TRUE(module);
    GradientModel model(*module, 3, /*batch=*/5);
    EXPECT_EQ(model.factors.size(), 10u);
    expectFiniteDifferences(model, 4);
    // A branch that every image drops has no influence.
    std::fill(model.factors.begin(), model.factors.end(), 0.0);
    const auto dropped = model.run<double>();
    for (double value : dropped.gradients.at("fc.weight"))
      EXPECT_EQ(value, 0);
  }
}

TEST(GradientOfLosses, EqualFiniteDifferencesWithDroppedFeatures) {
  const Case head = {"head", "3x4x9", "w fc.weight 9x9, h head.weight 5x9",
                     "%f = mf.linear %x, %w : !x, !w\n%p = mf.global_avg_pool %f : !x\n"
                     "%y = mf.linear %p, %h : tensor<?x9xf32>, !h",
                     "5"};
  auto module = differentiated(head, "cross_entropy", {/*path=*/false, /*head=*/true});
  ASSERT_TRUE(module);
  GradientModel model(*module, 3, /*batch=*/5);
  EXPECT_EQ(model.factors.size(), 45u);
  expectFiniteDifferences(model, 4);
  // A feature that no image keeps has no influence on its column.
  for (size_t image = 0; image < 5; ++image)
    model.factors[image * 9 + 4] = 0;
  const auto dropped = model.run<double>();
  for (size_t i = 0; i < 45; ++i)
    EXPECT_EQ(dropped.gradients.at("head.weight")[i] == 0, i % 9 == 4) << i;
}

/// Each op has a rule or is named here. The list may only become shorter: an op that has got a rule has to leave it.
TEST(DifferentiableOps, LackRulesAsListed) {
  const std::set<std::string> withoutRule = {
      // No values of the network: structure, the architecture level, what `prepare` and passes behind this phase make.
      "mf.arch", "mf.stage", "mf.embed", "mf.position", "mf.block", "mf.head", "mf.param", "mf.fused", "mf.yield",
      "mf.fold_weight", "mf.fold_bias", "mf.norm_stats_scale", "mf.norm_stats_shift", "mf.multiply", "mf.divide", "mf.sum",
      "mf.pack", "mf.normalize_image", "mf.norm_scale", "mf.image_stats", "mf.normalize", "mf.line_sums",
      // Gradients whose own gradients are still to be written.
      "mf.adjoint_weight", "mf.conv2d_transposed", "mf.spatial_weight_grad", "mf.channel_sum", "mf.batch_sum",
      "mf.cross_entropy_grad", "mf.bce_grad", "mf.gelu_grad", "mf.gelu_tanh_grad", "mf.silu_grad", "mf.hardswish_grad",
      "mf.layer_norm_grad", "mf.rms_norm_grad", "mf.group_norm_grad", "mf.attention_grad"};
  for (mlir::RegisteredOperationName op : sharedContext().getRegisteredOperationsByDialect("mf"))
    EXPECT_NE(op.hasInterface<mf::DifferentiableOpInterface>(), withoutRule.count(op.getStringRef().str()) != 0)
        << op.getStringRef().str();
}

// --- Whole models ------------------------------------------------------------

class ModelGradient : public testing::TestWithParam<std::string> {};

mlir::OwningOpRef<mlir::ModuleOp> differentiatedModel(const std::string &name, const std::string &checkpoints) {
  spec::LoadOptions load;
  load.spec = ARCHC_SOURCE_DIR "/test/e2e/specs/" + name + ".toml";
  if (name != "randformer_odd3") // its matrices are of one size
    load.sets = {"arch.input.height=37", "arch.input.width=45"};
  spec::DiagnosticEngine diagnostics;
  spec::Architecture architecture;
  EXPECT_TRUE(spec::loadArchitecture(load, architecture, diagnostics));
  auto module = importArchitecture(architecture, sharedContext());
  CompileOptions options;
  options.stopAfter = "differentiate";
  options.checkpoints = checkpoints;
  options.train = options.dropPath = options.headDropout = options.verifyEach = true;
  CompileResult result;
  EXPECT_TRUE(mlir::succeeded(compileModule(*module, options, result)));
  return module;
}

TEST_P(ModelGradient, EqualsFiniteDifferences) {
  auto module = differentiatedModel(GetParam(), "none");
  GradientModel model(*module, 5, /*batch=*/2);
  EXPECT_GT(model.trained().size(), 20u);
  expectFiniteDifferences(model, /*directions=*/1, /*tolerance=*/1e-5);
}

/// What is computed again is the same.
TEST_P(ModelGradient, HasTheSameBitsWhateverIsKept) {
  auto kept = differentiatedModel(GetParam(), "none");
  const auto expected = GradientModel(*kept, 5, 2).run<float>();
  for (const char *checkpoints : {"block", "stage"}) {
    auto module = differentiatedModel(GetParam(), checkpoints);
    const auto found = GradientModel(*module, 5, 2).run<float>();
    EXPECT_EQ(found.losses, expected.losses) << checkpoints;
    EXPECT_EQ(found.gradients, expected.gradients) << checkpoints;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, ModelGradient,
                         testing::Values("convformer_odd3", "caformer_odd3", "poolformer_odd3", "poolformerv2_odd3",
                                         "identityformer_odd3", "randformer_odd3", "metaformer_odd2", "metaformer_odd4"),
                         [](const auto &info) { return info.param; });

} // namespace
