//===- ImportTest.cpp - Specs as mf.arch ----------------------------------===//

#include "frontend/import/Import.h"
#include "dialect/mf/MfOps.h"
#include "frontend/Frontend.h"

#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

using namespace archc;

namespace {

const char *const kSpec = R"([arch]
edition = 1
name = "small"
classes = 0
input = { channels = 2, height = 9, width = 8 }

[block.pool]
norm = { kind = "batch_norm" }
mixer = { kind = "pooling", size = 5 }
channel = { kind = "mlp", ratio = 2, activation = "relu" }

[[stage]]
dim = 4
depth = 1
blocks = ["pool"]
embed = { kind = "conv", kernel = [3, 2], stride = [3, 2] }
override = { mixer.size = 3 }

[head]
order = "norm_pool"
norm = { kind = "layer_norm" }
pool = "avg"
classifier = "linear"
)";

class Import : public testing::Test {
protected:
  Import() {
    spec::LoadOptions options;
    options.spec = "folder/small.toml";
    options.text = kSpec;
    EXPECT_TRUE(spec::loadArchitecture(options, architecture, diagnostics));
    module = importArchitecture(architecture, context);
  }

  template <typename OpTy> OpTy find() {
    OpTy found;
    module->walk([&](OpTy op) { found = op; });
    return found;
  }

  mlir::MLIRContext context;
  spec::DiagnosticEngine diagnostics;
  spec::Architecture architecture;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

std::string text(mlir::Location location) {
  std::string printed;
  llvm::raw_string_ostream out(printed);
  location.print(out);
  return printed;
}

TEST_F(Import, GivesAValidModule) { EXPECT_TRUE(mlir::succeeded(mlir::verify(*module))); }

TEST_F(Import, KeepsTheStateDictInOrderWithCounters) {
  std::vector<std::string> names;
  bool hasCounter = false;
  for (auto param : (*module)->getAttrOfType<mlir::ArrayAttr>(mf::kParamsAttrName).getAsRange<mf::ParamAttr>()) {
    names.push_back(param.getName().str());
    hasCounter |= param.getType().getElementType().isInteger(64) && param.getRole() == mf::Role::Buffer;
  }
  ASSERT_GE(names.size(), 4u);
  EXPECT_EQ(names[0], "stem.conv.weight");
  EXPECT_EQ(names[2], "stages.0.blocks.0.norm1.weight");
  EXPECT_EQ(names.back(), "head.norm.bias");
  EXPECT_TRUE(hasCounter);
}

TEST_F(Import, WritesComponentsWithTheirDefaults) {
  auto branch = mlir::cast<mf::BranchAttr>(find<mf::BlockOp>().getBranches()[0]);
  EXPECT_EQ(branch.getFunction().getAs<mlir::IntegerAttr>("size").getInt(), 3);
  EXPECT_EQ(branch.getNorm().getAs<mlir::FloatAttr>("eps").getValueAsDouble(), 1e-5);
  EXPECT_EQ(branch.getNames().getNorm(), "norm1");
}

TEST_F(Import, PointsAtBlockRuleAndOverride) {
  std::string location = text(find<mf::BlockOp>().getLoc());
  EXPECT_NE(location.find("\"stages.0.blocks.0\""), std::string::npos) << location;
  EXPECT_NE(location.find("\"block\"(\"small.toml\":7:"), std::string::npos) << location;
  EXPECT_NE(location.find("\"rule\"(\"small.toml\":15:"), std::string::npos) << location;
  EXPECT_NE(location.find("\"override\"(\"small.toml\":17:"), std::string::npos) << location;
}

TEST_F(Import, EndsWithFeaturesWhenThereAreNoClasses) {
  auto head = find<mf::HeadOp>();
  EXPECT_EQ(head.getY().getType().getShape().back(), 4);
  EXPECT_EQ(head.getClassifier().getAs<mlir::StringAttr>("kind").getValue(), "none");
}

} // namespace
