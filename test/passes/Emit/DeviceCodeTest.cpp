#include "passes/Emit/DeviceCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace archc::cuda;

namespace {

/// The code of a module, or what is said against it.
struct Attempt {
  explicit Attempt(const std::string &text, const std::string &chip = "sm_80", DeviceOptions options = {true, false}) {
    mlir::DialectRegistry registry;
    registry.insert<mlir::arith::ArithDialect, mlir::func::FuncDialect, mlir::LLVM::LLVMDialect>();
    mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) { errors += diagnostic.str(); });
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    if (auto made = compileDevice(*module, *findGpuTarget(chip), options); succeeded(made))
      code = *made;
  }

  DeviceCode code;
  std::string errors;
};

const char *const kDoubling = R"(
  func.func @k0(%p: !llvm.ptr, %batch: i64, %extent: i64) {
    %x = llvm.load %p : !llvm.ptr -> f32
    %y = arith.addf %x, %x : f32
    llvm.store %y, %p : f32, !llvm.ptr
    return
  })";

} // namespace

TEST(DeviceCode, MakesAKernelOfAPublicFunction) {
  Attempt attempt(kDoubling);
  EXPECT_NE(attempt.code.ptx.find(".visible .entry k0("), std::string::npos) << attempt.errors;
  EXPECT_NE(attempt.code.ptx.find(".target sm_80"), std::string::npos);
  EXPECT_EQ(attempt.code.bitcode.substr(0, 2), "BC");
  EXPECT_TRUE(attempt.code.cubin.empty());
}

TEST(DeviceCode, IsTheSameEachTimeAndWithoutWhatTheEmulatorRuns) {
  Attempt first(kDoubling), second(kDoubling), without(kDoubling, "sm_80", {false, false});
  EXPECT_EQ(first.code.ptx, second.code.ptx);
  EXPECT_EQ(first.code.bitcode, second.code.bitcode);
  EXPECT_EQ(first.code.ptx, without.code.ptx);
  EXPECT_TRUE(without.code.bitcode.empty());
}

TEST(DeviceCode, RefusesCallsOfWhatIsNotThere) {
  Attempt attempt(R"(
    func.func private @__nv_expf(f32) -> f32
    func.func @k0(%p: !llvm.ptr) {
      %x = llvm.load %p : !llvm.ptr -> f32
      %y = func.call @__nv_expf(%x) : (f32) -> f32
      llvm.store %y, %p : f32, !llvm.ptr
      return
    })");
  EXPECT_EQ(attempt.errors, "generated code calls `__nv_expf`, which does not exist on a GPU");
}

TEST(DeviceCode, AssemblerSaysWhatItDoesNotTake) {
  if (findAssembler().empty())
    GTEST_SKIP() << "ptxas: not on PATH, in CUDA_HOME or in /usr/local/cuda";
  std::string cubin, messages;
  EXPECT_FALSE(assemble("no PTX at all", "sm_80", cubin, messages));
  EXPECT_NE(messages.find("fatal"), std::string::npos) << messages;
  EXPECT_TRUE(assemble(Attempt(kDoubling).code.ptx, "sm_80", cubin, messages)) << messages;
  EXPECT_EQ(cubin.substr(1, 3), "ELF");
}
