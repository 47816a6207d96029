//===- BarrierTest.cpp - Shared memory, barriers and warps on the emulator ===//

#include "test/tools/emu/KernelFixture.h"

#include <numeric>

namespace archrt::emu {
namespace {

/// The block's threads turn their part of x round through shared memory: y[i] = x[last - i].
const std::string reverse = withIntrinsics(R"(
@buffer = external addrspace(3) global [0 x float], align 16
define ptx_kernel void @k(ptr addrspace(1) %x, ptr addrspace(1) %y, i64 %batch, i64 %extent) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %n = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %px = getelementptr float, ptr addrspace(1) %x, i32 %t
  %v = load float, ptr addrspace(1) %px, align 4
  %ps = getelementptr float, ptr addrspace(3) @buffer, i32 %t
  store float %v, ptr addrspace(3) %ps, align 4
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %last = sub i32 %n, 1
  %r = sub i32 %last, %t
  %pr = getelementptr float, ptr addrspace(3) @buffer, i32 %r
  %w = load float, ptr addrspace(3) %pr, align 4
  %py = getelementptr float, ptr addrspace(1) %y, i32 %t
  store float %w, ptr addrspace(1) %py, align 4
  ret void
}
)");

class SharedMemory : public KernelTest {
protected:
  void SetUp() override {
    std::iota(x.begin(), x.end(), 0.f);
    shape = {1, 128, 512, 1, 128};
    reads(x);
    writes(y);
  }
  std::vector<float> x = std::vector<float>(128), y = std::vector<float>(128, -1.f);
};

TEST_F(SharedMemory, BarrierPassesValues) {
  for (uint64_t seed : {0, 1, 2}) {
    options.seed = seed;
    Report report = run(reverse);
    EXPECT_TRUE(report.ok()) << report.text();
    for (size_t i = 0; i < y.size(); ++i)
      EXPECT_EQ(y[i], x[127 - i]) << i;
  }
}

TEST_F(SharedMemory, MissingBarrierIsFound) {
  Report report = run(changed(reverse, "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)", ""));
  EXPECT_TRUE(report.has(FindingKind::SharedRace)) << report.text();
  // The threads of the second half read what the first half wrote; those of the first what is not there yet.
  EXPECT_TRUE(report.has(FindingKind::Uninitialised)) << report.text();
}

TEST_F(SharedMemory, WriteAfterReadWithoutBarrierIsFound) {
  std::string again = changed(reverse, "ret void", "store float %w, ptr addrspace(3) %ps, align 4\n  ret void");
  Report report = run(again);
  // Which of the two comes first depends on the thread.
  ASSERT_EQ(report.findings.size(), 2u) << report.text();
  EXPECT_EQ(report.findings[0].kind, FindingKind::SharedRace);
  EXPECT_EQ(report.findings[0].instruction, "load of 4 bytes");
  EXPECT_EQ(report.findings[1].kind, FindingKind::SharedRace);
  EXPECT_EQ(report.findings[1].instruction, "store of 4 bytes");
}

// A barrier of the warp orders its lanes, not those of other warps.
TEST_F(SharedMemory, WarpBarrierOrdersLanesOfAWarpOnly) {
  std::string warp =
      changed(reverse, "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)", "call void @llvm.nvvm.bar.warp.sync(i32 -1)");
  EXPECT_TRUE(run(warp).has(FindingKind::SharedRace));
  shape = {1, 32, 128, 1, 32};
  Report report = run(warp);
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(y[0], x[31]);
}

TEST_F(SharedMemory, AccessBehindTheLaunchsBytesIsFound) {
  shape.sharedBytes = 508;
  Finding finding = only(run(reverse));
  EXPECT_EQ(finding.kind, FindingKind::OutOfBounds);
  EXPECT_EQ(finding.thread, 127u);
}

TEST_F(SharedMemory, MissingInitialisationIsFound) {
  shape.threads = 64;
  std::string ahead = changed(reverse, "%r = sub i32 %last, %t", "%r = add i32 %last, %t");
  Report report = run(ahead);
  EXPECT_EQ(only(report).kind, FindingKind::Uninitialised);
}

// What one block wrote is gone for the next.
TEST_F(SharedMemory, NothingIsInheritedFromTheBlockBefore) {
  shape.blocks = 2;
  options.threads = 1;
  std::string firstOnly = changed(reverse, "store float %v, ptr addrspace(3) %ps, align 4",
                                  "%b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()\n  %is = icmp eq i32 %b, 0\n"
                                  "  br i1 %is, label %put, label %go\nput:\n  store float %v, ptr addrspace(3) %ps, align 4\n"
                                  "  br label %go\ngo:");
  Report report = run(firstOnly);
  EXPECT_TRUE(report.has(FindingKind::Uninitialised)) << report.text();
}

TEST_F(SharedMemory, BarrierUnderDivergenceIsFound) {
  std::string divergent = changed(reverse, "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)",
                                  "%is = icmp ult i32 %t, 16\n  br i1 %is, label %wait, label %go\nwait:\n"
                                  "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n  br label %go\ngo:");
  Report report = run(divergent);
  EXPECT_TRUE(report.has(FindingKind::DivergentBarrier)) << report.text();
  std::string twoPlaces = changed(reverse, "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)",
                                  "%is = icmp ult i32 %t, 16\n  br i1 %is, label %one, label %two\none:\n"
                                  "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n  br label %go\ntwo:\n"
                                  "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n  br label %go\ngo:");
  EXPECT_EQ(only(run(twoPlaces)).kind, FindingKind::DivergentBarrier);
}

TEST_F(SharedMemory, MisalignedVectorIsFound) {
  std::string vector = changed(reverse, "store float %v, ptr addrspace(3) %ps, align 4",
                               "%two = insertelement <2 x float> zeroinitializer, float %v, i32 0\n"
                               "  store <2 x float> %two, ptr addrspace(3) %ps, align 8");
  EXPECT_EQ(only(run(vector)).kind, FindingKind::Misaligned);
}

// Halves next to each other in one word belong to different threads.
TEST_F(SharedMemory, NeighboursWithinAWordAreNoRace) {
  std::string bytes = changed(reverse, "store float %v, ptr addrspace(3) %ps, align 4",
                              "store float %v, ptr addrspace(3) %ps, align 4\n"
                              "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n"
                              "  %h = fptosi float %v to i16\n  %ph = getelementptr i16, ptr addrspace(3) @buffer, i32 %t\n"
                              "  store i16 %h, ptr addrspace(3) %ph, align 2");
  Report report = run(bytes);
  EXPECT_TRUE(report.ok()) << report.text();
}

TEST_F(SharedMemory, CountersSeeBankConflicts) {
  options.counters = true;
  shape = {1, 32, 4096, 1, 32};
  EXPECT_EQ(run(reverse).counters.sharedWavefronts, 2u);
  std::string strided = changed(reverse, "%ps = getelementptr float, ptr addrspace(3) @buffer, i32 %t",
                                "%far = mul i32 %t, 32\n  %ps = getelementptr float, ptr addrspace(3) @buffer, i32 %far");
  MemoryCounters counters = run(strided).counters;
  EXPECT_EQ(counters.sharedWavefronts, 33u);
  EXPECT_EQ(counters.sharedIdealWavefronts, 2u);
}

// What threads pass through an operand needs a barrier as much.
TEST_F(SharedMemory, ValuesPassedThroughAnOperandNeedABarrier) {
  std::string through = changed(reverse, "%w = load float, ptr addrspace(3) %pr, align 4",
                                "%pz = getelementptr float, ptr addrspace(1) %y, i32 %t\n"
                                "  store float %v, ptr addrspace(1) %pz, align 4\n"
                                "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n"
                                "  %pq = getelementptr float, ptr addrspace(1) %y, i32 %r\n"
                                "  %w = load float, ptr addrspace(1) %pq, align 4\n"
                                "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)");
  Report report = run(through);
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(y[0], x[127]);
  size_t last = through.rfind("call void @llvm.nvvm.barrier");
  std::string writeAfterRead = through;
  report = run(writeAfterRead.replace(last, through.find('\n', last) - last, ""));
  EXPECT_TRUE(report.has(FindingKind::GlobalRace)) << report.text();
  size_t middle = through.rfind("call void @llvm.nvvm.barrier", last - 1);
  std::string readAfterWrite = through;
  report = run(readAfterWrite.replace(middle, through.find('\n', middle) - middle, ""));
  EXPECT_TRUE(report.has(FindingKind::GlobalRace)) << report.text();
}

// A word that one lane writes may be read by all of its warp behind the warp's barrier, and written again behind the next.
TEST_F(SharedMemory, WarpBarrierOrdersWhatPassesThroughAnOperand) {
  const std::string sync = "  call void @llvm.nvvm.bar.warp.sync(i32 -1)\n";
  std::string through = changed(reverse, "%w = load float, ptr addrspace(3) %pr, align 4",
                                "%pz = getelementptr float, ptr addrspace(1) %y, i32 %t\n"
                                "  store float %v, ptr addrspace(1) %pz, align 4\n" +
                                    sync + "  %w = load float, ptr addrspace(1) %y, align 4\n" + sync);
  shape = {1, 32, 4096, 1, 32};
  Report report = run(through);
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(y[31], x[0]);
  report = run(through.erase(through.find(sync), sync.size()));
  EXPECT_TRUE(report.has(FindingKind::GlobalRace)) << report.text();
}

// --- Warps ---

/// y[t] = the sum over the warp, by a butterfly of shuffles.
const std::string sum = withIntrinsics(R"(
define ptx_kernel void @k(ptr addrspace(1) %x, ptr addrspace(1) %y, i64 %batch, i64 %extent) {
entry:
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %px = getelementptr float, ptr addrspace(1) %x, i32 %t
  %v = load float, ptr addrspace(1) %px, align 4
  br label %loop
loop:
  %by = phi i32 [ 16, %entry ], [ %half, %loop ]
  %acc = phi float [ %v, %entry ], [ %next, %loop ]
  %other = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %acc, i32 %by, i32 31)
  %next = fadd float %acc, %other
  %half = lshr i32 %by, 1
  %more = icmp ne i32 %half, 0
  br i1 %more, label %loop, label %end
end:
  %py = getelementptr float, ptr addrspace(1) %y, i32 %t
  store float %next, ptr addrspace(1) %py, align 4
  ret void
}
)");

using Warps = SharedMemory;

TEST_F(Warps, ButterflySums) {
  Report report = run(sum);
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(y[0], 496.f);
  EXPECT_EQ(y[33], 496.f + 32 * 32);
}

/// Puts `call` in the place of the loop's shuffle and takes its value alone.
std::string oneShuffle(const std::string &call) {
  std::string one =
      changed(sum, "%other = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %acc, i32 %by, i32 31)", "%other = " + call);
  return changed(changed(one, "fadd float %acc, %other", "fadd float %other, 0.0"), "icmp ne i32 %half, 0", "icmp ne i32 0, 0");
}

TEST_F(Warps, ShufflesClampAsPtxSays) {
  run(oneShuffle("call float @llvm.nvvm.shfl.sync.down.f32(i32 -1, float %acc, i32 3, i32 31)"));
  EXPECT_EQ(y[5], 8.f);
  EXPECT_EQ(y[30], 30.f);
  run(oneShuffle("call float @llvm.nvvm.shfl.sync.up.f32(i32 -1, float %acc, i32 3, i32 0)"));
  EXPECT_EQ(y[5], 2.f);
  EXPECT_EQ(y[1], 1.f);
  // Segments of 8 lanes: mask 24 in bits 8 to 12.
  run(oneShuffle("call float @llvm.nvvm.shfl.sync.idx.f32(i32 -1, float %acc, i32 1, i32 6175)"));
  EXPECT_EQ(y[5], 1.f);
  EXPECT_EQ(y[21], 17.f);
}

TEST_F(Warps, WrongShuffleMaskIsFound) {
  Report report = run(changed(sum, "shfl.sync.bfly.f32(i32 -1,", "shfl.sync.bfly.f32(i32 65535,"));
  EXPECT_TRUE(report.has(FindingKind::LaneOutsideMask)) << report.text();
}

TEST_F(Warps, LaneThatReadsOutsideTheMaskIsFound) {
  shape.threads = 32;
  std::string half =
      changed(sum, "br label %loop\nloop:", "%low = icmp ult i32 %t, 16\n  br i1 %low, label %loop, label %end\nloop:");
  half = changed(half, "i32 -1, float %acc", "i32 65535, float %acc");
  half = changed(half, "end:", "end:\n  %out = phi float [ %v, %entry ], [ %next, %loop ]");
  half = changed(half, "store float %next", "store float %out");
  Finding finding = only(run(half));
  EXPECT_EQ(finding.kind, FindingKind::LaneOutsideMask);
  Report fits = run(changed(half, "phi i32 [ 16,", "phi i32 [ 8,"));
  EXPECT_TRUE(fits.ok()) << fits.text();
  EXPECT_EQ(y[3], 120.f);
  EXPECT_EQ(y[20], 20.f);
}

TEST_F(Warps, FullMaskInADivergentBranchIsFound) {
  std::string divergent =
      changed(sum, "br label %loop\nloop:", "%low = icmp ult i32 %t, 16\n  br i1 %low, label %loop, label %end\nloop:");
  divergent = changed(divergent, "end:", "end:\n  %out = phi float [ %v, %entry ], [ %next, %loop ]");
  Report report = run(changed(divergent, "store float %next", "store float %out"));
  EXPECT_TRUE(report.has(FindingKind::DivergentCollective)) << report.text();
}

TEST_F(Warps, VotesAndActiveMask) {
  std::string votes = oneShuffle(R"(fadd float %acc, 0.0
  %odd32 = and i32 %t, 1
  %odd = icmp eq i32 %odd32, 1
  %ballot = call i32 @llvm.nvvm.vote.ballot.sync(i32 -1, i1 %odd)
  %any = call i1 @llvm.nvvm.vote.any.sync(i32 -1, i1 %odd)
  %all = call i1 @llvm.nvvm.vote.all.sync(i32 -1, i1 %odd)
  %a = select i1 %any, i32 1, i32 0
  %b = select i1 %all, i32 2, i32 0
  %ab = or i32 %a, %b
  %is = icmp eq i32 %ballot, -1431655766
  %c = select i1 %is, i32 4, i32 0
  %abc = or i32 %ab, %c
  %vote = uitofp i32 %abc to float)");
  Report report = run(changed(votes, "fadd float %other, 0.0", "fadd float %vote, 0.0"));
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(y[0], 5.f);
  std::string active = changed(oneShuffle(R"(fadd float %acc, 0.0
  %low = icmp ult i32 %t, 8
  br i1 %low, label %ask, label %on
ask:
  %mask = call i32 @llvm.nvvm.activemask()
  br label %on
on:
  %m = phi i32 [ 1, %loop ], [ %mask, %ask ]
  %vote = uitofp i32 %m to float)"),
                               "fadd float %other, 0.0", "fadd float %vote, 0.0");
  active = changed(active, "label %loop, label %end", "label %end, label %end");
  active = changed(changed(active, "[ %half, %loop ]", "[ %half, %on ]"), "[ %next, %loop ]", "[ %next, %on ]");
  report = run(changed(active, "label %end, label %end", "label %loop, label %end"));
  EXPECT_TRUE(report.ok()) << report.text();
  EXPECT_EQ(y[0], 255.f);
  EXPECT_EQ(y[9], 1.f);
}

} // namespace
} // namespace archrt::emu
