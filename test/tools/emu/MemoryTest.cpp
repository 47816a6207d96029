//===- MemoryTest.cpp - Accesses of global and shared memory on the emulator ===//

#include "test/tools/emu/KernelFixture.h"

#include <cmath>
#include <numeric>

namespace archrt::emu {
namespace {

/// y[i] = 2 x[i] + 1 for the iterations of the block, `threads` of them.
const std::string scale = withIntrinsics(R"(
define ptx_kernel void @k(ptr addrspace(1) align 256 %x, ptr addrspace(1) align 256 %y, i64 %batch, i64 %extent) !dbg !5 {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %n = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %first = mul i32 %b, %n
  %i32 = add i32 %first, %t
  %i = zext i32 %i32 to i64
  %in = icmp slt i64 %i, %extent
  br i1 %in, label %body, label %end
body:
  %px = getelementptr float, ptr addrspace(1) %x, i64 %i
  %vx = load float, ptr addrspace(1) %px, align 4, !dbg !6
  %vy = call float @llvm.fma.f32(float %vx, float 2.0, float 1.0)
  %py = getelementptr float, ptr addrspace(1) %y, i64 %i
  store float %vy, ptr addrspace(1) %py, align 4, !dbg !7
  br label %end
end:
  ret void
}
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!1}
!0 = distinct !DICompileUnit(language: DW_LANG_C, file: !2, emissionKind: LineTablesOnly)
!1 = !{i32 2, !"Debug Info Version", i32 3}
!2 = !DIFile(filename: "small.toml", directory: "")
!3 = !DISubroutineType(types: !4)
!4 = !{}
!5 = distinct !DISubprogram(name: "stages.0.scale", file: !2, line: 3, type: !3, spFlags: DISPFlagDefinition, unit: !0)
!6 = !DILocation(line: 12, scope: !5)
!7 = !DILocation(line: 14, scope: !5)
)");

class GlobalMemory : public KernelTest {
protected:
  void SetUp() override {
    std::iota(x.begin(), x.end(), 0.f);
    shape = {4, 64, 0, 1, 200};
  }
  std::vector<float> x = std::vector<float>(200), y = std::vector<float>(200, -1.f);
};

TEST_F(GlobalMemory, KernelComputes) {
  reads(x);
  writes(y);
  Report report = run(scale);
  EXPECT_TRUE(report.ok()) << report.text();
  for (size_t i = 0; i < y.size(); ++i)
    EXPECT_EQ(y[i], 2 * x[i] + 1) << i;
}

TEST_F(GlobalMemory, KernelComputesWithoutChecksInAnyOrder) {
  reads(x);
  writes(y);
  options.checks = false;
  options.seed = 7;
  EXPECT_TRUE(run(scale).ok());
  for (size_t i = 0; i < y.size(); ++i)
    EXPECT_EQ(y[i], 2 * x[i] + 1) << i;
}

// The finding names kernel, block, thread, operand and the place in the spec.
TEST_F(GlobalMemory, WidenedBoundIsFound) {
  reads(x);
  writes(y);
  shape.extent = 201;
  Finding finding = only(run(scale));
  EXPECT_EQ(finding.kind, FindingKind::OutOfBounds);
  EXPECT_EQ(finding.text(),
            "kernel `k`, block 3, thread 8: out of bounds: load of 4 bytes at small.toml:12 (stages.0.scale): byte 800 of "
            "operand 0 of 800 bytes");
}

// Also where the neighbour in memory is another operand: an address belongs to what it is computed from.
TEST_F(GlobalMemory, IndexShiftedIntoTheNeighbourIsFound) {
  std::vector<float> both(400, 1.f);
  auto base = reinterpret_cast<uint64_t>(both.data());
  operands = {{base, 800, false}, {base + 800, 800, true}};
  std::string shifted = changed(scale, "%px = getelementptr float, ptr addrspace(1) %x, i64 %i",
                                "%j = add i64 %i, 1\n  %px = getelementptr float, ptr addrspace(1) %x, i64 %j");
  EXPECT_EQ(only(run(shifted)).kind, FindingKind::OutOfBounds);
  std::string before = changed(scale, "%py = getelementptr float, ptr addrspace(1) %y, i64 %i",
                               "%j = sub i64 %i, 1\n  %py = getelementptr float, ptr addrspace(1) %y, i64 %j");
  Finding finding = only(run(before));
  EXPECT_EQ(finding.kind, FindingKind::OutOfBounds);
  EXPECT_EQ(finding.block, 0u);
  EXPECT_EQ(finding.thread, 0u);
}

TEST_F(GlobalMemory, WriteToAReadOnlyOperandIsFound) {
  reads(x);
  reads(y);
  EXPECT_EQ(only(run(scale)).kind, FindingKind::ReadOnly);
}

TEST_F(GlobalMemory, MisalignedVectorIsFound) {
  reads(x);
  writes(y);
  std::string vector = changed(scale, "%vx = load float, ptr addrspace(1) %px, align 4, !dbg !6",
                               "%v4 = load <4 x float>, ptr addrspace(1) %px, align 16\n"
                               "  %vx = extractelement <4 x float> %v4, i32 0");
  Report report = run(vector);
  EXPECT_TRUE(report.has(FindingKind::Misaligned)) << report.text();
}

// Blocks overlap by one element.
TEST_F(GlobalMemory, TwoBlocksThatWriteOneWordAreFound) {
  reads(x);
  writes(y);
  std::string overlapping = changed(scale, "%i32 = add i32 %first, %t",
                                    "%one = icmp ne i32 %b, 0\n  %back = zext i1 %one to i32\n  %sum = add i32 %first, %t\n"
                                    "  %i32 = sub i32 %sum, %back");
  for (uint32_t threads : {1, 2}) {
    options.threads = threads;
    Finding finding = only(run(overlapping));
    EXPECT_EQ(finding.kind, FindingKind::BlockConflict);
    EXPECT_EQ(finding.instruction, "store of 4 bytes");
  }
}

// In place is fine as long as each block keeps to its own.
TEST_F(GlobalMemory, OneOperandReadAndWrittenIsNoConflict) {
  reads(x);
  writes(x);
  Report report = run(scale);
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(x[10], 21.f);
  std::string neighbour = changed(scale, "%px = getelementptr float, ptr addrspace(1) %x, i64 %i",
                                  "%up = add i64 %i, 1\n  %fits = icmp slt i64 %up, %extent\n"
                                  "  %j = select i1 %fits, i64 %up, i64 %i\n"
                                  "  %px = getelementptr float, ptr addrspace(1) %x, i64 %j");
  EXPECT_TRUE(run(neighbour).has(FindingKind::BlockConflict));
}

TEST_F(GlobalMemory, PoisonedOutputIsFoundWhereReadFirst) {
  reads(x);
  writes(y);
  options.poisonOutputs = true;
  std::string accumulates = changed(scale, "%vy = call float @llvm.fma.f32(float %vx, float 2.0, float 1.0)",
                                    "%p0 = getelementptr float, ptr addrspace(1) %y, i64 %i\n"
                                    "  %old = load float, ptr addrspace(1) %p0, align 4\n"
                                    "  %vy = call float @llvm.fma.f32(float %vx, float 2.0, float %old)");
  EXPECT_EQ(only(run(accumulates)).kind, FindingKind::Uninitialised);
  options.poisonOutputs = false;
  EXPECT_TRUE(run(accumulates).ok());
}

TEST_F(GlobalMemory, EndlessLoopIsFound) {
  reads(x);
  writes(y);
  options.fuel = 1000;
  std::string loop = changed(scale, "br i1 %in, label %body, label %end\nbody:", "br label %body\nbody:");
  loop = changed(loop, "br label %end\nend:", "br label %body\nend:");
  EXPECT_EQ(only(run(loop)).kind, FindingKind::OutOfFuel);
}

TEST_F(GlobalMemory, FindingsAreCapped) {
  reads(x);
  writes(y);
  shape.extent = 256;
  options.maxFindings = 1;
  Report report = run(scale);
  EXPECT_EQ(report.findings.size(), 1u);
}

TEST_F(GlobalMemory, CountersTellCoalescedFromStrided) {
  shape = {1, 32, 0, 1, 32};
  reads(x);
  writes(y);
  options.counters = true;
  MemoryCounters counters = run(scale).counters;
  EXPECT_EQ(counters.globalRequests, 2u);
  // 128 bytes, wherever they begin.
  EXPECT_GE(counters.globalSectors, 8u);
  EXPECT_LE(counters.globalSectors, 10u);
  std::string strided = changed(scale, "%px = getelementptr float, ptr addrspace(1) %x, i64 %i",
                                "%j = mul i64 %i, 6\n  %px = getelementptr float, ptr addrspace(1) %x, i64 %j");
  EXPECT_GE(run(strided).counters.globalSectors, 24u);
}

TEST_F(GlobalMemory, ConstantTablesAndCalledFunctionsWork) {
  reads(x);
  writes(y);
  std::string table =
      changed(scale, "define ptx_kernel void @k",
              R"(@table = internal addrspace(4) constant [4 x float] [float 10.0, float 20.0, float 30.0, float 40.0]
define internal float @pick(i64 %i) noinline {
  %low = and i64 %i, 3
  %p = getelementptr [4 x float], ptr addrspace(4) @table, i64 0, i64 %low
  %v = load float, ptr addrspace(4) %p, align 4
  ret float %v
}
define ptx_kernel void @k)");
  table = changed(table, "float 2.0, float 1.0)", "float 2.0, float %add)");
  table = changed(table, "%vy = call", "%add = call float @pick(i64 %i)\n  %vy = call");
  Report report = run(table);
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(y[6], 12.f + 30.f);
  EXPECT_TRUE(run(changed(table, "and i64 %i, 3", "and i64 %i, 7")).has(FindingKind::OutOfBounds));
}

TEST_F(GlobalMemory, SixteenBitFormatsRoundToEven) {
  x[0] = 1 + 1.f / 256;  // between two bfloats: to the even one below
  x[1] = 1 + 3.f / 256;  // to the even one above
  x[2] = 1 + 1.f / 2048; // the same for halves
  x[3] = 65519.f, x[4] = NAN;
  reads(x);
  writes(y);
  std::string through = changed(scale, "%vy = call float @llvm.fma.f32(float %vx, float 2.0, float 1.0)",
                                "%h = fptrunc float %vx to bfloat\n  %vy = fpext bfloat %h to float");
  EXPECT_TRUE(run(through).ok());
  EXPECT_EQ(y[0], 1.f);
  EXPECT_EQ(y[1], 1 + 4.f / 256);
  EXPECT_TRUE(std::isnan(y[4]));
  EXPECT_TRUE(run(changed(changed(through, "to bfloat", "to half"), "fpext bfloat", "fpext half")).ok());
  EXPECT_EQ(y[2], 1.f);
  EXPECT_EQ(y[3], 65504.f);
  EXPECT_TRUE(std::isnan(y[4]));
}

TEST(Loading, UnknownIntrinsicsAndAssemblyAreNamed) {
  auto error = [](const std::string &module) {
    auto program = Program::load(ByteView(std::string_view(module)), EmulatorOptions());
    return program.ok() ? (*program)->kernel("k").status().message() : program.status().message();
  };
  std::string call =
      withIntrinsics("declare float @llvm.nvvm.ex2.approx.f32(float)\n"
                     "define ptx_kernel void @k(ptr %p) {\n  %v = call float @llvm.nvvm.ex2.approx.f32(float 1.0)\n"
                     "  store float %v, ptr %p, align 4\n  ret void\n}\n");
  EXPECT_EQ(error(call), "kernel `k`: the emulator does not know `llvm.nvvm.ex2.approx.f32`");
  std::string assembly = withIntrinsics(
      "define ptx_kernel void @k(ptr %p) {\n  call void asm sideeffect \"nanosleep.u32 1;\", \"\"()\n  ret void\n}\n");
  EXPECT_EQ(error(assembly), "kernel `k`: the emulator does not know the inline assembly `nanosleep.u32 1;`");
  EXPECT_EQ(error(changed(call, "@k(", "@other(")), "emulation code has no kernel `k`");
  EXPECT_NE(error(changed(call, "nvptx64-nvidia-cuda", "x86_64-linux-gnu")), "");
  EXPECT_NE(error("no module"), "");
}

} // namespace
} // namespace archrt::emu
