//===- ShippedSpecsTest.cpp - Every shipped spec up to simplify -----------===//

#include "dialect/mf/MfOps.h"
#include "frontend/Frontend.h"
#include "frontend/import/Import.h"
#include "passes/Pipelines/Phases.h"
#include "passes/Pipelines/Register.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <cstdlib>

using namespace archc;

namespace {

struct Compiled {
  spec::Architecture architecture;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

class ShippedSpecs : public testing::Test {
protected:
  ShippedSpecs() {
    setenv("ARCHC_ARCHS_DIR", ARCHC_SOURCE_DIR "/archs", /*overwrite=*/1);
    mlir::DialectRegistry registry;
    registerDialects(registry);
    context.appendDialectRegistry(registry);
  }

  /// Loads `name` and runs every phase up to `last`.
  Compiled compile(const std::string &name, Phase last) {
    Compiled result;
    spec::LoadOptions options;
    options.spec = name;
    spec::DiagnosticEngine diagnostics;
    EXPECT_TRUE(spec::loadArchitecture(options, result.architecture, diagnostics)) << name;
    result.module = importArchitecture(result.architecture, context);
    EXPECT_TRUE(mlir::succeeded(mlir::verify(*result.module))) << name;
    mlir::PassManager passes(&context);
    for (const PhaseRow &row : phases())
      if (row.build && row.phase <= last)
        row.build(passes, PhaseOptions());
    EXPECT_TRUE(mlir::succeeded(passes.run(*result.module))) << name;
    return result;
  }

  template <typename OpTy> static int count(mlir::ModuleOp module) {
    int found = 0;
    module.walk([&](OpTy) { ++found; });
    return found;
  }

  mlir::MLIRContext context;
};

/// Parameters that an op reads: all but BatchNorm's counters.
size_t readParams(mlir::ModuleOp module) {
  size_t found = 0;
  for (auto param : module->getAttrOfType<mlir::ArrayAttr>(mf::kParamsAttrName).getAsRange<mf::ParamAttr>())
    found += param.getType().getElementType().isF32();
  return found;
}

TEST_F(ShippedSpecs, ExpandToAForwardThatReadsEachParameterOnce) {
  std::vector<spec::ShippedSpec> specs = spec::shippedSpecs();
  ASSERT_GT(specs.size(), 40u);
  for (const spec::ShippedSpec &shipped : specs) {
    Compiled compiled = compile(shipped.name, Phase::Expand);
    auto forward = compiled.module->lookupSymbol<mlir::func::FuncOp>("forward");
    ASSERT_TRUE(forward) << shipped.name;
    auto output = mlir::cast<mlir::RankedTensorType>(forward.getResultTypes()[0]);
    EXPECT_EQ(output.getShape().back(), compiled.architecture.classes) << shipped.name;
    EXPECT_EQ(size_t(count<mf::ParamOp>(*compiled.module)), readParams(*compiled.module)) << shipped.name;
  }
}

TEST_F(ShippedSpecs, PoolFormersKeepNoNormalisedMap) {
  Compiled compiled = compile("poolformer_s12", Phase::Simplify);
  EXPECT_EQ(count<mf::PoolMixOp>(*compiled.module), 12);
  EXPECT_EQ(count<mf::NormScaleOp>(*compiled.module), 12);
  EXPECT_EQ(count<mf::GroupNormOp>(*compiled.module), 12); // those before the MLPs
}

TEST_F(ShippedSpecs, LocationsNameTheLayerAndItsLines) {
  Compiled compiled = compile("caformer_s18", Phase::Expand);
  std::string text;
  compiled.module->walk([&](mf::LinearOp linear) {
    llvm::raw_string_ostream out(text);
    auto location = mlir::cast<mlir::Location>(linear.getLoc());
    if (llvm::isa<mlir::NameLoc>(location) &&
        mlir::cast<mlir::NameLoc>(location).getName() == "stages.2.blocks.3.token_mixer.qkv")
      location.print(out);
  });
  EXPECT_NE(text.find("\"block\"(\"s18.toml\":"), std::string::npos) << text;
  EXPECT_NE(text.find("\"rule\"(\"s18.toml\":"), std::string::npos) << text;
}

} // namespace
