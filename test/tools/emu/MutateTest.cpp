//===- MutateTest.cpp - Faults that are put into kernels are found --------===//

#include "test/tools/emu/KernelFixture.h"

#include <set>

namespace archrt::emu {
namespace {

/// Each block sums its row of 128, by warps and then over them.
const std::string columnSums = withIntrinsics(R"(
@partial = external addrspace(3) global [0 x float], align 16
define ptx_kernel void @k(ptr addrspace(1) %x, ptr addrspace(1) %y, i64 %batch, i64 %extent) {
entry:
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %lane = and i32 %t, 31
  %warp = lshr i32 %t, 5
  %line = mul i32 %b, 128
  br label %loop
loop:
  %c = phi i32 [ %t, %entry ], [ %next, %loop ]
  %acc = phi float [ 0.0, %entry ], [ %sum, %loop ]
  %at = add i32 %line, %c
  %p = getelementptr float, ptr addrspace(1) %x, i32 %at
  %v = load float, ptr addrspace(1) %p, align 4
  %sum = fadd float %acc, %v
  %next = add i32 %c, 64
  %more = icmp ult i32 %next, 128
  br i1 %more, label %loop, label %fold
fold:
  %s16 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %sum, i32 16, i32 31)
  %a16 = fadd float %sum, %s16
  %s8 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %a16, i32 8, i32 31)
  %a8 = fadd float %a16, %s8
  %s4 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %a8, i32 4, i32 31)
  %a4 = fadd float %a8, %s4
  %s2 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %a4, i32 2, i32 31)
  %a2 = fadd float %a4, %s2
  %s1 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %a2, i32 1, i32 31)
  %a1 = fadd float %a2, %s1
  %ps = getelementptr float, ptr addrspace(3) @partial, i32 %warp
  %first = icmp ult i32 %lane, 1
  br i1 %first, label %put, label %wait
put:
  store float %a1, ptr addrspace(3) %ps, align 4
  br label %wait
wait:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %one = icmp eq i32 %t, 0
  br i1 %one, label %write, label %end
write:
  %p1 = getelementptr float, ptr addrspace(3) @partial, i32 1
  %q0 = load float, ptr addrspace(3) @partial, align 4
  %q1 = load float, ptr addrspace(3) %p1, align 4
  %total = fadd float %q0, %q1
  %py = getelementptr float, ptr addrspace(1) %y, i32 %b
  store float %total, ptr addrspace(1) %py, align 4
  br label %end
end:
  ret void
}
)");

class Mutations : public KernelTest {
protected:
  void SetUp() override {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = float(i % 37) - 11;
    shape = {64, 64, 8, 1, 64};
    reads(x);
    writes(y);
  }

  std::vector<float> expected() const {
    std::vector<float> sums(64);
    for (size_t i = 0; i < x.size(); ++i)
      sums[i / 128] += x[i];
    return sums;
  }

  std::vector<float> x = std::vector<float>(64 * 128), y = std::vector<float>(64);
};

TEST_F(Mutations, WithoutOneTheSumsAreRight) {
  EXPECT_TRUE(run(columnSums).ok());
  EXPECT_EQ(y, expected());
}

// Whatever the fault: a finding, or a wrong sum. Every fault here changes what the kernel means.
TEST_F(Mutations, EachIsNoticed) {
  std::set<std::string> faults;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    options.mutation = seed;
    std::fill(y.begin(), y.end(), -1.f);
    Result<std::unique_ptr<Program>> program = Program::load(ByteView(std::string_view(columnSums)), options);
    ASSERT_TRUE(program.ok()) << program.status().message();
    std::string fault = (*program)->mutation();
    if (!faults.insert(fault).second)
      continue;
    Result<const Kernel *> kernel = (*program)->kernel("k");
    ASSERT_TRUE(kernel.ok()) << kernel.status().message();
    Result<Report> report = launcher.launch(**kernel, shape, operands, options);
    ASSERT_TRUE(report.ok()) << report.status().message();
    EXPECT_TRUE(!report->ok() || y != expected()) << fault;
    if (fault.rfind("drop a barrier", 0) == 0)
      EXPECT_TRUE(report->has(FindingKind::SharedRace)) << report->text();
  }
  // 1 barrier, 4 indices, 2 bounds to widen or narrow, 5 shuffles, 1 zero, 6 masks.
  EXPECT_GE(faults.size(), 20u);
}

TEST_F(Mutations, ASeedSaysWhichOne) {
  options.mutation = 5;
  std::string first, second;
  for (std::string *text : {&first, &second}) {
    Result<std::unique_ptr<Program>> program = Program::load(ByteView(std::string_view(columnSums)), options);
    ASSERT_TRUE(program.ok());
    *text = (*program)->mutation();
  }
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, second);
}

} // namespace
} // namespace archrt::emu
