//===- DiagnosticTextTest.cpp - What users read when lowering fails -------===//

#include "passes/Pipelines/DiagnosticText.h"

#include "passes/Pipelines/Compile.h"
#include "passes/Pipelines/Register.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace archc;

namespace {

/// The texts of the errors that compiling `source` ends with.
std::string errorsOf(const char *source, const char *target = "cpu:x86-64-v3") {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  std::string text;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      text += diagnosticText(diagnostic);
    return mlir::success();
  });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(source, mlir::ParserConfig(&context));
  EXPECT_TRUE(module) << text;
  CompileOptions options;
  options.targets = {target};
  CompileResult result;
  EXPECT_TRUE(!module || mlir::failed(compileModule(*module, options, result)));
  return text;
}

TEST(DiagnosticText, NamesTheSpecLineAndThePathOfWhatCannotBeLowered) {
  EXPECT_EQ(errorsOf(R"(
    module attributes {mf.params = [#mf.param<"w", tensor<16x8x3x3xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = true>]} {
      func.func @forward(%x: tensor<?x8x8x16xf32>) -> tensor<?x16xf32> {
        %w = mf.param "w" : tensor<16x8x3x3xf32>
        %y = mf.conv2d %x, %w {stride = [1, 1], padding = [1, 1], groups = 2} : tensor<?x8x8x16xf32>, tensor<16x8x3x3xf32>
          loc("stages.0.blocks.1.token_mixer"(fused["block"("net.toml":12:3), "rule"("net.toml":40:9)]))
        %p = mf.global_avg_pool %y : tensor<?x8x8x16xf32>
        return %p : tensor<?x16xf32>
      }
    })"),
            "net.toml:12:3: error: stages.0.blocks.1.token_mixer: no kernel for a convolution of several groups; expected "
            "`groups` = 1\n");
}

TEST(DiagnosticText, ErrorsOfNoPlaceHaveNone) {
  EXPECT_EQ(errorsOf(R"(
    module {
      func.func @forward(%x: tensor<?x8x8x16xf32>) -> tensor<?x16xf32> {
        %p = mf.global_avg_pool %x : tensor<?x8x8x16xf32>
        return %p : tensor<?x16xf32>
      }
    } loc(unknown))",
                     "cpu:z80"),
            "error: unknown target `cpu:z80`; expected one of `cpu:x86-64-v3`, `cpu:x86-64-v4`, `cuda:sm_80`, `cuda:sm_86`, "
            "`cuda:sm_89`, `cuda:sm_90`, `cuda:sm_90a`, `cuda:sm_100`, `cuda:sm_120`\n");
}

} // namespace
