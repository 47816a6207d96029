//===- KernelFixture.h - Runs a kernel written as LLVM IR -----------------===//

#ifndef ARCHC_TEST_TOOLS_EMU_KERNELFIXTURE_H
#define ARCHC_TEST_TOOLS_EMU_KERNELFIXTURE_H

#include "tools/emu/Launch.h"
#include "tools/emu/Program.h"

#include "gtest/gtest.h"

#include <memory>
#include <string>
#include <vector>

namespace archrt::emu {

/// Declarations that most kernels use.
inline std::string withIntrinsics(const std::string &body) {
  return R"(target triple = "nvptx64-nvidia-cuda"
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.laneid()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare float @llvm.nvvm.shfl.sync.bfly.f32(i32, float, i32, i32)
declare float @llvm.nvvm.shfl.sync.down.f32(i32, float, i32, i32)
declare float @llvm.nvvm.shfl.sync.up.f32(i32, float, i32, i32)
declare float @llvm.nvvm.shfl.sync.idx.f32(i32, float, i32, i32)
declare i32 @llvm.nvvm.shfl.sync.idx.i32(i32, i32, i32, i32)
declare i1 @llvm.nvvm.vote.any.sync(i32, i1)
declare i1 @llvm.nvvm.vote.all.sync(i32, i1)
declare i32 @llvm.nvvm.vote.ballot.sync(i32, i1)
declare i32 @llvm.nvvm.activemask()
declare float @llvm.fma.f32(float, float, float)
declare void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3), ptr addrspace(1))
declare void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3), ptr addrspace(1))
declare void @llvm.nvvm.cp.async.commit.group()
declare void @llvm.nvvm.cp.async.wait.group(i32)
)" + body;
}

/// `text` with the first `from` replaced; seeds a bug.
inline std::string changed(std::string text, const std::string &from, const std::string &to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "no `" << from << "`";
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class KernelTest : public ::testing::Test {
protected:
  LaunchShape shape{1, 32, 0, 1, 0};
  EmulatorOptions options;

  template <typename T> void reads(std::vector<T> &values) { add(values, false); }
  template <typename T> void writes(std::vector<T> &values) { add(values, true); }

  /// Runs the kernel `k` of the module.
  Report run(const std::string &module) {
    Result<std::unique_ptr<Program>> program = Program::load(ByteView(std::string_view(module)), options);
    if (!program.ok()) {
      ADD_FAILURE() << program.status().message();
      return Report();
    }
    Result<const Kernel *> kernel = (*program)->kernel("k");
    if (!kernel.ok()) {
      ADD_FAILURE() << kernel.status().message();
      return Report();
    }
    Result<Report> report = launcher.launch(**kernel, shape, operands, options);
    if (!report.ok()) {
      ADD_FAILURE() << report.status().message();
      return Report();
    }
    return report.take();
  }

  /// The finding, when it is the only one.
  static Finding only(const Report &report) {
    EXPECT_EQ(report.findings.size(), 1u) << report.text();
    return report.findings.empty() ? Finding() : report.findings.front();
  }

  std::vector<LaunchOperand> operands;
  Launcher launcher;

private:
  template <typename T> void add(std::vector<T> &values, bool isWritten) {
    operands.push_back({reinterpret_cast<uint64_t>(values.data()), values.size() * sizeof(T), isWritten});
  }
};

} // namespace archrt::emu

#endif // ARCHC_TEST_TOOLS_EMU_KERNELFIXTURE_H
